package personnel

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// listDB is GET /personnels/db/{db_id}, the personnel screen: a page of one
// database.
func (s *service) listDB(ctx context.Context, r *web.Request) (*web.Answer, error) {
	if err := s.requireDB(ctx, r, r.ID); err != nil {
		return nil, err
	}
	query, err := readFilters(r.Query)
	if err != nil {
		return nil, err
	}
	query.Scope = office.ScopeOf(r.ID)
	return s.page(ctx, r, query)
}

// list is GET /personnels: all that the caller may see, or one database of it; a
// page where a page is asked for, else everything.
func (s *service) list(ctx context.Context, r *web.Request) (*web.Answer, error) {
	scope := r.Caller.Scope()
	db, err := s.readDB(ctx, r)
	if err != nil {
		return nil, err
	}
	if db != nil {
		scope = office.ScopeOf(*db)
	}
	if isStream(r.Query) {
		end := func(out []byte) ([]byte, error) { return append(out, ']'), nil }
		return &web.Answer{Stream: web.Steps("The personnel.", "[", s.batches(ctx, scope), end)}, nil
	}
	return s.page(ctx, r, Query{Scope: scope})
}

// isStream tells whether everything is asked for, and not a page.
func isStream(query url.Values) bool { return query.Get("page") == "" && query.Get("limit") == "" }

// readDB takes the database that a query names, which the caller must see; nil is
// none.
func (s *service) readDB(ctx context.Context, r *web.Request) (*office.ID, error) {
	named := strings.TrimSpace(r.Query.Get("db_id"))
	if named == "" {
		return nil, nil
	}
	db, err := office.ParseID(named)
	if err != nil {
		return nil, web.Invalid(web.FieldError{Field: "db_id", Message: err.Error()})
	}
	return &db, s.requireDB(ctx, r, db)
}

// requireDB checks that the caller may see the database and that it exists.
func (s *service) requireDB(ctx context.Context, r *web.Request, db office.ID) error {
	if err := r.CheckAccess(db); err != nil {
		return err
	}
	return s.Store.CheckDB(ctx, db)
}

func (s *service) page(ctx context.Context, r *web.Request, query Query) (*web.Answer, error) {
	page, err := web.ReadPage(r.Query)
	if err != nil {
		return nil, err
	}
	query.Offset, query.Limit = page.Offset(), page.Limit
	if page.Limit > streamStep { // whose records are of the moment in which they are written
		ids, total, err := s.Store.IDs(ctx, query)
		if err != nil {
			return nil, err
		}
		return web.InSteps("The personnel.", page, &total, s.withIDs(ctx, query.Scope, slices.Chunk(ids, streamStep)))
	}
	records, total, err := s.Store.Page(ctx, query)
	if err != nil {
		return nil, err
	}
	return web.OK("The personnel.", web.NewList(records, page, total))
}

// readFilters takes search and filter from a query.
func readFilters(params url.Values) (Query, error) {
	words, err := web.ReadSearch(params)
	if err != nil {
		return Query{}, err
	}
	status, err := readStatusFilter(params.Get("filter"))
	return Query{Words: words, Status: status}, err
}

// readStatusFilter takes which statuses to list. An empty one means any.
func readStatusFilter(text string) (office.Status, error) {
	const all = "all"
	status, err := web.ReadChoice("filter", strings.ToLower(text), append([]office.Status{all}, office.Statuses...))
	if status == all {
		status = ""
	}
	return status, err
}

// readFlag takes a parameter that is true or false; false where it is not there.
func readFlag(params url.Values, name string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(params.Get(name))) {
	case "", "false", "0":
		return false, nil
	case "true", "1":
		return true, nil
	}
	return false, web.Invalid(web.FieldError{Field: name, Message: "must be true or false"})
}
