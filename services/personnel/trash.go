package personnel

import (
	"context"
	"errors"
	"net/http"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// trash is GET /personnels/db/{db_id}/trash: the deleted records of a database.
func (s *service) trash(ctx context.Context, r *web.Request) (*web.Answer, error) {
	if err := s.requireDB(ctx, r, r.ID); err != nil {
		return nil, err
	}
	page, words, err := web.ReadList(r.Query)
	if err != nil {
		return nil, err
	}
	records, total, err := s.Store.Trash(ctx, TrashQuery{DB: r.ID, Words: words, Offset: page.Offset(), Limit: page.Limit})
	if err != nil {
		return nil, err
	}
	deleted := make([]recordWith, len(records))
	for i, record := range records {
		deleted[i] = recordWith{record.Personnel, map[string]any{"deleted_at": record.DeletedAt}}
		if by := record.DeletedBy(); by != (office.Author{}) {
			deleted[i].more["deleted_by"] = by
		}
	}
	return web.OK("The deleted personnel.", web.NewList(deleted, page, total))
}

// restore is POST /personnels/restore/{id}.
func (s *service) restore(ctx context.Context, r *web.Request) (*web.Answer, error) {
	edit, err := s.editIfMatch(r)
	if err != nil {
		return nil, err
	}
	record, entry, err := s.Store.Restore(ctx, r.Caller.Scope(), r.ID, edit)
	switch {
	case errors.Is(err, office.ErrStale):
		return stale(record.Answered()), nil
	case errors.Is(err, office.ErrArmyNumberTaken):
		return nil, s.takenByPatch(ctx, r, office.PersonnelPatch{})
	case err != nil:
		return nil, asRecordError(err)
	case entry.Revision == 0:
		return answer(http.StatusOK, "The record is not deleted.", record.Answered()), nil
	}
	r.Audit("personnel restored", "target", record.ID.Hex(), "database", record.DBID.Hex())
	return answer(http.StatusOK, "The record is restored.", record.Answered()), nil
}
