package personnel

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"officepay.example/shared/office"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// listDB answers the personnel screen: a page of one database.
func (s *service) listDB(w http.ResponseWriter, r *http.Request, caller token.Caller) error {
	db, err := web.PathID(r, "db_id")
	if err != nil {
		return err
	}
	if err := s.enter(r, caller, db); err != nil {
		return err
	}
	query, err := readFilters(r.URL.Query())
	if err != nil {
		return err
	}
	query.Scope = office.ScopeOf(db)
	return s.writePage(w, r, caller, query)
}

// list answers all that the caller may see, or one database of it: a page
// where a page is asked for, else everything.
func (s *service) list(w http.ResponseWriter, r *http.Request, caller token.Caller) error {
	params := r.URL.Query()
	scope := caller.Scope()
	if named := strings.TrimSpace(params.Get("db_id")); named != "" {
		db, err := office.ParseID(named)
		if err != nil {
			return web.Invalid(web.FieldError{Field: "db_id", Message: err.Error()})
		}
		if err := s.enter(r, caller, db); err != nil {
			return err
		}
		scope = office.ScopeOf(db)
	}
	if params.Get("page") == "" && params.Get("limit") == "" {
		return s.stream(w, r, scope)
	}
	return s.writePage(w, r, caller, Query{Scope: scope})
}

// enter checks that the caller may see the database and that it exists.
func (s *service) enter(r *http.Request, caller token.Caller, db office.ID) error {
	if err := caller.CheckAccess(r.Context(), db); err != nil {
		return err
	}
	return s.Store.CheckDB(r.Context(), db)
}

// largePage is from how many records on a page waits for its turn.
const largePage = 1000

// writePage answers a page. A large one is in memory until its client has read
// it, so it keeps its turn until then.
func (s *service) writePage(w http.ResponseWriter, r *http.Request, caller token.Caller, query Query) error {
	page, err := web.ReadPage(r.URL.Query())
	if err != nil {
		return err
	}
	if page.Limit > largePage {
		leave, err := s.pages.Enter(r.Context(), caller.ID.Hex())
		if err != nil {
			return err
		}
		defer leave()
	}
	query.Offset, query.Limit = page.Offset(), page.Limit
	records, total, err := s.find(r.Context(), query)
	if err != nil {
		return err
	}
	return web.OK(w, "The personnel.", web.NewList(records, page, total))
}

// find waits for its turn where it has to search.
func (s *service) find(ctx context.Context, query Query) ([]office.Personnel, int, error) {
	if len(query.Words) > 0 {
		turn, err := s.searches.Enter(ctx)
		if err != nil {
			return nil, 0, err
		}
		defer turn.Leave()
	}
	return s.Store.Page(ctx, query)
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
	status := office.Status(strings.ToLower(strings.TrimSpace(text)))
	switch {
	case status == "" || status == "all":
		return "", nil
	case status.Valid():
		return status, nil
	}
	return "", web.Invalid(web.FieldError{Field: "filter", Message: "must be one of all, " + office.StatusList()})
}
