package limit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// Promise 31: however many calls one user makes, there is room for another, and
// nothing is left of those who are gone.
func TestNobodyFillsItAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slots, waiting = 3, 2
		p := NewPerUser("things", slots, waiting)
		ctx, giveUp := context.WithCancel(t.Context())
		results := make(chan error, 10)
		for range cap(results) {
			go func() {
				release, err := p.Acquire(ctx, "greedy")
				if err == nil {
					<-ctx.Done()
					release()
				}
				results <- err
			}()
		}
		synctest.Wait()
		if got := len(p.shared.slots); got != slots-1 {
			t.Errorf("he has %d slots of %d", got, slots)
		}
		if refused := len(results); refused != cap(results)-(slots-1)-waiting {
			t.Errorf("%d of %d were refused", refused, cap(results))
		}
		release, err := p.Acquire(t.Context(), "modest")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Acquire(ctx, "greedy"); !errors.Is(err, ErrBusy) {
			t.Errorf("one more: %v", err)
		}
		release()
		giveUp()
		synctest.Wait()
		if len(p.own) > 0 || len(p.shared.slots) > 0 {
			t.Errorf("left are %d limiters and %d slots", len(p.own), len(p.shared.slots))
		}
	})
}

// All users together have no more slots than there are.
func TestPerUserIsFull(t *testing.T) {
	p := NewPerUser("things", 2, 0)
	for _, user := range []string{"a", "b"} {
		if _, err := p.Acquire(t.Context(), user); err != nil {
			t.Fatal(err)
		}
	}
	for _, user := range []string{"a", "c"} {
		if _, err := p.Acquire(t.Context(), user); !errors.Is(err, ErrBusy) {
			t.Errorf("%s: %v", user, err)
		}
	}
	if len(p.own) != 2 {
		t.Errorf("%d have slots", len(p.own))
	}
}

// Whoever is refused for what others have keeps nothing of his own taken.
func TestRefusedKeepsNoSlot(t *testing.T) {
	p := NewPerUser("things", 3, 0)
	release := make(map[string]func())
	for _, user := range []string{"a", "b", "c"} {
		var err error
		if release[user], err = p.Acquire(t.Context(), user); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.Acquire(t.Context(), "a"); !errors.Is(err, ErrBusy) {
		t.Fatalf("one too many: %v", err)
	}
	release["b"]()
	if _, err := p.Acquire(t.Context(), "a"); err != nil {
		t.Errorf("a slot of two is free for him: %v", err)
	}
}

// Where there is one slot, everybody may have it.
func TestPerUserOfOne(t *testing.T) {
	p := NewPerUser("things", 1, 0)
	for range 2 {
		release, err := p.Acquire(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		release()
	}
}
