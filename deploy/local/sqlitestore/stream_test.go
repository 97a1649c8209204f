package sqlitestore

import (
	"testing"

	"modernc.org/sqlite"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Reading on costs as much at the end as at the beginning, whatever is read:
// everything, one database or several.
func TestEveryBatchReadsAsMuch(t *testing.T) {
	db := open(t)
	db.Reader.SetMaxOpenConns(1)          // which counts what all read
	const dbs, each, large = 6, 250, 1500 // in every scope there is a large database
	const batch, pages = 50, 25           // of which 10 hold the records themselves
	ids := addDBs(t, db, dbs)
	for n, id := range ids {
		_, err := db.Personnel().Create(t.Context(), officetest.Roster(n*each, n*each+each-1, id), office.Edit{})
		officetest.Must(t, err)
	}
	_, err := db.Personnel().Create(t.Context(), officetest.Roster(dbs*each, dbs*each+large-each-1, ids[3]), office.Edit{})
	officetest.Must(t, err)
	for name, scope := range map[string]office.Scope{
		"everything": everything, "one": office.ScopeOf(ids[3]), "several": {DBs: ids[1:5]}, "every second": {DBs: []office.ID{ids[5], ids[1], ids[3]}},
	} {
		t.Run(name, func(t *testing.T) {
			most, read := pagesOfEachBatch(t, db, scope, batch)
			want := each*(len(scope.DBs)-1) + large
			if scope.All {
				want = each*(dbs-1) + large
			}
			officetest.Equal(t, "the number of records", read, want)
			if most > pages {
				t.Errorf("a batch read %d pages, want at most %d", most, pages)
			}
		})
	}
}

// A start glances at a few pages, however many records there are.
func TestGlanceReadsLittle(t *testing.T) {
	db := open(t)
	db.Reader.SetMaxOpenConns(1)
	_, err := db.Personnel().Create(t.Context(), officetest.Roster(1, 2000, addDBs(t, db, 1)[0]), office.Edit{})
	officetest.Must(t, err)
	before := pagesRead(t, db)
	faults, err := faultsOf(t.Context(), db.Reader, dbsTable, usersTable, times)
	if err != nil || len(faults) > 0 {
		t.Errorf("the faults are %q (%v)", faults, err)
	}
	if read := pagesRead(t, db) - before; read == 0 || read > 40 {
		t.Errorf("it read %d pages", read)
	}
}

// pagesOfEachBatch reads everything and returns how many pages of the file a
// batch has looked at, at most, and how many records there were.
func pagesOfEachBatch(t *testing.T, db *DB, scope office.Scope, batch int) (most, records int) {
	t.Helper()
	var last office.Personnel
	for {
		before := pagesRead(t, db)
		found, next, err := db.Personnel().After(t.Context(), scope, last, batch)
		officetest.Must(t, err)
		most = max(most, pagesRead(t, db)-before)
		if len(found) == 0 {
			return most, records
		}
		records, last = records+len(found), next
	}
}

// pagesRead is how many pages the reader has asked for, whether they were in
// memory or not.
func pagesRead(t *testing.T, db *DB) (pages int) {
	t.Helper()
	conn, err := db.Reader.Conn(t.Context())
	officetest.Must(t, err)
	defer conn.Close()
	officetest.Must(t, conn.Raw(func(driver any) error {
		for _, counter := range []sqlite.DBStatusOp{sqlite.DBStatusCacheHit, sqlite.DBStatusCacheMiss} {
			count, _, err := driver.(sqlite.DBStatus).Status(counter, false)
			if err != nil {
				return err
			}
			pages += count
		}
		return nil
	}))
	return pages
}
