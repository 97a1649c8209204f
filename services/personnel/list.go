package personnel

import (
	"cmp"
	"context"
	"iter"
	"net/url"
	"slices"
	"strings"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// listDB is GET /personnels/db/{db_id}, the personnel screen: a page of one database.
func (s *service) listDB(ctx context.Context, r *web.Request) (*web.Answer, error) {
	query, queryErr := readFilters(r.Query)
	if err := cmp.Or(s.Store.CheckDB(ctx, r.ID), queryErr); err != nil {
		return nil, err
	}
	query.Scope = office.ScopeOf(r.ID)
	return s.page(ctx, r, query)
}

// list is GET /personnels: everything that the caller may see, or one database of that, and
// only a page of it if the query asks for one.
func (s *service) list(ctx context.Context, r *web.Request) (*web.Answer, error) {
	_, scope, err := s.readDB(ctx, r)
	if err != nil {
		return nil, err
	}
	if isStream(r.Query) {
		end := func(out []byte) ([]byte, error) { return append(out, ']'), nil }
		return &web.Answer{Stream: web.StreamEnvelope("The personnel.", "[", s.batches(ctx, scope), end)}, nil
	}
	return s.page(ctx, r, Query{Scope: scope})
}

// isStream tells whether a query asks for everything instead of a page.
func isStream(query url.Values) bool { return query.Get("page") == "" && query.Get("limit") == "" }

// readDB reads the id of the database that a query names, which must exist, and which the
// caller must be allowed to see. If none is named, the id is nil, and the scope the caller's.
func (s *service) readDB(ctx context.Context, r *web.Request) (*office.ID, office.Scope, error) {
	named := strings.TrimSpace(r.Query.Get("db_id"))
	if named == "" {
		return nil, r.Caller.Scope(), nil
	}
	db, err := office.ParseID(named)
	if err != nil {
		return nil, office.Scope{}, web.Invalid("db_id", err.Error())
	}
	if err := r.CheckAccess(db); err != nil {
		return nil, office.Scope{}, err
	}
	return &db, office.ScopeOf(db), s.Store.CheckDB(ctx, db)
}

func (s *service) page(ctx context.Context, r *web.Request, query Query) (*web.Answer, error) {
	page, err := web.ReadPage(r.Query)
	if err != nil {
		return nil, err
	}
	query.Offset, query.Limit = page.Offset(), page.Limit
	if page.Limit > streamStep { // its records are read as they are written
		ids, total, err := s.Store.IDs(ctx, query)
		if err != nil {
			return nil, err
		}
		return web.StreamPage("The personnel.", page, &total, s.withIDs(ctx, query.Scope, ids))
	}
	records, total, err := s.Store.Page(ctx, query)
	if err != nil {
		return nil, err
	}
	return web.OK("The personnel.", web.NewList(records, page, total))
}

// streamStep is how many records are in memory at a time: 600 KB of the largest, of 9 KB each.
const streamStep = 64

// batches are all records of the scope, in steps, in the order of lists. An error comes last.
func (s *service) batches(ctx context.Context, scope office.Scope) iter.Seq2[[]office.RecordJSON, error] {
	return func(yield func([]office.RecordJSON, error) bool) {
		var last office.Personnel
		for {
			records, next, err := s.Store.After(ctx, scope, last, streamStep)
			if !yield(records, err) || err != nil || len(records) < streamStep {
				return
			}
			last = next
		}
	}
}

// withIDs are the records with these ids that still exist in the scope, in that order, in steps too.
func (s *service) withIDs(ctx context.Context, scope office.Scope, ids []office.ID) iter.Seq2[[]office.RecordJSON, error] {
	return func(yield func([]office.RecordJSON, error) bool) {
		for part := range slices.Chunk(ids, streamStep) {
			if records, err := s.Store.WithIDs(ctx, scope, part); !yield(records, err) || err != nil {
				return
			}
		}
	}
}

func decodeRecords(batches iter.Seq2[[]office.RecordJSON, error]) iter.Seq2[[]office.Personnel, error] {
	return func(yield func([]office.Personnel, error) bool) {
		for batch, err := range batches {
			records := make([]office.Personnel, len(batch))
			for i := 0; i < len(batch) && err == nil; i++ {
				records[i], err = batch[i].Personnel()
			}
			if !yield(records, err) || err != nil {
				return
			}
		}
	}
}

func readFilters(params url.Values) (Query, error) {
	words, searchErr := web.ReadSearch(params)
	const all = "all"
	status, err := web.ReadChoice("filter", strings.ToLower(params.Get("filter")), append([]office.Status{all}, office.Statuses...))
	if status == all {
		status = ""
	}
	return Query{Words: words, Status: status}, cmp.Or(searchErr, err)
}

// readFlag reads a parameter that is true or false; false by default.
func readFlag(params url.Values, name string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(params.Get(name))) {
	case "", "false", "0":
		return false, nil
	case "true", "1":
		return true, nil
	}
	return false, web.Invalid(name, "must be true or false")
}
