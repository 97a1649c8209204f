package sqlitestore

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/analytics"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// fillDB makes a database with three steps of records, some of them deleted.
func fillDB(t *testing.T, db *DB) office.ID {
	t.Helper()
	id := addDBs(t, db, 1)[0]
	records := officetest.Roster(1, 2*deletionStep+7, id)
	_, err := db.Personnel().Create(t.Context(), records, office.Edit{})
	officetest.Must(t, err)
	_, err = db.Personnel().Delete(t.Context(), everything, officetest.IDs(records[:9]), office.Edit{At: officetest.At(100)})
	officetest.Must(t, err)
	return id
}

func countRecords(t *testing.T, q conn.Querier, db office.ID) int {
	t.Helper()
	n, err := conn.Int(t.Context(), q, "SELECT count(*) FROM personnels WHERE db_id = ?", db[:])
	officetest.Must(t, err)
	return n
}

// Promise 42: whoever writes gets his turn between the steps of a deletion, and sees
// that the database has ended, with what is left of its records.
func TestDeletionLetsOthersWrite(t *testing.T) {
	db := open(t)
	id := fillDB(t, db)
	var between, ended atomic.Bool
	holding, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		officetest.Must(t, db.WriteTx(t.Context(), func(context.Context, *conn.Tx) error {
			close(holding)
			<-release
			return nil
		}))
	})
	<-holding
	for range 10 { // who all wait when the deletion begins
		all.Go(func() {
			for !ended.Load() {
				officetest.Must(t, db.WriteTx(t.Context(), func(ctx context.Context, tx *conn.Tx) error {
					if checkDB(ctx, tx, id) == office.ErrDBNotFound && countRecords(t, tx, id) > 0 {
						between.Store(true)
					}
					return nil
				}))
			}
		})
	}
	all.Go(func() {
		defer ended.Store(true)
		deleted, err := db.Admin().DeleteDB(t.Context(), id)
		officetest.Must(t, err)
		if want := 2*deletionStep + 7; deleted != want {
			t.Errorf("%d of %d records were deleted", deleted, want)
		}
	})
	close(release)
	all.Wait()
	if !between.Load() {
		t.Error("nobody could write between the steps")
	}
	wantGone(t, db, id)
}

// wantGone checks that nothing is left of a database, and that all that is derived from
// the others agrees with them.
func wantGone(t *testing.T, db *DB, id office.ID) {
	t.Helper()
	if left := countRecords(t, db.Reader, id); left > 0 {
		t.Errorf("%d records are left", left)
	}
	for _, table := range []string{"history", "tally", "search_docsize", "search_dbs", "deletions"} {
		if n, err := conn.Int(t.Context(), db.Reader, "SELECT count(*) FROM "+table); n > 0 || err != nil {
			t.Errorf("%d rows are left in %s, %v", n, table, err)
		}
	}
	if faults, err := db.Verify(t.Context()); len(faults) > 0 || err != nil {
		t.Errorf("%v, %v", faults, err)
	}
}

// stopDeletion begins a deletion and ends it after one step, as a kill does.
func stopDeletion(t *testing.T, db *DB, id office.ID) {
	t.Helper()
	officetest.Must(t, db.WriteTx(t.Context(), func(ctx context.Context, tx *conn.Tx) error { return beginDeletion(ctx, tx, id) }))
	officetest.Must(t, db.WriteTx(t.Context(), func(ctx context.Context, tx *conn.Tx) error {
		_, err := deleteStep(ctx, tx, id)
		return err
	}))
}

// Promise 42: what is left of a database whose deletion has begun is there for nobody.
func TestDeletionHidesTheRest(t *testing.T) {
	db := open(t)
	id, kept := fillDB(t, db), officetest.Personnel(9999, officetest.DB(7).ID)
	officetest.Must(t, db.Admin().CreateDB(t.Context(), officetest.DB(7)))
	_, err := db.Personnel().Create(t.Context(), []office.Personnel{kept}, office.Edit{})
	officetest.Must(t, err)
	stopDeletion(t, db, id)
	left, err := conn.Select(t.Context(), db.Reader, scanPersonnel, "SELECT "+personnelColumns+" FROM personnels WHERE db_id = ? AND deleted_at IS NULL LIMIT 1", id[:])
	officetest.Must(t, err)
	gone := left[0]
	store, want := db.Personnel(), []office.ID{kept.ID}
	ids, total, err := store.IDs(t.Context(), personnel.Query{Scope: everything, Limit: 99})
	officetest.Must(t, err)
	officetest.SameIDs(t, "a page", ids, want)
	officetest.Equal(t, "its total", total, 1)
	list, err := officetest.ReadAfter(store.After(t.Context(), everything, office.Personnel{}, 99))
	officetest.Must(t, err)
	officetest.SameIDs(t, "a list", officetest.IDs(list), want)
	list, err = officetest.ReadAll(store.WithIDs(t.Context(), everything, []office.ID{gone.ID, kept.ID}))
	officetest.Must(t, err)
	officetest.SameIDs(t, "by ids", officetest.IDs(list), want)
	ids, err = store.Delete(t.Context(), everything, []office.ID{gone.ID}, office.Edit{At: officetest.At(1)})
	officetest.Must(t, err)
	officetest.SameIDs(t, "what can be deleted", ids, nil)
	_, err = store.Get(t.Context(), everything, gone.ID)
	officetest.WantError(t, err, office.ErrNotFound)
	_, err = store.GetWithHistory(t.Context(), everything, gone.ID)
	officetest.WantError(t, err, office.ErrNotFound)
	_, _, err = store.Update(t.Context(), everything, gone.ID, office.PersonnelPatch{Remark: new("x")}, office.Edit{At: officetest.At(1)})
	officetest.WantError(t, err, office.ErrNotFound)
	values, err := store.Shared(t.Context(), everything, personnel.ByAccount, "", 99)
	officetest.Must(t, err)
	officetest.Equal(t, "what is shared", len(values), 0)
	var holders []office.ID
	officetest.Must(t, store.Holders(t.Context(), everything, personnel.ByArmyNumber, []string{gone.ArmyNumber, kept.ArmyNumber}, func(p office.Payee) error {
		holders = append(holders, p.ID)
		return nil
	}))
	if slices.Contains(holders, gone.ID) {
		t.Error("who has an army number is found")
	}
	figures, err := db.Analytics().Dashboard(t.Context(), analytics.MonthAt(officetest.At(1)))
	officetest.Must(t, err)
	officetest.Equal(t, "the personnel of the dashboard", figures.Personnel.Total, 1)
	officetest.Equal(t, "the deleted ones", figures.DeletedPersonnel.Total, 0)
}

