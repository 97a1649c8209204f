package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// gather makes changes that meet in one group, and returns what came of each.
func gather(t *testing.T, db *DB, changes []func(context.Context, *transaction) error) []error {
	t.Helper()
	errs := make([]error, len(changes))
	var all sync.WaitGroup
	db.group.turn <- struct{}{} // so that none is made before the last has come
	for i, change := range changes {
		all.Go(func() { errs[i] = changeOrPanic(t.Context(), db, change) })
	}
	for waiting(db.group) < len(changes) {
		time.Sleep(time.Millisecond)
	}
	<-db.group.turn
	all.Wait()
	return errs
}

func waiting(g *group) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}

var errPanic = errors.New("a panic")

// changeOrPanic is changeOne, where a panic is an error.
func changeOrPanic(ctx context.Context, db *DB, change func(context.Context, *transaction) error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v", errPanic, fault)
		}
	}()
	return db.changeOne(ctx, change)
}

// addDB is the change that makes the nth database.
func addDB(n int) func(context.Context, *transaction) error {
	return func(ctx context.Context, tx *transaction) error { return insertDB(ctx, tx, officetest.DB(n)) }
}

// addDBAnd is addDB, and another step after it.
func addDBAnd(n int, step func(context.Context, *transaction) error) func(context.Context, *transaction) error {
	return func(ctx context.Context, tx *transaction) error {
		if err := addDB(n)(ctx, tx); err != nil {
			return err
		}
		return step(ctx, tx)
	}
}

func twenty(change func(n int) func(context.Context, *transaction) error) (all []func(context.Context, *transaction) error) {
	for n := range 20 {
		all = append(all, change(n))
	}
	return all
}

// wantDBs checks which databases there are.
func wantDBs(t *testing.T, db *DB, isThere func(n int) bool) {
	t.Helper()
	for n := range 20 {
		err := db.Personnel().CheckDB(t.Context(), officetest.DB(n).ID)
		if there := err == nil; there != isThere(n) {
			t.Errorf("database %d is there: %v", n, there)
		}
	}
}

func TestChangesShareCommits(t *testing.T) {
	db := open(t)
	transactions := map[*transaction]bool{}
	errs := gather(t, db, twenty(func(n int) func(context.Context, *transaction) error {
		return func(ctx context.Context, tx *transaction) error {
			transactions[tx] = true
			return addDB(n)(ctx, tx)
		}
	}))
	officetest.Must(t, errors.Join(errs...))
	wantDBs(t, db, func(int) bool { return true })
	officetest.Equal(t, "the number of transactions of 20 changes", len(transactions), 1)
}

// Whatever befalls one change of a group, the others are made, and each is
// told of its own.
func TestChangesOfAGroupFailAlone(t *testing.T) {
	own := errors.New("its own")
	failures := map[string]struct {
		after func(ctx context.Context, tx *transaction) error
		want  func(error) bool
	}{
		"its own": {func(context.Context, *transaction) error { return own }, func(err error) bool { return err == own }},
		"unique": {func(ctx context.Context, tx *transaction) error { return insertDB(ctx, tx, officetest.DB(100)) },
			func(err error) bool { return errors.Is(err, office.ErrShortCodeTaken) }},
		"SQLite's": {func(ctx context.Context, tx *transaction) error {
			_, err := selectInt(ctx, tx, "SELECT abs(-9223372036854775808)")
			return err
		}, func(err error) bool { return codeOf(err) != 0 }},
		"no room, which undoes the statement": {insert(`WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers LIMIT 1000)
			SELECT n || hex(zeroblob(2000)), 0, 0, NULL, 0 FROM numbers`), isNoRoom},
		"no room, which undoes the transaction": {insert("VALUES (hex(zeroblob(2000000)), 0, 0, NULL, 0)"), isNoRoom},
	}
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			officetest.Must(t, db.Admin().CreateDB(t.Context(), officetest.DB(100)))
			_, err := db.writer.ExecContext(t.Context(), "PRAGMA max_page_count = 500")
			officetest.Must(t, err)
			fails := func(n int) bool { return n%4 == 1 }
			errs := gather(t, db, twenty(func(n int) func(context.Context, *transaction) error {
				if fails(n) {
					return addDBAnd(n, failure.after)
				}
				return addDB(n)
			}))
			for n, err := range errs {
				if fails(n) && !failure.want(err) || !fails(n) && err != nil {
					t.Errorf("change %d: %v", n, err)
				}
			}
			wantDBs(t, db, func(n int) bool { return !fails(n) })
		})
	}
}

// insert is a change that inserts rows.
func insert(rows string) func(context.Context, *transaction) error {
	return func(ctx context.Context, tx *transaction) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO attempts (key, count, pause, blocked_until, forget_at) "+rows)
		return err
	}
}

func isNoRoom(err error) bool { return errors.Is(err, office.ErrStorageFull) }

// Promise 36: a panic in one change leaves nobody waiting for good, and nobody
// is told that his own was made when it was not.
func TestPanicInAGroup(t *testing.T) {
	db := open(t)
	errs := gather(t, db, twenty(func(n int) func(context.Context, *transaction) error {
		if n == 7 {
			return func(context.Context, *transaction) error { panic("a fault in the program") }
		}
		return addDB(n)
	}))
	if !slices.ContainsFunc(errs, func(err error) bool { return errors.Is(err, errPanic) }) {
		t.Errorf("the panic is gone: %v", errs)
	}
	officetest.WantEach(t, errs, errPanic, office.ErrUnavailable)
	wantDBs(t, db, func(n int) bool { return errs[n] == nil })
	officetest.Must(t, db.changeOne(t.Context(), addDB(20)))
}

// Promise 29: the deadline of a change holds while others have the writer.
func TestDeadlineInAGroup(t *testing.T) {
	db := open(t)
	officetest.Must(t, db.change(t.Context(), func(*transaction) error {
		var all sync.WaitGroup
		for n := range 5 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				officetest.WantError(t, db.changeOne(ctx, addDB(n)), context.DeadlineExceeded)
			})
		}
		all.Wait() // for ever, were they to wait for the writer
		return nil
	}))
	officetest.Must(t, db.changeOne(t.Context(), addDB(0)))
}

// Promise 29: so it does while another change is made, however long that takes,
// and nothing is left of who gave up.
func TestDeadlineBehindAGroup(t *testing.T) {
	db := open(t)
	begun, release, first := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		first <- db.changeOne(t.Context(), func(ctx context.Context, tx *transaction) error {
			close(begun)
			<-release
			return addDB(0)(ctx, tx)
		})
	}()
	<-begun
	second := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		second <- db.changeOne(ctx, addDB(1))
	}()
	select {
	case err := <-second:
		officetest.WantError(t, err, context.DeadlineExceeded)
	case <-time.After(10 * time.Second):
		t.Error("who gave up waits for the change before his")
	}
	officetest.Equal(t, "the changes that wait", len(db.group.waiting), 0)
	close(release)
	officetest.Must(t, <-first)
	wantDBs(t, db, func(n int) bool { return n == 0 })
}
