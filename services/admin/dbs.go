package admin

import (
	"context"
	"errors"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

func readNewDB(f *web.Form) (db office.DB) {
	readDBPatch(f).Apply(&db)
	return db
}

func readDBPatch(f *web.Form) office.DBPatch {
	return office.DBPatch{
		Name:        f.Required("name", office.Name),
		ShortCode:   f.Required("short_code", office.Code),
		Description: f.Optional("description", office.Note),
	}
}

// createDB is POST /admin/dbs.
func (s *service) createDB(ctx context.Context, r *web.Request) (*web.Answer, error) {
	db, err := web.Decode(r, web.Whole, readNewDB)
	if err != nil {
		return nil, err
	}
	db.ID, db.CreatedAt = office.NewID(), office.Now()
	if err := s.Store.CreateDB(ctx, db); err != nil {
		return nil, err
	}
	r.Audit("database created", "target", db.ID.Hex())
	return web.Created("The database is created.", db)
}

// listDBs is GET /admin/dbs. A user sees only the databases in their allowed_dbs.
func (s *service) listDBs(ctx context.Context, r *web.Request) (*web.Answer, error) {
	page, words, err := web.ReadList(r.Query)
	if err != nil {
		return nil, err
	}
	dbs, total, err := s.Store.DBs(ctx,
		DBQuery{Scope: r.Caller.Scope(), Words: words, Offset: page.Offset(), Limit: page.Limit})
	if err != nil {
		return nil, err
	}
	return web.StreamPage("The databases.", page, &total, func(yield func([]office.DB, error) bool) {
		yield(dbs, nil)
	})
}

// updateDB is PATCH /admin/dbs/{id}.
func (s *service) updateDB(ctx context.Context, r *web.Request) (*web.Answer, error) {
	patch, err := web.Decode(r, web.Partial, readDBPatch)
	if err != nil {
		return nil, err
	}
	db, err := s.Store.UpdateDB(ctx, r.ID, patch)
	if err != nil {
		return nil, err
	}
	r.Audit("database changed", "target", r.ID.Hex())
	return web.OK("The database is changed.", db)
}

// deleteDB is DELETE /admin/dbs/{id}.
func (s *service) deleteDB(ctx context.Context, r *web.Request) (*web.Answer, error) {
	deleted, err := s.Store.DeleteDB(ctx, r.ID)
	if err != nil {
		if !errors.Is(err, office.ErrDBNotFound) { // some of it may be gone
			r.Audit("database deletion failed", "target", r.ID.Hex())
		}
		return nil, err
	}
	r.Audit("database deleted", "target", r.ID.Hex(), "personnel", deleted)
	return web.OK("The database and all its personnel are deleted.", map[string]int{"deleted_personnel": deleted})
}
