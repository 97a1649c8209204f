package password

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
)

// Promise 10: half of the processors stay free for everything else, callers
// wait for their turn, and surplus ones are told at once. Were one of these to
// wait, synctest would find the test at a standstill.
func TestTurns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for processors, turns := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 16: 8} {
		runtime.GOMAXPROCS(processors)
		synctest.Test(t, func(t *testing.T) { checkTurns(t, newHasher(t, MinCost), turns) })
	}
}

func checkTurns(t *testing.T, hasher *Hasher, turns int) {
	var taken []Turn
	for range turns {
		turn, err := hasher.Queue()
		if err := errors.Join(err, turn.Await(t.Context())); err != nil {
			t.Fatalf("turn %d of %d: %v", len(taken)+1, turns, err)
		}
		taken = append(taken, turn)
	}
	waiting := make(chan error, turns*waitingPerWorker)
	for range cap(waiting) {
		go func() { waiting <- hasher.Compare(context.Background(), "", "waiting") }()
	}
	synctest.Wait()
	if len(waiting) > 0 {
		t.Errorf("more work than the %d that may", turns)
	}
	if _, err := hasher.Hash(t.Context(), "secret"); !errors.Is(err, ErrBusy) {
		t.Errorf("Hash: %v", err)
	}
	if err := hasher.Compare(t.Context(), "", "secret"); !errors.Is(err, ErrBusy) {
		t.Errorf("Compare: %v", err)
	}
	for _, turn := range taken {
		turn.Leave()
	}
	for range cap(waiting) {
		if err := <-waiting; err != ErrMismatch {
			t.Errorf("one who waited: %v", err)
		}
	}
}
