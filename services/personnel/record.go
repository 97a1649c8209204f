package personnel

import (
	"context"
	"errors"
	"net/http"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

var (
	errRecordNotFound = web.Fail(http.StatusNotFound, "This personnel record does not exist.")
	errTaken          = web.Fail(http.StatusConflict, "This army number is already in use in this database.")
)

func (s *service) create(w http.ResponseWriter, r *http.Request, caller token.Caller) error {
	patch, err := web.Decode(r, web.Whole, readRecord)
	if err != nil {
		return err
	}
	record := newRecord(patch, s.Now())
	if err := caller.CheckAccess(r.Context(), record.DBID); err != nil {
		return err
	}
	taken, err := s.Store.Create(r.Context(), []office.Personnel{record})
	if err != nil {
		return err
	}
	if len(taken) > 0 {
		return errTaken
	}
	return web.Created(w, "The record is created.", record)
}

func newRecord(patch office.PersonnelPatch, now time.Time) office.Personnel {
	record := office.Personnel{
		ID: office.NewID(), Status: office.StatusActive, CreatedAt: now, UpdatedAt: now,
	}
	patch.Apply(&record)
	return record
}

func (s *service) get(w http.ResponseWriter, r *http.Request, caller token.Caller) error {
	id, err := web.PathID(r, "id")
	if err != nil {
		return err
	}
	record, err := s.Store.Get(r.Context(), caller.Scope(), id)
	if err != nil {
		return asRecordError(err)
	}
	return web.OK(w, "The record.", record)
}

func (s *service) update(w http.ResponseWriter, r *http.Request, caller token.Caller) error {
	id, err := web.PathID(r, "id")
	if err != nil {
		return err
	}
	patch, err := web.Decode(r, web.Partial, readChange)
	if err != nil {
		return err
	}
	record, err := s.change(r, caller, id, patch)
	if err != nil {
		return asRecordError(err)
	}
	return web.OK(w, "The record is changed.", record)
}

// change makes the change, if it changes anything. A caller who may not see
// the record learns nothing of it from a forbidden destination: he gets the
// same 404 with or without one.
func (s *service) change(r *http.Request, caller token.Caller, id office.ID, patch office.PersonnelPatch) (office.Personnel, error) {
	ctx, scope := r.Context(), caller.Scope()
	if patch.IsEmpty() {
		return s.Store.Get(ctx, scope, id)
	}
	if patch.DBID != nil && !scope.Allows(*patch.DBID) {
		if _, err := s.Store.Get(ctx, scope, id); err != nil {
			return office.Personnel{}, err
		}
		return office.Personnel{}, caller.CheckAccess(r.Context(), *patch.DBID)
	}
	if err := s.dropEmptySortCode(ctx, scope, id, &patch); err != nil {
		return office.Personnel{}, err
	}
	return s.Store.Update(ctx, scope, id, patch, s.Now())
}

// dropEmptySortCode leaves an empty sort code out of a change: records of the
// former backend may have none, and the frontend sends every field again. A
// record that has one cannot lose it.
func (s *service) dropEmptySortCode(ctx context.Context, scope office.Scope, id office.ID, patch *office.PersonnelPatch) error {
	if patch.BankSortCode == nil || *patch.BankSortCode != "" {
		return nil
	}
	record, err := s.Store.Get(ctx, scope, id)
	if err == nil && record.Bank.SortCode != "" {
		return web.Invalid(web.FieldError{Field: "bank.sort_code", Message: "must not be blank"})
	}
	patch.BankSortCode = nil
	return err
}

func (s *service) delete(w http.ResponseWriter, r *http.Request, caller token.Caller) error {
	id, err := web.PathID(r, "id")
	if err != nil {
		return err
	}
	deleted, err := s.remove(r, caller, []office.ID{id}, "target", id.Hex())
	if err != nil {
		return err
	}
	if len(deleted) == 0 {
		return errRecordNotFound
	}
	web.Audit(r.Context(), "personnel deleted", "target", id.Hex())
	return web.OK(w, "The record is deleted.", nil)
}

// remove deletes records. A deletion that failed is in the log too, with what
// is given of it: it may have been made all the same, and then the same call
// finds nothing to delete and logs nothing.
func (s *service) remove(r *http.Request, caller token.Caller, ids []office.ID, attrs ...any) ([]office.ID, error) {
	deleted, err := s.Store.Delete(r.Context(), caller.Scope(), ids, s.Now())
	if err != nil {
		web.Audit(r.Context(), "personnel deletion failed", attrs...)
	}
	return deleted, err
}

// asRecordError says in the words of a record what the store says in general.
func asRecordError(err error) error {
	switch {
	case errors.Is(err, office.ErrNotFound):
		return errRecordNotFound
	case errors.Is(err, office.ErrArmyNumberTaken):
		return errTaken
	}
	return err
}
