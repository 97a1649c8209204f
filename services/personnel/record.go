package personnel

import (
	"context"
	"errors"
	"net/http"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

var (
	errRecordNotFound = web.Fail(http.StatusNotFound, "This personnel record does not exist.")
	errTaken          = web.Fail(http.StatusConflict, "This army number is already in use in this database.")
)

// create is POST /personnels.
func (s *service) create(ctx context.Context, r *web.Request) (*web.Answer, error) {
	patch, err := web.Decode(r, web.Whole, readRecord)
	if err != nil {
		return nil, err
	}
	record := newRecord(patch, s.Now())
	if err := r.CheckAccess(record.DBID); err != nil {
		return nil, err
	}
	taken, err := s.Store.Create(ctx, []office.Personnel{record})
	if err != nil {
		return nil, err
	}
	if len(taken) > 0 {
		return nil, errTaken
	}
	return web.Created("The record is created.", record)
}

func newRecord(patch office.PersonnelPatch, now time.Time) office.Personnel {
	record := office.Personnel{
		ID: office.NewID(), Status: office.StatusActive, CreatedAt: now, UpdatedAt: now,
	}
	patch.Apply(&record)
	return record
}

// get is GET /personnels/{id}.
func (s *service) get(ctx context.Context, r *web.Request) (*web.Answer, error) {
	record, err := s.Store.Get(ctx, r.Caller.Scope(), r.ID)
	if err != nil {
		return nil, asRecordError(err)
	}
	return web.OK("The record.", record)
}

// update is PATCH /personnels/{id}.
func (s *service) update(ctx context.Context, r *web.Request) (*web.Answer, error) {
	patch, err := web.Decode(r, web.Partial, readChange)
	if err != nil {
		return nil, err
	}
	record, err := s.applyPatch(ctx, r, patch)
	if err != nil {
		return nil, asRecordError(err)
	}
	return web.OK("The record is changed.", record)
}

// applyPatch makes the change, if it changes anything. A caller who may not see
// the record learns nothing of it from a forbidden destination: he gets the
// same 404 with or without one.
func (s *service) applyPatch(ctx context.Context, r *web.Request, patch office.PersonnelPatch) (office.Personnel, error) {
	scope := r.Caller.Scope()
	if patch.IsEmpty() {
		return s.Store.Get(ctx, scope, r.ID)
	}
	if patch.DBID != nil && !scope.Allows(*patch.DBID) {
		if _, err := s.Store.Get(ctx, scope, r.ID); err != nil {
			return office.Personnel{}, err
		}
		return office.Personnel{}, r.CheckAccess(*patch.DBID)
	}
	if err := s.dropEmptySortCode(ctx, scope, r.ID, &patch); err != nil {
		return office.Personnel{}, err
	}
	return s.Store.Update(ctx, scope, r.ID, patch, s.Now())
}

// dropEmptySortCode leaves an empty sort code out of a change: records of the
// old backend may have none, and the frontend sends every field again. A
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

// delete is DELETE /personnels/{id}.
func (s *service) delete(ctx context.Context, r *web.Request) (*web.Answer, error) {
	deleted, err := s.remove(ctx, r, []office.ID{r.ID}, "target", r.ID.Hex())
	if err != nil {
		return nil, err
	}
	if len(deleted) == 0 {
		return nil, errRecordNotFound
	}
	r.Audit("personnel deleted", "target", r.ID.Hex())
	return web.OK("The record is deleted.", nil)
}

// remove deletes records. A deletion that fails is in the log too, with attrs: it may
// have been made all the same, and then the same call finds nothing to delete and
// logs nothing.
func (s *service) remove(ctx context.Context, r *web.Request, ids []office.ID, attrs ...any) ([]office.ID, error) {
	deleted, err := s.Store.Delete(ctx, r.Caller.Scope(), ids, s.Now())
	if err != nil {
		r.Audit("personnel deletion failed", attrs...)
	}
	return deleted, err
}

// asRecordError turns the general errors of the store into those of a record.
func asRecordError(err error) error {
	switch {
	case errors.Is(err, office.ErrNotFound):
		return errRecordNotFound
	case errors.Is(err, office.ErrArmyNumberTaken):
		return errTaken
	}
	return err
}
