package sqlitestore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

func open(t testing.TB) *DB {
	t.Helper()
	return openAt(t, EmptyFile(t))
}

// EmptyFile is the file of an office in which there is nothing yet: a copy, which is
// there sooner than one that is made.
func EmptyFile(t testing.TB) (path string) {
	t.Helper()
	content, err := emptyFile()
	officetest.Must(t, err)
	path = filepath.Join(t.TempDir(), "office.db")
	officetest.Must(t, os.WriteFile(path, content, 0o600))
	return path
}

var emptyFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "sqlitestore-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "office.db")
	db, err := Open(context.Background(), path)
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// openAt opens a database whose file others may have open.
func openAt(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func addDBs(t testing.TB, db *DB, count int) []office.ID {
	t.Helper()
	ids := make([]office.ID, count)
	for i := range ids {
		ids[i] = office.NewID()
		name := fmt.Sprintf("DB%d", i)
		err := db.Admin().CreateDB(t.Context(), office.DB{ID: ids[i], Name: name, ShortCode: name, CreatedAt: office.Now()})
		if err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

func TestReopenedDatabaseKeepsEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept.db")
	first, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ids := addDBs(t, first, 1)
	first.Close()
	second, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := second.Personnel().CheckDB(t.Context(), ids[0]); err != nil {
		t.Errorf("the database is not there after reopening: %v", err)
	}
}

// randomRecord is a record as a client might make it.
func randomRecord(dbs []office.ID, now time.Time) office.Personnel {
	return office.Personnel{
		ID: office.NewID(), DBID: dbs[rand.IntN(len(dbs))], ArmyNumber: fmt.Sprint("N/", rand.IntN(40)),
		Status: office.Statuses[rand.IntN(len(office.Statuses))], CreatedAt: now, UpdatedAt: now,
	}
}

// A total must never be anything but what a count of the rows would give.
func TestTallyEqualsACount(t *testing.T) {
	db := open(t)
	ids := addDBs(t, db, 3)
	store := db.Personnel()
	now := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	var known []office.ID
	for i := range 300 {
		now = now.Add(time.Duration(rand.IntN(100)) * time.Hour) // crosses months and a year
		if err := randomStep(t.Context(), store, ids, &known, now); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if i%50 == 49 {
			checkTally(t, db)
		}
	}
	if _, err := db.Admin().DeleteDB(t.Context(), ids[0]); err != nil {
		t.Fatal(err)
	}
	checkTally(t, db)
}

// randomStep creates, changes or deletes; that a number is taken or a record
// gone is part of it.
func randomStep(ctx context.Context, store Personnel, dbs []office.ID, known *[]office.ID, now time.Time) error {
	all := office.Scope{All: true}
	record := randomRecord(dbs, now)
	if len(*known) == 0 || rand.IntN(3) == 0 {
		*known = append(*known, record.ID)
		_, err := store.Create(ctx, []office.Personnel{record}, office.Edit{})
		return err
	}
	id := (*known)[rand.IntN(len(*known))]
	if rand.IntN(3) == 0 {
		_, err := store.Delete(ctx, all, []office.ID{id}, office.Edit{At: now})
		return err
	}
	_, _, err := store.Update(ctx, all, id, office.PersonnelPatch{DBID: &record.DBID, Status: &record.Status}, office.Edit{At: now})
	if err == office.ErrNotFound || err == office.ErrArmyNumberTaken {
		return nil
	}
	return err
}

// counted is what the tally must hold, from the rows.
const counted = `
	WITH records AS (
		SELECT db_id, CASE WHEN deleted_at IS NULL THEN status ELSE 'deleted' END AS status,
			strftime('%Y %m', coalesce(deleted_at, created_at) / 1000, 'unixepoch') AS since
		FROM personnels),
	months AS (
		SELECT db_id, status, substr(since, 1, 4) * 12 + substr(since, 6) - 1 AS month FROM records
		UNION ALL SELECT db_id, status, 0 FROM records)
	SELECT month, db_id, status, count(*) FROM months GROUP BY 1, 2, 3`

func checkTally(t *testing.T, db *DB) {
	t.Helper()
	const ofAll = "SELECT month, status, n FROM tally_of_all WHERE n <> 0"
	const sums = "SELECT month, status, sum(n) AS n FROM tally GROUP BY 1, 2 HAVING sum(n) <> 0"
	checkAlike(t, db, ofAll, sums)
	checkAlike(t, db, "SELECT month, db_id, status, n FROM tally WHERE n <> 0", "SELECT * FROM ("+counted+")")
}

// checkAlike checks that what is kept is what the records say.
func checkAlike(t *testing.T, db *DB, kept, counted string) {
	t.Helper()
	for _, query := range []string{kept + " EXCEPT " + counted, counted + " EXCEPT " + kept} {
		wrong, err := conn.Int(t.Context(), db.Reader, "SELECT count(*) FROM ("+query+")")
		if err != nil {
			t.Fatal(err)
		}
		if wrong > 0 {
			t.Fatalf("%d rows of what is kept differ from the records", wrong)
		}
	}
}

func liveRecords(t *testing.T, db *DB) int {
	t.Helper()
	_, total, err := db.Personnel().Page(t.Context(), personnel.Query{Scope: office.Scope{All: true}, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return total
}