// Promise 29: who hangs up waits for no deletion, which goes on.
func TestDeletionOutlivesItsCall(t *testing.T) {
	for range 20 { // on a busy machine one may have ended before anybody gets between its steps
		if hangUpOnDeletion(t) {
			return
		}
	}
	t.Error("no call has ended before its deletion")
}

// hangUpOnDeletion hangs up between two steps of a deletion, and tells whether the call
// had not ended before.
func hangUpOnDeletion(t *testing.T) bool {
	db := open(t)
	id := fillDB(t, db)
	ctx, hangUp := context.WithCancel(t.Context())
	between, release := make(chan struct{}), make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for isBetween := false; !isBetween; {
			officetest.Must(t, db.WriteTx(t.Context(), func(ctx context.Context, tx *conn.Tx) error {
				if isBetween = checkDB(ctx, tx, id) == office.ErrDBNotFound; isBetween {
					close(between)
					<-release
				}
				return nil
			}))
		}
	})
	ended := make(chan error, 1)
	go func() {
		_, err := db.Admin().DeleteDB(ctx, id)
		ended <- err
	}()
	<-between
	hangUp()
	isLeft := true
	select {
	case err := <-ended:
		if isLeft = err != nil; isLeft {
			officetest.WantError(t, err, context.Canceled)
		}
	case <-time.After(time.Minute):
		t.Error("the call waits for the deletion")
	}
	close(release)
	writer.Wait()
	if _, err := db.Admin().DeleteDB(t.Context(), id); err != nil {
		officetest.WantError(t, err, office.ErrDBNotFound) // it was done
	}
	wantGone(t, db, id)
	return isLeft
}

// A deletion that was killed leaves a good file, and is completed by the next start or
// by the same call.
func TestDeletionIsCompleted(t *testing.T) {
	for name, complete := range map[string]func(*DB, office.ID) error{
		"start": func(db *DB, _ office.ID) error { return db.Admin().CompleteDeletions(t.Context()) },
		"call": func(db *DB, id office.ID) error {
			_, err := db.Admin().DeleteDB(t.Context(), id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "office.db")
			db, err := Migrate(t.Context(), path)
			officetest.Must(t, err)
			id := fillDB(t, db)
			stopDeletion(t, db, id)
			officetest.Must(t, db.Close())
			db, err = Migrate(t.Context(), path)
			officetest.Must(t, err)
			defer db.Close()
			if faults, err := db.Verify(t.Context()); len(faults) > 0 || err != nil {
				t.Errorf("after a kill: %v, %v", faults, err)
			}
			officetest.Must(t, complete(db, id))
			wantGone(t, db, id)
		})
	}
}

// thereAgain is a database with so many records that was brought back from a backup after
// its deletion had stopped.
func thereAgain(t *testing.T, db *DB) (id office.ID, records int) {
	t.Helper()
	id = fillDB(t, db)
	stopDeletion(t, db, id)
	officetest.Must(t, db.Admin().CreateDB(t.Context(), office.DB{ID: id, Name: "again", ShortCode: "AGAIN", CreatedAt: officetest.At(1)}))
	return id, countRecords(t, db.Reader, id)
}

// A database that is there again keeps its records.
func TestDeletionSparesWhatIsThereAgain(t *testing.T) {
	db := open(t)
	id, left := thereAgain(t, db)
	officetest.Must(t, db.Admin().CompleteDeletions(t.Context()))
	if now := countRecords(t, db.Reader, id); now != left || left == 0 {
		t.Errorf("%d of %d records are left", now, left)
	}
	if faults, err := db.Verify(t.Context()); len(faults) > 0 || err != nil {
		t.Errorf("%v, %v", faults, err)
	}
}

// And it can be deleted as any other.
func TestDeletionOfWhatIsThereAgain(t *testing.T) {
	db := open(t)
	id, left := thereAgain(t, db)
	deleted, err := db.Admin().DeleteDB(t.Context(), id)
	officetest.Must(t, err)
	officetest.Equal(t, "how many were deleted", deleted, left)
	wantGone(t, db, id)
}

// Promise 36: a panic in what goes on without its caller is an error of that call.
func TestPanicToItsEnd(t *testing.T) {
	_, err := runDetached(t.Context(), func(context.Context) (int, error) { panic("a fault in the program") })
	if err == nil || err.Error() != "panic: a fault in the program" {
		t.Errorf("the error is %v", err)
	}
}
