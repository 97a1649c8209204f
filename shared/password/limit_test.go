package password

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"

	"officepay.example/shared/limit"
)

// Promise 10: half of the processors stay free for everything else, callers
// wait for a slot, and surplus ones are told at once. Were one of these to wait,
// synctest would find the test at a standstill.
func TestSlots(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for processors, slots := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 16: 8} {
		runtime.GOMAXPROCS(processors)
		synctest.Test(t, func(t *testing.T) { checkSlots(t, newHasher(t, MinCost), slots) })
	}
}

func checkSlots(t *testing.T, hasher *Hasher, slots int) {
	for range slots {
		if err := hasher.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	waiting := make(chan error, Capacity()-slots)
	for range cap(waiting) {
		go func() {
			_, err := hasher.Hash(context.Background(), "waiting")
			waiting <- err
		}()
	}
	synctest.Wait()
	if len(waiting) > 0 {
		t.Errorf("more work than the %d that may", slots)
	}
	if cap(waiting) != 7*slots {
		t.Errorf("%d may wait for %d", cap(waiting), slots)
	}
	if _, err := hasher.Hash(t.Context(), "secret"); !errors.Is(err, limit.ErrBusy) {
		t.Errorf("Hash: %v", err)
	}
	if err := hasher.Acquire(t.Context()); !errors.Is(err, limit.ErrBusy) {
		t.Errorf("Acquire: %v", err)
	}
	for range slots {
		hasher.Release()
	}
	for range cap(waiting) {
		if err := <-waiting; err != nil {
			t.Errorf("one who waited: %v", err)
		}
	}
}
