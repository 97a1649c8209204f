package conn

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

// gather makes writes that meet in one group, and returns what came of each.
func gather(t *testing.T, db *DB, writes []Do) []error {
	t.Helper()
	errs := make([]error, len(writes))
	var all sync.WaitGroup
	db.group.turn <- struct{}{} // so that none is made before the last has come
	for i, write := range writes {
		all.Go(func() { errs[i] = writeOrPanic(t.Context(), db, write) })
	}
	for waiting(db.group) < len(writes) {
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

// writeOrPanic is GroupWriteTx, where a panic is an error.
func writeOrPanic(ctx context.Context, db *DB, write Do) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v", errPanic, fault)
		}
	}()
	return db.GroupWriteTx(ctx, write)
}

// nth is the name that the nth write adds.
func nth(n int) string { return fmt.Sprint("n", 100+n) }

// addAnd is the nth write, and another step after it.
func addAnd(n int, step Do) Do {
	return func(ctx context.Context, tx *Tx) error {
		if err := add(nth(n))(ctx, tx); err != nil {
			return err
		}
		return step(ctx, tx)
	}
}

func twenty(write func(n int) Do) (all []Do) {
	for n := range 20 {
		all = append(all, write(n))
	}
	return all
}

// wantMade checks which of twenty writes are made.
func wantMade(t *testing.T, db *DB, isMade func(n int) bool) {
	t.Helper()
	for n := range 20 {
		count, err := Int(t.Context(), db.Reader, "SELECT count(*) FROM names WHERE name = ?", nth(n))
		officetest.Must(t, err)
		if made := count == 1; made != isMade(n) {
			t.Errorf("write %d is made: %v", n, made)
		}
	}
}

func TestWritesShareCommits(t *testing.T) {
	db := open(t)
	transactions := map[*Tx]bool{}
	errs := gather(t, db, twenty(func(n int) Do {
		return func(ctx context.Context, tx *Tx) error {
			transactions[tx] = true
			return add(nth(n))(ctx, tx)
		}
	}))
	officetest.Must(t, errors.Join(errs...))
	wantMade(t, db, func(int) bool { return true })
	officetest.Equal(t, "the number of transactions of 20 writes", len(transactions), 1)
}

// Whatever befalls one write of a group, the others are made, and each is told
// of its own.
func TestWritesOfAGroupFailAlone(t *testing.T) {
	own := errors.New("its own")
	failures := map[string]struct {
		after Do
		want  func(error) bool
	}{
		"its own": {func(context.Context, *Tx) error { return own }, func(err error) bool { return err == own }},
		"unique":  {add("taken"), IsUniqueViolation},
		"SQLite's": {func(ctx context.Context, tx *Tx) error {
			_, err := Int(ctx, tx, "SELECT abs(-9223372036854775808)")
			return err
		}, func(err error) bool { return primaryCode(err) != 0 }},
		"no room, which undoes the statement": {insert(`WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers LIMIT 1000)
			SELECT n || hex(zeroblob(2000)) FROM numbers`), isNoRoom},
		"no room, which undoes the transaction": {insert("VALUES (hex(zeroblob(2000000)))"), isNoRoom},
	}
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			officetest.Must(t, db.WriteTx(t.Context(), add("taken")))
			_, err := db.writer.ExecContext(t.Context(), "PRAGMA max_page_count = 500")
			officetest.Must(t, err)
			fails := func(n int) bool { return n%4 == 1 }
			errs := gather(t, db, twenty(func(n int) Do {
				if fails(n) {
					return addAnd(n, failure.after)
				}
				return add(nth(n))
			}))
			for n, err := range errs {
				if fails(n) && !failure.want(err) || !fails(n) && err != nil {
					t.Errorf("write %d: %v", n, err)
				}
			}
			wantMade(t, db, func(n int) bool { return !fails(n) })
		})
	}
}

// insert is a write that inserts rows.
func insert(rows string) Do {
	return func(ctx context.Context, tx *Tx) error {
		return Exec(ctx, tx, "INSERT INTO names (name) "+rows)
	}
}

func isNoRoom(err error) bool { return errors.Is(err, office.ErrStorageFull) }

// Promise 36: a panic in one write leaves nobody waiting for good, and nobody is
// told that his own was made when it was not.
func TestPanicInAGroup(t *testing.T) {
	db := open(t)
	errs := gather(t, db, twenty(func(n int) Do {
		if n == 7 {
			return func(context.Context, *Tx) error { panic("a fault in the program") }
		}
		return add(nth(n))
	}))
	if !slices.ContainsFunc(errs, func(err error) bool { return errors.Is(err, errPanic) }) {
		t.Errorf("the panic is gone: %v", errs)
	}
	officetest.WantEach(t, errs, errPanic, office.ErrUnavailable)
	wantMade(t, db, func(n int) bool { return errs[n] == nil })
	officetest.Must(t, db.GroupWriteTx(t.Context(), add("after")))
}

// Promise 29: the deadline of a write holds while others have the writer.
func TestDeadlineInAGroup(t *testing.T) {
	db := open(t)
	officetest.Must(t, db.WriteTx(t.Context(), func(context.Context, *Tx) error {
		var all sync.WaitGroup
		for n := range 5 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				officetest.WantError(t, db.GroupWriteTx(ctx, add(nth(n))), context.DeadlineExceeded)
			})
		}
		all.Wait() // for ever, were they to wait for the writer
		return nil
	}))
	officetest.Must(t, db.GroupWriteTx(t.Context(), add(nth(0))))
}

// Promise 29: so it does while another write is made, however long that takes,
// and nothing is left of who gave up.
func TestDeadlineBehindAGroup(t *testing.T) {
	db := open(t)
	begun, release, first := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		first <- db.GroupWriteTx(t.Context(), func(ctx context.Context, tx *Tx) error {
			close(begun)
			<-release
			return add(nth(0))(ctx, tx)
		})
	}()
	<-begun
	second := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		second <- db.GroupWriteTx(ctx, add(nth(1)))
	}()
	select {
	case err := <-second:
		officetest.WantError(t, err, context.DeadlineExceeded)
	case <-time.After(time.Minute):
		t.Error("who gave up waits for the write before his")
	}
	officetest.Equal(t, "the writes that wait", len(db.group.waiting), 0)
	close(release)
	officetest.Must(t, <-first)
	wantMade(t, db, func(n int) bool { return n == 0 })
}
