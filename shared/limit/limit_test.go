package limit_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"officepay.example/shared/limit"
)

// acquire takes n slots, which must be free.
func acquire(t *testing.T, l *limit.Limiter, n int) {
	t.Helper()
	for range n {
		if err := l.TryAcquire(); err != nil {
			t.Fatal(err)
		}
	}
}

func release(l *limit.Limiter, n int) {
	for range n {
		l.Release()
	}
}

// wait starts n goroutines that acquire a slot, and returns where each tells how
// that went. Those that get one release it at once.
func wait(ctx context.Context, l *limit.Limiter, n int) <-chan error {
	done := make(chan error, n)
	for range n {
		go func() {
			err := l.Acquire(ctx)
			if err == nil {
				l.Release()
			}
			done <- err
		}()
	}
	synctest.Wait()
	return done
}

// Promises 10 and 30: so many work, so many wait, and the next is told at once.
// Were it to wait, synctest would find the test at a standstill.
func TestLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New("things", 2, 3)
		acquire(t, l, 2)
		waiting := wait(t.Context(), l, 3)
		if len(waiting) > 0 {
			t.Error("one more works than there are slots")
		}
		if err := l.Acquire(t.Context()); !errors.Is(err, limit.ErrBusy) {
			t.Errorf("one too many: %v", err)
		}
		release(l, 2)
		for range cap(waiting) {
			if err := <-waiting; err != nil {
				t.Errorf("one who waited: %v", err)
			}
		}
		acquire(t, l, 2) // as at first
	})
}

// Whoever gives up leaves room for another to wait.
func TestGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New("things", 1, 3)
		acquire(t, l, 1)
		for range 2 {
			ctx, giveUp := context.WithCancel(t.Context())
			waiting := wait(ctx, l, 3)
			giveUp()
			for range cap(waiting) {
				if err := <-waiting; !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			}
		}
		release(l, 1)
		acquire(t, l, 1)
	})
}

// Whoever does not wait is refused while all slots are taken, and goes ahead of
// nobody who does: so a request that was let in before gets its next slot first.
func TestTryAcquire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New("things", 1, limit.Unlimited)
		acquire(t, l, 1)
		got := make(chan error)
		go func() { got <- l.Acquire(t.Context()) }()
		synctest.Wait()
		if err := l.TryAcquire(); !errors.Is(err, limit.ErrBusy) {
			t.Errorf("while the slot is taken: %v", err)
		}
		release(l, 1)
		if err := l.TryAcquire(); !errors.Is(err, limit.ErrBusy) {
			t.Errorf("ahead of the one who waited: %v", err)
		}
		if err := <-got; err != nil {
			t.Errorf("the one who waited: %v", err)
		}
		release(l, 1)
		acquire(t, l, 1)
	})
}

func TestNoLimiter(t *testing.T) {
	var l *limit.Limiter
	if err := errors.Join(l.TryAcquire(), l.Acquire(t.Context())); err != nil {
		t.Error(err)
	}
	l.Release()
}
