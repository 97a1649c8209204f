package admin

import (
	"errors"
	"net/http"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// deleteTimeout is how long the deletion of a database may take: it may hold
// a million records.
const deleteTimeout = 2 * time.Minute

func readNewDB(f *web.Form) office.DB {
	return office.DB{
		Name:        f.Text("name", office.Name),
		ShortCode:   f.Text("short_code", office.Code),
		Description: f.OptionalText("description", office.Note),
	}
}

func readDBPatch(f *web.Form) office.DBPatch {
	return office.DBPatch{
		Name:        f.Required("name", office.Name),
		ShortCode:   f.Required("short_code", office.Code),
		Description: f.Optional("description", office.Note),
	}
}

func (s *service) createDB(w http.ResponseWriter, r *http.Request, _ token.Caller) error {
	db, err := web.Decode(r, web.Whole, readNewDB)
	if err != nil {
		return err
	}
	db.ID, db.CreatedAt = office.NewID(), s.Now()
	if err := s.Store.CreateDB(r.Context(), db); err != nil {
		return err
	}
	web.Audit(r.Context(), "database created", "target", db.ID.Hex())
	return web.Created(w, "The database is created.", db)
}

// listDBs shows a user only the databases that he is allowed.
func (s *service) listDBs(w http.ResponseWriter, r *http.Request, caller token.Caller) error {
	page, words, err := web.ReadList(r.URL.Query())
	if err != nil {
		return err
	}
	dbs, total, err := s.Store.DBs(r.Context(),
		DBQuery{Scope: caller.Scope(), Words: words, Offset: page.Offset(), Limit: page.Limit})
	if err != nil {
		return err
	}
	return web.OK(w, "The databases.", web.NewList(dbs, page, total))
}

func (s *service) updateDB(w http.ResponseWriter, r *http.Request, _ token.Caller) error {
	id, err := web.PathID(r, "id")
	if err != nil {
		return err
	}
	patch, err := web.Decode(r, web.Partial, readDBPatch)
	if err != nil {
		return err
	}
	db, err := s.Store.UpdateDB(r.Context(), id, patch)
	if err != nil {
		return err
	}
	web.Audit(r.Context(), "database changed", "target", id.Hex())
	return web.OK(w, "The database is changed.", db)
}

func (s *service) deleteDB(w http.ResponseWriter, r *http.Request, _ token.Caller) error {
	id, err := web.PathID(r, "id")
	if err != nil {
		return err
	}
	deleted, err := s.Store.DeleteDB(r.Context(), id)
	if err != nil {
		if !errors.Is(err, office.ErrDBNotFound) { // some of it may be gone
			web.Audit(r.Context(), "database deletion failed", "target", id.Hex())
		}
		return err
	}
	web.Audit(r.Context(), "database deleted", "target", id.Hex(), "personnel", deleted)
	return web.OK(w, "The database and all its personnel are deleted.", map[string]int{"deleted_personnel": deleted})
}
