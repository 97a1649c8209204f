package sqlitestore

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/admin"
	"officepay.example/services/analytics"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// statements are what connections have prepared: the log says so.
type statements struct {
	slog.Handler
	mu  sync.Mutex
	all []string
}

func (s *statements) Enabled(context.Context, slog.Level) bool { return true }

func (s *statements) Handle(_ context.Context, record slog.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "sql" {
			s.all = append(s.all, strings.Join(strings.Fields(a.Value.String()), " "))
		}
		return true
	})
	return nil
}

// watchStatements notes what is prepared from now on.
func watchStatements(t *testing.T) *statements {
	t.Helper()
	before, s := slog.Default(), &statements{Handler: slog.DiscardHandler}
	slog.SetDefault(slog.New(s))
	t.Cleanup(func() { slog.SetDefault(before) })
	return s
}

// useSizes makes calls of each size from first to last: so many ids, databases
// and words.
func useSizes(t *testing.T, db *DB, home office.ID, first, last int) {
	t.Helper()
	for size := first; size <= last; size++ {
		ids, words := officetest.IDs(officetest.Roster(1, size, home)), []string{}
		for n := range min(size, 25) { // a search has at most 50 words
			words = append(words, fmt.Sprint("w", 100+n), fmt.Sprint(n)) // long and short ones
		}
		_, err := db.Auth().DBsByID(t.Context(), ids)
		officetest.Must(t, err)
		for _, scope := range []office.Scope{{All: true}, office.ScopeOf(home), {DBs: ids}} {
			useScope(t, db, scope, ids, words)
		}
		for _, status := range []office.Status{"", office.StatusActive} {
			query := personnel.Query{Scope: office.ScopeOf(home), Words: words[:1], Status: status, Limit: 1}
			_, _, err = db.Personnel().Page(t.Context(), query)
			officetest.Must(t, err)
		}
		_, _, err = db.Admin().Users(t.Context(), admin.UserQuery{Words: words, Limit: 1})
		officetest.Must(t, err)
	}
}

func useScope(t *testing.T, db *DB, scope office.Scope, ids []office.ID, words []string) {
	t.Helper()
	_, err := db.Personnel().Delete(t.Context(), scope, ids, office.Edit{At: officetest.At(0)})
	officetest.Must(t, err)
	_, _, err = db.Personnel().After(t.Context(), scope, office.Personnel{}, 3)
	officetest.Must(t, err)
	for _, query := range []personnel.Query{
		{}, {Status: office.StatusActive}, {Words: words}, {Words: words[:1]}, {Words: words, Status: office.StatusActive}, {Offset: 100},
	} {
		query.Scope, query.Limit = scope, 1
		_, _, err = db.Personnel().Page(t.Context(), query)
		officetest.Must(t, err)
	}
	_, _, err = db.Admin().DBs(t.Context(), admin.DBQuery{Scope: scope, Words: words, Limit: 1})
	officetest.Must(t, err)
}

// However many ids, databases and words there are, the statements are the same:
// each that is prepared is kept.
func TestPreparedStatementsDoNotPileUp(t *testing.T) {
	db := open(t)
	db.Reader.SetMaxOpenConns(1)
	home := addDBs(t, db, 1)[0]
	_, err := db.Personnel().Create(t.Context(), officetest.Roster(500, 700, home), office.Edit{})
	officetest.Must(t, err)
	prepared := watchStatements(t)
	useSizes(t, db, home, 1, 4)
	if len(prepared.all) < 10 {
		t.Errorf("%d statements are prepared: the log does not say so", len(prepared.all))
	}
	prepared.all = nil
	useSizes(t, db, home, 5, 16)
	useSizes(t, db, home, 300, 302)
	officetest.Equal(t, "the statements that are prepared again", len(prepared.all), 0)
}

// What is fast with a thousand records stays so with a million: no statement
// of the API reads or sorts all of them.
func TestStatementsUseIndexes(t *testing.T) {
	db := open(t)
	home := addDBs(t, db, 2)
	prepared := watchStatements(t)
	records := officetest.Roster(1, 2*maxWaiting, home[0])
	_, err := db.Personnel().Create(t.Context(), records, office.Edit{})
	officetest.Must(t, err)
	useSizes(t, db, home[0], 1, 2)
	for _, words := range [][]string{{"aisha"}, {"aisha", "musa"}, {"aisha77"}, {"77"}} {
		useScope(t, db, office.ScopeOf(home[0]), nil, words)
	}
	patch := office.PersonnelPatch{DBID: &home[1], FirstName: new("Zoë")}
	_, _, err = db.Personnel().Update(t.Context(), everything, records[9].ID, patch, office.Edit{At: officetest.At(1)})
	officetest.Must(t, err)
	_, err = db.Analytics().DBFigures(t.Context(), home[0], analytics.MonthAt(officetest.At(0)))
	officetest.Must(t, err)
	_, err = db.Admin().DeleteDB(t.Context(), home[0])
	officetest.Must(t, err)
	checked := 0
	for _, query := range slices.Compact(slices.Sorted(slices.Values(prepared.all))) {
		if strings.Contains(query, "personnels") && !strings.HasPrefix(query, "INSERT") {
			checked++
			checkPlan(t, db, query)
		}
	}
	if checked < 15 {
		t.Errorf("only %d statements were checked", checked)
	}
}

func checkPlan(t *testing.T, db *DB, query string) {
	t.Helper()
	steps, err := conn.Select(t.Context(), db.Reader, func(row conn.Row) (step string, err error) {
		var id, parent, unused int
		err = row.Scan(&id, &parent, &unused, &step)
		return step, err
	}, "EXPLAIN QUERY PLAN "+query, make([]any, 32)...)
	officetest.Must(t, err)
	plan := strings.Join(steps, "; ")
	isSorted := strings.Contains(plan, "TEMP B-TREE") && strings.Contains(plan, "personnels USING INDEX")
	if strings.Contains(plan, "SCAN personnels") || isSorted {
		t.Errorf("%s\nreads or sorts all records: %s", query, plan)
	}
}
