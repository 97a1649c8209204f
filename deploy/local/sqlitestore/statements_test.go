package sqlitestore

import (
	"fmt"
	"strings"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

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
			_, err = db.Personnel().Delete(t.Context(), scope, ids, officetest.At(0))
			officetest.Must(t, err)
			_, _, err = db.Personnel().Page(t.Context(), personnel.Query{Scope: scope, Limit: 1})
			officetest.Must(t, err)
			_, _, err = db.Personnel().Page(t.Context(), personnel.Query{Scope: scope, Words: words, Limit: 1})
			officetest.Must(t, err)
		}
		_, _, err = db.Admin().Users(t.Context(), admin.UserQuery{Words: words, Limit: 1})
		officetest.Must(t, err)
	}
}

// What is asked with ever other numbers of ids and words takes no place among
// the statements that are prepared, and does not keep the ordinary ones out.
func TestPreparedStatementsDoNotPileUp(t *testing.T) {
	db := open(t)
	home := addDBs(t, db, 1)[0]
	forms := func() [2]int { return [2]int{len(db.writer.prepared), len(db.reader.prepared)} }
	useSizes(t, db, home, 1, 8)
	before := forms()
	useSizes(t, db, home, 9, 16)
	useSizes(t, db, home, 300, 302)
	officetest.Equal(t, "the statements that are prepared", forms(), before)
	if before[0] > 100 || before[1] > 100 {
		t.Errorf("%v statements are prepared", before)
	}

	_, err := db.Auth().UserByID(t.Context(), home)
	officetest.WantError(t, err, office.ErrNotFound)
	_, err = add(t.Context(), db, home)
	officetest.Must(t, err)
	wantPrepared(t, db.reader, "FROM users WHERE id = ?")
	wantPrepared(t, db.reader, "FROM dbs WHERE id IN (?)")
	wantPrepared(t, db.writer, insertPersonnel)
}

func wantPrepared(t *testing.T, pool *pool, part string) {
	t.Helper()
	for query := range pool.prepared {
		if strings.Contains(query, part) {
			return
		}
	}
	t.Errorf("no statement with %q is prepared", part)
}
