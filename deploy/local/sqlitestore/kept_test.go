package sqlitestore

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var everything = office.Scope{All: true}

// newRecords are records that nobody else has.
func newRecords(in office.ID, count int) []office.Personnel {
	records := make([]office.Personnel, count)
	for i := range records {
		id := office.NewID()
		records[i] = office.Personnel{ID: id, DBID: in, ArmyNumber: id.Hex(), Status: office.StatusActive, CreatedAt: office.Now()}
	}
	return records
}

// add creates a record of its own.
func add(ctx context.Context, db *DB, in office.ID) (office.Personnel, error) {
	records := newRecords(in, 1)
	_, err := db.Personnel().Create(ctx, records, office.Edit{})
	return records[0], err
}

// Promises 21 and 23: what returns nil is kept, and of what returns an error
// nothing is, whenever the time of the request ends: before, within or after the
// commit.
func TestAnswerIsTrueWheneverTimeEnds(t *testing.T) {
	for name, size := range map[string]int{"uploads": 5, "records, which share commits": 1} {
		t.Run(name, func(t *testing.T) {
			for range 5 { // a machine that is busy now and then may make none fail, or all
				if checkAnswers(t, size) {
					return
				}
			}
			t.Error("the time of the requests did not end at different moments")
		})
	}
}

// checkAnswers tells whether some were kept, and some were not.
func checkAnswers(t *testing.T, size int) bool {
	const rounds, writers = 100, 4
	longest := max(6*time.Millisecond, 2*timeToCreate(t, size))
	db := open(t)
	in := addDBs(t, db, 1)[0]
	acknowledged := map[office.ID]bool{}
	for range rounds {
		var uploads [writers][]office.Personnel
		errs := officetest.Race(writers, func(i int) (err error) {
			ctx, cancel := context.WithTimeout(t.Context(), rand.N(longest))
			defer cancel()
			uploads[i] = newRecords(in, size)
			_, err = db.Personnel().Create(ctx, uploads[i], office.Edit{})
			return err
		})
		officetest.WantEach(t, errs, context.DeadlineExceeded)
		for i, upload := range uploads {
			for _, record := range upload {
				acknowledged[record.ID] = errs[i] == nil
			}
		}
	}
	kept := checkKept(t, db, acknowledged)
	t.Logf("promise 21: of %d records whose time ended at random, %d were kept, and said so", rounds*writers*size, kept)
	checkTally(t, db)
	return 0 < kept && kept < rounds*writers*size
}

// checkKept checks that what is kept is what was acknowledged, and counts it.
func checkKept(t *testing.T, db *DB, acknowledged map[office.ID]bool) (kept int) {
	t.Helper()
	for _, record := range page(t, db) {
		kept++
		if !acknowledged[record.ID] {
			t.Error("a record is kept whose creation returned an error")
		}
		delete(acknowledged, record.ID)
	}
	for id, isLost := range acknowledged {
		if isLost {
			t.Errorf("the record %s is lost", id.Hex())
		}
	}
	return kept
}

// timeToCreate is how long the creation of so many records takes on this disk.
func timeToCreate(t *testing.T, size int) time.Duration {
	t.Helper()
	db := open(t)
	in := addDBs(t, db, 1)[0]
	times := make([]time.Duration, 9)
	for i := range times {
		begun := time.Now()
		_, err := db.Personnel().Create(t.Context(), newRecords(in, size), office.Edit{})
		officetest.Must(t, err)
		times[i] = time.Since(begun)
	}
	slices.Sort(times)
	return times[len(times)/2]
}

func page(t *testing.T, db *DB) []office.Personnel {
	t.Helper()
	records, err := officetest.ReadAfter(db.Personnel().After(t.Context(), everything, office.Personnel{}, 10000))
	officetest.Must(t, err)
	return records
}

