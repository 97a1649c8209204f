package personnel

import (
	"cmp"
	"context"
	"iter"
	"net/http"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// trash is GET /personnels/db/{db_id}/trash: the deleted records of a database.
func (s *service) trash(ctx context.Context, r *web.Request) (*web.Answer, error) {
	page, words, listErr := web.ReadList(r.Query)
	if err := cmp.Or(s.Store.CheckDB(ctx, r.ID), listErr); err != nil {
		return nil, err
	}
	query := TrashQuery{DB: r.ID, Words: words, Offset: page.Offset(), Limit: min(page.Limit, streamStep)}
	records, total, err := s.Store.Trash(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case page.Limit > streamStep:
		return web.StreamPage("The deleted personnel.", page, &total, s.streamTrash(ctx, query, records, page.Limit))
	}
	return web.OK("The deleted personnel.", web.NewList(withDeletion(records), page, total))
}

// streamTrash reads at most limit deleted records, beginning with the given ones.
func (s *service) streamTrash(ctx context.Context, query TrashQuery, records []office.RecordWithHistory, limit int) iter.Seq2[[]recordWith, error] {
	return func(yield func([]recordWith, error) bool) {
		var err error
		for yield(withDeletion(records), err) && err == nil && len(records) > 0 && len(records) < limit {
			limit -= len(records)
			query.Offset, query.Limit, query.After = 0, min(limit, streamStep), records[len(records)-1].Personnel
			records, _, err = s.Store.Trash(ctx, query)
		}
	}
}

func withDeletion(records []office.RecordWithHistory) []recordWith {
	deleted := make([]recordWith, len(records))
	for i, record := range records {
		deleted[i] = recordWith{record.Personnel, map[string]any{"deleted_at": record.DeletedAt}}
		if by := record.DeletedBy(); by != (office.Author{}) {
			deleted[i].more["deleted_by"] = by
		}
	}
	return deleted
}

// restore is POST /personnels/restore/{id}.
func (s *service) restore(ctx context.Context, r *web.Request) (*web.Answer, error) {
	edit, err := s.editIfMatch(r)
	if err != nil {
		return nil, err
	}
	record, entry, err := s.Store.Restore(ctx, r.Caller.Scope(), r.ID, edit)
	if err != nil {
		return s.refused(ctx, record, err)
	}
	if entry.Revision == 0 {
		return recordAnswer(http.StatusOK, "The record is not deleted.", record.JSON()), nil
	}
	r.Audit("personnel restored", "target", record.ID.Hex(), "database", record.DBID.Hex())
	return recordAnswer(http.StatusOK, "The record is restored.", record.JSON()), nil
}
