package personnel

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// create is POST /personnels.
func (s *service) create(ctx context.Context, r *web.Request) (*web.Answer, error) {
	patch, err := web.Decode(r, web.Whole, readRecord)
	if err != nil {
		return nil, err
	}
	edit := s.edit(r)
	record := newRecord(patch, edit.At)
	if err := r.CheckAccess(record.DBID); err != nil {
		return nil, err
	}
	taken, err := s.Store.Create(ctx, []office.Personnel{record}, edit)
	if err != nil {
		return nil, err
	}
	if len(taken) > 0 {
		return nil, s.numberTaken(ctx, record)
	}
	r.Audit("personnel created", "target", record.ID.Hex(), "database", record.DBID.Hex())
	return s.answerWithWarnings(ctx, r, http.StatusCreated, "The record is created.", record, nil), nil
}

func recordAnswer(status int, message string, record office.RecordJSON) *web.Answer {
	return &web.Answer{Status: status, Message: message, Data: record, Header: map[string]string{"ETag": web.ETag(record.Revision())}}
}

// numberTaken is the 409 for a record whose army number is taken. It says which record has it.
func (s *service) numberTaken(ctx context.Context, record office.Personnel) error {
	refused := web.Fail(http.StatusConflict, "This army number is already in use in this database.")
	holders, err := s.Store.WithNumbers(ctx, record.DBID, []string{record.ArmyNumber})
	if err == nil && len(holders) > 0 {
		holder := holders[0]
		refused.Data = map[string]any{"conflict": map[string]any{
			"id": holder.ID, "army_number": holder.ArmyNumber, "first_name": holder.FirstName, "last_name": holder.LastName,
		}}
	}
	return refused
}

func newRecord(patch office.PersonnelPatch, now time.Time) office.Personnel {
	record := office.Personnel{ID: office.NewID(), Status: office.StatusActive, CreatedAt: now, UpdatedAt: now, Revision: 1}
	patch.Apply(&record)
	return record
}

// get is GET /personnels/{id}.
func (s *service) get(ctx context.Context, r *web.Request) (*web.Answer, error) {
	record, err := s.Store.Get(ctx, r.Caller.Scope(), r.ID)
	if err != nil {
		return nil, err
	}
	return recordAnswer(http.StatusOK, "The record.", record), nil
}

// update is PATCH /personnels/{id}.
func (s *service) update(ctx context.Context, r *web.Request) (*web.Answer, error) {
	patch, patchErr := web.Decode(r, web.Partial, readChange)
	edit, matchErr := s.editIfMatch(r)
	if err := cmp.Or(patchErr, matchErr); err != nil {
		return nil, err
	}
	if err := s.checkPatch(ctx, r, &patch); err != nil {
		return nil, err
	}
	record, entry, err := s.Store.Update(ctx, r.Caller.Scope(), r.ID, patch, edit)
	if err != nil {
		return s.refused(ctx, record, err)
	}
	fields := fieldsOf(entry.Changes)
	if len(fields) > 0 {
		r.Audit("personnel changed", "target", record.ID.Hex(), "database", record.DBID.Hex(), "fields", fields)
	}
	return s.answerWithWarnings(ctx, r, http.StatusOK, "The record is changed.", record, fields), nil
}

// edit is who changes records, and when.
func (s *service) edit(r *web.Request) office.Edit {
	return office.Edit{By: r.Caller.Author(), At: s.Now()}
}

// editIfMatch is edit, limited to the revisions that If-Match names if the client sends it.
func (s *service) editIfMatch(r *web.Request) (edit office.Edit, err error) {
	edit = s.edit(r)
	edit.IfMatch, err = r.IfMatch()
	return edit, err
}

// stale is the 412 for a change of a record that has changed since the client read it.
func stale(record office.RecordJSON) *web.Answer {
	return recordAnswer(http.StatusPreconditionFailed, "This record has been changed since you read it. Please look at it again.", record)
}

// refused is the answer when the store has not changed or restored the record.
func (s *service) refused(ctx context.Context, record office.Personnel, err error) (*web.Answer, error) {
	switch {
	case errors.Is(err, office.ErrStale):
		return stale(record.JSON()), nil
	case errors.Is(err, office.ErrArmyNumberTaken):
		err = s.numberTaken(ctx, record)
	}
	return nil, err
}