// Promise 21: who waits for the writer and gives up writes nothing later.
func TestWhoGaveUpDoesNotWriteLater(t *testing.T) {
	db := open(t)
	ids := addDBs(t, db, 1)
	release, held := make(chan struct{}), make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		held <- db.WriteTx(t.Context(), func(context.Context, *conn.Tx) error {
			close(begun)
			<-release
			return nil
		})
	}()
	<-begun
	errs := officetest.Race(20, func(int) error {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := add(ctx, db, ids[0])
		return err
	})
	for _, err := range errs {
		officetest.WantError(t, err, context.DeadlineExceeded)
	}
	close(release)
	officetest.Must(t, <-held)
	record, err := add(t.Context(), db, ids[0])
	officetest.Must(t, err)
	if all := page(t, db); len(all) != 1 || all[0].ID != record.ID {
		t.Errorf("%d records are there, want the last one alone", len(all))
	}
}

// Promise 21: a transaction that reads and then writes waits for another
// process that writes, and does not fail at once.
func TestTwoProcessesWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	var dbs [2]*DB
	for i := range dbs {
		var err error
		dbs[i], err = Open(t.Context(), path)
		officetest.Must(t, err)
		defer dbs[i].Close()
	}
	in := addDBs(t, dbs[0], 1)[0]
	const each = 50
	officetest.WantEach(t, officetest.Race(len(dbs), func(i int) error {
		for range each {
			if _, err := add(t.Context(), dbs[i], in); err != nil {
				return err
			}
		}
		return nil
	}))
	officetest.Equal(t, "the number of records", len(page(t, dbs[0])), 2*each)
}

// Promise 35: without room, writes say so and change nothing, reads go on, and
// writes work again once there is room.
func TestFullDisk(t *testing.T) {
	db := open(t)
	in := addDBs(t, db, 1)[0]
	first, err := add(t.Context(), db, in)
	officetest.Must(t, err)
	var pages int
	limit := func(pages int) {
		officetest.Must(t, db.WriteTx(t.Context(), func(ctx context.Context, tx *conn.Tx) error {
			return conn.Exec(ctx, tx, fmt.Sprint("PRAGMA max_page_count = ", pages))
		}))
	}
	officetest.Must(t, db.WriteTx(t.Context(), func(ctx context.Context, tx *conn.Tx) error {
		pages, err = conn.Int(ctx, tx, "PRAGMA page_count")
		return err
	}))
	limit(pages)
	_, err = db.Personnel().Create(t.Context(), officetest.Roster(1, 500, in), office.Edit{})
	officetest.WantError(t, err, office.ErrStorageFull)
	if all := page(t, db); len(all) != 1 || all[0].ID != first.ID {
		t.Errorf("%d records are there, want the first alone", len(all))
	}
	checkTally(t, db)
	limit(100_000)
	_, err = db.Personnel().Create(t.Context(), officetest.Roster(1, 500, in), office.Edit{})
	officetest.Must(t, err)
	officetest.Equal(t, "the number of records", len(page(t, db)), 501)
	verdict, err := conn.Get(t.Context(), db.Reader, nil, conn.ScanOne[string], "PRAGMA integrity_check")
	officetest.Must(t, err)
	officetest.Equal(t, "the state of the file", verdict, "ok")
}

// Promise 22: an id is there once, whatever else differs.
func TestIDsAreUnique(t *testing.T) {
	db := open(t)
	officetest.Must(t, db.Admin().CreateUser(t.Context(), officetest.User(1)))
	twin := officetest.User(2)
	twin.ID = officetest.User(1).ID
	if db.Admin().CreateUser(t.Context(), twin) == nil {
		t.Error("two users have one id")
	}
	officetest.Must(t, db.Admin().CreateDB(t.Context(), officetest.DB(1)))
	other := officetest.DB(2)
	other.ID = officetest.DB(1).ID
	if db.Admin().CreateDB(t.Context(), other) == nil {
		t.Error("two databases have one id")
	}
	record := officetest.Personnel(2, other.ID)
	record.ID = officetest.Personnel(1, other.ID).ID
	taken, err := db.Personnel().Create(t.Context(), []office.Personnel{officetest.Personnel(1, other.ID), record}, office.Edit{})
	officetest.Must(t, err)
	officetest.Equal(t, "the places of records whose id is taken", taken, []int{1})
}
