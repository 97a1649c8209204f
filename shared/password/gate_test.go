package password

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
)

// Promise 10: at most one caller a turn works, and the rest wait for theirs.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hasher := newHasher(t, MinCost)
		leave := enterAll(t, hasher, cap(hasher.turns))
		entered := false
		go func() {
			err := hasher.enter(context.Background())
			if entered = true; err == nil {
				hasher.leave()
			}
		}()
		synctest.Wait()
		if entered {
			t.Error("one more works than there are turns")
		}
		leave()
		synctest.Wait()
		if !entered || len(hasher.turns) != 0 || len(hasher.queue) != 0 {
			t.Errorf("entered %v, %d turns and %d places still taken", entered, len(hasher.turns), len(hasher.queue))
		}
	})
}

// Promise 10: half of the processors stay free for everything else.
func TestHalfOfTheProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for processors, turns := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 16: 8} {
		runtime.GOMAXPROCS(processors)
		if got := cap(newHasher(t, MinCost).turns); got != turns {
			t.Errorf("%d turns on %d processors, want %d", got, processors, turns)
		}
	}
}

// enterAll takes n turns, and returns what gives them back.
func enterAll(t *testing.T, hasher *Hasher, n int) (leave func()) {
	t.Helper()
	for range n {
		if err := hasher.enter(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for range n {
			hasher.leave()
		}
	}
}

// Promise 10: surplus callers are told at once. Were one to wait, synctest
// would find the test at a standstill.
func TestBusyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hasher := newHasher(t, MinCost)
		leave := enterAll(t, hasher, cap(hasher.turns))
		for range cap(hasher.queue) - cap(hasher.turns) {
			go hasher.Compare(context.Background(), "", "waiting")
		}
		synctest.Wait()
		if _, err := hasher.Hash(context.Background(), "secret"); err != ErrBusy {
			t.Errorf("Hash: %v", err)
		}
		if err := hasher.Compare(context.Background(), "", "secret"); err != ErrBusy {
			t.Errorf("Compare: %v", err)
		}
		leave()
		synctest.Wait()
		if err := hasher.Compare(context.Background(), "", "secret"); err != ErrMismatch {
			t.Errorf("when all have left: %v", err)
		}
	})
}

// A caller who gives up gives his place to another.
func TestGivingUpFreesThePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hasher := newHasher(t, MinCost)
		leave := enterAll(t, hasher, cap(hasher.turns))
		ctx, giveUp := context.WithCancel(context.Background())
		errs := make(chan error, cap(hasher.queue))
		waiting := cap(hasher.queue) - cap(hasher.turns)
		for range waiting {
			go func() { errs <- hasher.Compare(ctx, "", "secret") }()
		}
		synctest.Wait()
		giveUp()
		for range waiting {
			if err := <-errs; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		if len(hasher.queue) != cap(hasher.turns) {
			t.Errorf("%d places are taken by %d", len(hasher.queue), cap(hasher.turns))
		}
		leave()
	})
}
