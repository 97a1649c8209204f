package password

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"officepay.example/shared/limit"
)

// Promise 10: half of the processors stay free for everything else, callers
// wait for a slot, and surplus ones are told at once. Were one of these to wait,
// synctest would find the test at a standstill.
func TestSlots(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for processors, slots := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 16: 8} {
		runtime.GOMAXPROCS(processors)
		synctest.Test(t, func(t *testing.T) { checkSlots(t, NewHasher(MinCost), slots, 7*processors) })
	}
}

// somebody is one of those who log in.
var somebody = Stranger("192.0.2.1")

func checkSlots(t *testing.T, hasher *Hasher, slots, room int) {
	var releases []func()
	for range slots {
		release, err := hasher.Acquire(t.Context(), somebody)
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, release)
	}
	waiting := make(chan error, room)
	for range cap(waiting) {
		go func() {
			_, err := hasher.Hash(context.Background(), somebody, "waiting")
			waiting <- err
		}()
	}
	synctest.Wait()
	if len(waiting) > 0 {
		t.Errorf("more work than the %d that may", slots)
	}
	if _, err := hasher.Hash(t.Context(), somebody, "secret"); !errors.Is(err, limit.ErrBusy) {
		t.Errorf("Hash: %v", err)
	}
	if err := hasher.CheckRoom(somebody); !errors.Is(err, limit.ErrBusy) {
		t.Errorf("CheckRoom: %v", err)
	}
	for _, other := range []Requester{Stranger("elsewhere"), Member("somebody")} {
		if err := hasher.CheckRoom(other); err != nil {
			t.Errorf("%+v finds no room: %v", other, err)
		}
	}
	if _, err := hasher.Acquire(t.Context(), somebody); !errors.Is(err, limit.ErrBusy) {
		t.Errorf("Acquire: %v", err)
	}
	for _, release := range releases {
		release()
	}
	for range cap(waiting) {
		if err := <-waiting; err != nil {
			t.Errorf("one who waited: %v", err)
		}
	}
}

// Promise 10: all processors hash while nobody else has work, and half of them from the
// next turn on once somebody has.
func TestAllWhileQuiet(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	synctest.Test(t, func(t *testing.T) {
		hasher, others, turns := NewHasher(MinCost), &limit.Activity{}, make(chan func(), 10)
		hasher.UseAllWhileQuiet(others)
		for range cap(turns) {
			go func() {
				release, _ := hasher.Acquire(t.Context(), somebody)
				turns <- release
			}()
		}
		wants := func(when string, want int) {
			t.Helper()
			synctest.Wait()
			if len(turns) != want {
				t.Errorf("%s, %d have their turn, want %d", when, len(turns), want)
			}
		}
		wants("while it is quiet", 4)
		others.Begin()
		for _, want := range []int{3, 2, 2, 2} {
			(<-turns)()
			wants("while somebody has work", want)
		}
		others.End()
		time.Sleep(time.Second)
		(<-turns)()
		wants("a second later", 2)
		time.Sleep(2 * time.Second)
		(<-turns)()
		wants("when it is quiet again", 4)
		for len(turns) > 0 {
			(<-turns)()
		}
	})
}
