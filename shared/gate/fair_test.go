package gate

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// Promise 31: however many one has inside or waiting, there is room for
// another, and nothing is left of those who are gone.
func TestNobodyFillsAFairGateAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const places, waiting = 3, 2
		f := NewFair("things", places, waiting)
		ctx, giveUp := context.WithCancel(t.Context())
		results := make(chan error, 10)
		for range cap(results) {
			go func() {
				leave, err := f.Enter(ctx, "greedy")
				if err == nil {
					<-ctx.Done()
					leave()
				}
				results <- err
			}()
		}
		synctest.Wait()
		if got := len(f.shared.working); got != places-1 {
			t.Errorf("he works at %d places of %d", got, places)
		}
		if refused := len(results); refused != cap(results)-(places-1)-waiting {
			t.Errorf("%d of %d were refused", refused, cap(results))
		}
		leave, err := f.Enter(t.Context(), "modest")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Enter(ctx, "greedy"); !errors.Is(err, ErrBusy) {
			t.Errorf("one more: %v", err)
		}
		leave()
		leave() // is leaving once
		giveUp()
		synctest.Wait()
		if len(f.own) > 0 || len(f.shared.inside) > 0 {
			t.Errorf("left are %d gates and %d places", len(f.own), len(f.shared.inside))
		}
	})
}

// All who share a gate together have no more places than it has.
func TestFairGateIsFull(t *testing.T) {
	f := NewFair("things", 2, 0)
	for _, who := range []string{"a", "b"} {
		if _, err := f.Enter(t.Context(), who); err != nil {
			t.Fatal(err)
		}
	}
	for _, who := range []string{"a", "c"} {
		if _, err := f.Enter(t.Context(), who); !errors.Is(err, ErrBusy) {
			t.Errorf("%s: %v", who, err)
		}
	}
	if len(f.own) != 2 {
		t.Errorf("%d are inside", len(f.own))
	}
}

// Who found the shared gate full keeps nothing of his own taken.
func TestRefusedKeepsNoPlace(t *testing.T) {
	f := NewFair("things", 3, 0)
	leave := make(map[string]func())
	for _, who := range []string{"a", "b", "c"} {
		var err error
		if leave[who], err = f.Enter(t.Context(), who); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Enter(t.Context(), "a"); !errors.Is(err, ErrBusy) {
		t.Fatalf("one too many: %v", err)
	}
	leave["b"]()
	if _, err := f.Enter(t.Context(), "a"); err != nil {
		t.Errorf("a place of two is free for him: %v", err)
	}
}

// A gate with one place has it for everybody.
func TestFairGateOfOne(t *testing.T) {
	f := NewFair("things", 1, 0)
	for range 2 {
		leave, err := f.Enter(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		leave()
	}
}
