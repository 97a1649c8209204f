package limit_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"officepay.example/shared/limit"
)

// Promise 30: whoever does not wait is refused while all slots are taken, and goes ahead
// of nobody who does: so a request that was let in before gets its next slot first.
// Promise 40: one user has no more than his share, with others' slots free.
func TestTryAcquire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limit.New("things", limit.Size{Slots: 2, PerUser: 1, Waiting: limit.Unlimited})
		try := func(user string, want bool) (release func()) {
			t.Helper()
			release, err := l.TryAcquire(user)
			if (err == nil) != want || err != nil && !errors.Is(err, limit.ErrBusy) {
				t.Errorf("%s: %v", user, err)
			}
			return release
		}
		a := try("a", true)
		try("a", false)
		b := try("b", true)
		try("c", false)
		got := make(chan func())
		go func() {
			release, err := l.Acquire(t.Context(), "d", 1)
			if err != nil {
				t.Errorf("the one who waited: %v", err)
			}
			got <- release
		}()
		synctest.Wait()
		a()
		try("c", false)
		(<-got)()
		b()
		for _, user := range []string{"a", "b"} { // as at first
			try(user, true)()
		}
	})
}