func fieldsOf(changes []office.Change) []string {
	return office.Convert(changes, func(c office.Change) string { return c.Field })
}

// checkPatch refuses to move the record to a database that the caller may not see. A caller
// who may not see the record itself gets a 404 whether or not the move is allowed. It also takes
// an empty sort code out of the patch: records of the old backend may have none, and the
// frontend sends every field again. A record that has one cannot lose it.
func (s *service) checkPatch(ctx context.Context, r *web.Request, patch *office.PersonnelPatch) error {
	scope := r.Caller.Scope()
	isForbidden := patch.DBID != nil && !scope.Allows(*patch.DBID)
	if !isForbidden && (patch.BankSortCode == nil || *patch.BankSortCode != "") {
		return nil
	}
	kept, err := s.Store.Get(ctx, scope, r.ID)
	switch {
	case err != nil:
		return err
	case isForbidden:
		return r.CheckAccess(*patch.DBID)
	}
	record, err := kept.Personnel()
	if err == nil && record.Bank.SortCode != "" {
		return web.Invalid("bank.sort_code", "must not be blank")
	}
	patch.BankSortCode = nil
	return err
}

// delete is DELETE /personnels/{id}.
func (s *service) delete(ctx context.Context, r *web.Request) (*web.Answer, error) {
	edit, err := s.editIfMatch(r)
	if err != nil {
		return nil, err
	}
	deleted, err := s.Store.Delete(ctx, r.Caller.Scope(), []office.ID{r.ID}, edit)
	if err != nil {
		r.Audit(deletionFailed, "target", r.ID.Hex())
		return nil, err
	}
	if len(deleted) > 0 {
		r.Audit("personnel deleted", "target", r.ID.Hex())
		return web.OK("The record is deleted.", nil)
	}
	record, err := s.Store.Get(ctx, r.Caller.Scope(), r.ID)
	if err == nil && edit.IfMatch == nil { // somebody has restored it since
		err = office.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return stale(record), nil
}

// deletionFailed is logged because a call that fails may have deleted records all the same:
// if it is repeated, it finds nothing to delete, and logs nothing.
const deletionFailed = "personnel deletion failed"

const idsField = "personnels_id"

// deleteStep is how many records the store deletes at a time, so that others can write in
// between. One log line has all their ids, and some collectors cut lines at 16 KB.
const deleteStep = 250

func readIDs(f *web.Form) web.IDList {
	list := f.IDs(idsField, maxRows, "records")
	if len(list.IDs)+len(list.Invalid) == 0 && len(f.Problems()) == 0 {
		f.Refuse(idsField, "must name at least one record")
	}
	return list
}

// bulkDelete is DELETE /personnels/bulk-delete: it deletes the listed records that the caller may see.
func (s *service) bulkDelete(ctx context.Context, r *web.Request) (*web.Answer, error) {
	list, err := web.Decode(r, web.Whole, readIDs)
	if err != nil {
		return nil, err
	}
	if len(list.Invalid) > 0 {
		refused := web.Invalid(idsField, "must hold ids of 24 hex digits only")
		refused.Data["invalid_ids"] = list.Invalid
		return nil, refused
	}
	edit, deleted, notFound := s.edit(r), 0, []office.ID{}
	for part := range slices.Chunk(list.IDs, deleteStep) {
		gone, err := s.Store.Delete(ctx, r.Caller.Scope(), part, edit)
		if err != nil {
			r.Audit(deletionFailed, "count", len(list.IDs))
			return nil, err
		}
		if len(gone) > 0 {
			r.Audit("personnel deleted", "count", len(gone), "targets", gone)
		}
		deleted, notFound = deleted+len(gone), append(notFound, without(part, gone)...)
	}
	data := map[string]any{"deleted": deleted, "not_found": notFound}
	if deleted == 0 {
		return nil, &web.Error{Status: http.StatusNotFound, Message: "None of these records exist.", Data: data}
	}
	return web.OK(countWere(deleted)+" deleted.", data)
}

// without takes the others out of ids. It compares every two, so both must be short.
func without(ids, others []office.ID) []office.ID {
	return slices.DeleteFunc(ids, func(id office.ID) bool { return slices.Contains(others, id) })
}
