package gate_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"officepay.example/shared/gate"
)

// enter takes n places, which must be free.
func enter(t *testing.T, g *gate.Gate, n int) []*gate.Place {
	t.Helper()
	places := make([]*gate.Place, n)
	for i := range places {
		var err error
		if places[i], err = g.Enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return places
}

func leave(places []*gate.Place) {
	for _, place := range places {
		place.Leave()
	}
}

// wait starts n goroutines that enter, and returns where each tells how that
// went. Those that get in leave at once.
func wait(ctx context.Context, g *gate.Gate, n int) <-chan error {
	done := make(chan error, n)
	for range n {
		go func() {
			place, err := g.Enter(ctx)
			if err == nil {
				place.Leave() // who did not get in has nothing to leave
			}
			done <- err
		}()
	}
	synctest.Wait()
	return done
}

// Promises 10 and 30: so many work, so many wait, and the next is told at once.
// Were it to wait, synctest would find the test at a standstill.
func TestGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate.New("things", 2, 3)
		working := enter(t, g, 2)
		waiting := wait(t.Context(), g, 3)
		if len(waiting) > 0 {
			t.Error("one more works than there are places")
		}
		if _, err := g.Enter(t.Context()); !errors.Is(err, gate.ErrBusy) {
			t.Errorf("one too many: %v", err)
		}
		leave(working)
		for range cap(waiting) {
			if err := <-waiting; err != nil {
				t.Errorf("one who waited: %v", err)
			}
		}
		leave(enter(t, g, 2)) // as at first
	})
}

// Who gives up gives his place to another.
func TestGivingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate.New("things", 1, 3)
		working := enter(t, g, 1)
		for range 2 {
			ctx, giveUp := context.WithCancel(t.Context())
			waiting := wait(ctx, g, 3)
			giveUp()
			for range cap(waiting) {
				if err := <-waiting; !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			}
		}
		leave(working)
	})
}

// Who was in before gets in again, also when nobody else would.
func TestWorkAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate.New("things", 1, 0)
		first := enter(t, g, 1)[0]
		first.Leave()
		first.Leave()
		second := enter(t, g, 1)[0]

		ctx, giveUp := context.WithCancel(t.Context())
		giveUp()
		if err := first.Work(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("with nobody to wait for it: %v", err)
		}
		first.Leave() // it has no place to give

		returned := make(chan error)
		go func() { returned <- first.Work(t.Context()) }()
		synctest.Wait()
		second.Leave()
		if err := <-returned; err != nil {
			t.Errorf("after the other has left: %v", err)
		}
		if _, err := g.Enter(t.Context()); !errors.Is(err, gate.ErrBusy) {
			t.Errorf("beside the one who is back: %v", err)
		}
		first.Leave()
		leave(enter(t, g, 1))
	})
}

// Who has a place to wait at is not refused any more, and keeps others out.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := gate.New("things", 1, 1)
		first, err := g.Queue()
		if err != nil {
			t.Fatal(err)
		}
		second := enter(t, g, 1)[0]
		if _, err := g.Queue(); !errors.Is(err, gate.ErrBusy) {
			t.Errorf("one too many: %v", err)
		}
		working := make(chan error)
		go func() { working <- first.Work(t.Context()) }()
		synctest.Wait()
		second.Leave()
		if err := <-working; err != nil {
			t.Errorf("when the other has left: %v", err)
		}
		first.Leave()
		leave(enter(t, g, 1))
	})
}

func TestNoGate(t *testing.T) {
	var place *gate.Place
	place.Leave()
	if err := place.Work(t.Context()); err != nil {
		t.Error(err)
	}
}
