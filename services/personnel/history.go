package personnel

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// history is GET /personnels/history/{id}: the entries of a record, live or deleted.
func (s *service) history(ctx context.Context, r *web.Request) (*web.Answer, error) {
	page, err := web.ReadPage(r.Query)
	if err != nil {
		return nil, err
	}
	scope := r.Caller.Scope()
	record, err := s.Store.GetWithHistory(ctx, scope, r.ID)
	if err != nil {
		return nil, err
	}
	visible := record.History.VisibleTo(scope)
	isTruncated, total := visible.IsTruncated(), len(visible)
	slices.Reverse(visible)
	part := visible[min(page.Offset(), total):min(page.Offset()+page.Limit, total)]
	return web.StreamPage("The history of the record.", page, &total, func(yield func([]office.Entry, error) bool) {
		yield(part, nil)
	}, fmt.Sprintf(`,"truncated":%t`, isTruncated))
}

// How much of the changes is in memory at a time.
const (
	changesStep  = 200     // records
	changesBytes = 1 << 20 // of their histories; the last one may exceed that
)

// changes is GET /personnels/db/{db_id}/changes: the records of a database that were last
// changed in a period, the last changed first, each with its entries from that period.
func (s *service) changes(ctx context.Context, r *web.Request) (*web.Answer, error) {
	wanted, wantedErr := readWantedEntries(r.Query, s.Now())
	page, pageErr := web.ReadPage(r.Query)
	if err := cmp.Or(s.Store.CheckDB(ctx, r.ID), wantedErr, pageErr); err != nil {
		return nil, err
	}
	wanted.scope = r.Caller.Scope()
	total := 0
	return web.StreamPage("What has changed.", page, &total, func(yield func([]entryOfRecord, error) bool) {
		last := office.Personnel{UpdatedAt: wanted.until}
		for {
			records, err := s.Store.Changed(ctx, r.ID, wanted.since, last, changesStep, changesBytes)
			var listed []entryOfRecord
			for _, record := range records {
				if entries := wanted.of(record); len(entries) > 0 {
					if total++; page.Offset() < total && total <= page.Offset()+page.Limit {
						listed = append(listed, entries...)
					}
				}
			}
			if !yield(listed, err) || err != nil || len(records) == 0 {
				return
			}
			last = records[len(records)-1].Personnel
		}
	})
}

// wantedEntries are those that a call asks for: at or after since, and before until.
type wantedEntries struct {
	since, until time.Time
	field        string // empty means any
	scope        office.Scope
}

// of are the wanted entries of a record, the newest first.
func (w wantedEntries) of(record office.RecordWithHistory) (entries []entryOfRecord) {
	for _, entry := range slices.Backward(record.History.VisibleTo(w.scope)) {
		isOfField := w.field == "" || slices.ContainsFunc(entry.Changes, func(c office.Change) bool { return c.IsOf(w.field) })
		if isOfField && !entry.At.Before(w.since) && entry.At.Before(w.until) {
			entries = append(entries, entryOfRecord{Entry: entry})
		}
	}
	if n := len(entries); n > 0 {
		entries[0].before = strings.TrimSuffix(string(record.JSON()), "}") + `,"entries":[`
		entries[n-1].after = "]}"
	}
	return entries
}

// readWantedEntries reads since, until and field. By default, the period is this month.
func readWantedEntries(params url.Values, now time.Time) (wantedEntries, error) {
	month, names := startOfMonth(now), append([]string{"any", office.FieldBank}, fieldsOf(office.Personnel{}.Fields())...)
	since, sinceErr := readTime(params, "since", month)
	until, untilErr := readTime(params, "until", month.AddDate(0, 1, 0))
	field, fieldErr := web.ReadChoice("field", params.Get("field"), names)
	if field == "any" {
		field = ""
	}
	return wantedEntries{since: since, until: until, field: field}, cmp.Or(sinceErr, untilErr, fieldErr)
}

func readTime(params url.Values, name string, fallback time.Time) (time.Time, error) {
	text := strings.TrimSpace(params.Get(name))
	if text == "" {
		return fallback, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, web.Invalid(name, "must be a time such as 2026-11-01T00:00:00Z")
	}
	return at.UTC(), nil
}

// trash is GET /personnels/db/{db_id}/trash: the deleted records of a database.
func (s *service) trash(ctx context.Context, r *web.Request) (*web.Answer, error) {
	page, words, listErr := web.ReadList(r.Query)
	if err := cmp.Or(s.Store.CheckDB(ctx, r.ID), listErr); err != nil {
		return nil, err
	}
	query := TrashQuery{DB: r.ID, Words: words, Offset: page.Offset(), Limit: min(page.Limit, streamStep)}
	records, total, err := s.Store.Trash(ctx, query)
	if err != nil {
		return nil, err
	}
	if page.Limit > streamStep {
		return web.StreamPage("The deleted personnel.", page, &total, s.streamTrash(ctx, query, records, page.Limit))
	}
	return web.OK("The deleted personnel.", web.NewList(office.Convert(records, withDeletion), page, total))
}

// streamTrash reads at most limit deleted records, beginning with the given ones.
func (s *service) streamTrash(ctx context.Context, query TrashQuery, records []office.RecordWithHistory, limit int) iter.Seq2[[]recordWith, error] {
	return func(yield func([]recordWith, error) bool) {
		var err error
		for yield(office.Convert(records, withDeletion), err) && err == nil && len(records) > 0 && len(records) < limit {
			limit -= len(records)
			query.Offset, query.Limit, query.After = 0, min(limit, streamStep), records[len(records)-1].Personnel
			records, _, err = s.Store.Trash(ctx, query)
		}
	}
}

func withDeletion(record office.RecordWithHistory) recordWith {
	more := map[string]any{"deleted_at": record.DeletedAt}
	if by := record.DeletedBy(); by != (office.Author{}) {
		more["deleted_by"] = by
	}
	return recordWith{record.Personnel, more}
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

// entryOfRecord is a part of a record with its entries: together they may be long, so each
// entry is an element of the stream.
type entryOfRecord struct {
	office.Entry
	before, after string // the record before its first entry, and its end after the last one
}

func (e entryOfRecord) AppendJSON(out []byte) ([]byte, error) {
	entry, err := json.Marshal(e.Entry)
	return append(append(append(out, e.before...), entry...), e.after...), err
}

// recordWith is a record with more fields than it has elsewhere.
type recordWith struct {
	office.Personnel
	more map[string]any
}

func (r recordWith) AppendJSON(out []byte) ([]byte, error) {
	more, err := json.Marshal(r.more)
	if err != nil {
		return out, err
	}
	out, _ = r.Personnel.AppendJSON(out) // there is no error
	return append(append(out[:len(out)-1], ','), more[1:]...), nil
}
