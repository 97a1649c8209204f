package auth

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/web"
)

// noon is when every clock here begins.
var noon = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

// failed are the attempts after n of them at one moment, each one let through.
func failed(t *testing.T, n int, at time.Time) Attempts {
	t.Helper()
	var a Attempts
	for i := range n {
		next, wait := a.add(at, ownLimit)
		if wait != 0 {
			t.Fatalf("attempt %d has to wait %v", i+1, wait)
		}
		a = next
	}
	return a
}

// paused are attempts on an account that has to wait.
type paused struct{ Store }

func (paused) Attempts(_ context.Context, keys ...string) (map[string]Attempts, error) {
	a := Attempts{Count: ownLimit, Pause: firstPause, BlockedUntil: noon.Add(firstPause), CountUntil: noon.Add(time.Hour)}
	return map[string]Attempts{keys[0]: a}, nil
}

func (paused) ForgetAttempts(context.Context, time.Time) error { return nil }

// Promises 10 and 11: who has to wait is told so at once, and takes no slot of
// those whose passwords are looked at.
func TestPausedTakesNoSlot(t *testing.T) { synctest.Test(t, checkPausedTakesNoSlot) }

func checkPausedTakesNoSlot(t *testing.T) {
	hasher := password.NewHasher(password.MinCost)
	full, fill := context.WithCancel(t.Context())
	fill()
	var err error
	for err == nil { // until every slot is taken
		_, err = hasher.Acquire(full, password.Stranger("elsewhere"))
	}
	throttle := &throttle{counts: counts{store: paused{}}, hasher: hasher, now: func() time.Time { return noon }}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var refused *web.Error
	if err := throttle.check(ctx, &web.Request{}, office.User{}, "a guess"); !errors.As(err, &refused) || refused.Status != http.StatusTooManyRequests {
		t.Errorf("got %v", err)
	}
}

// Promise 11: ten attempts are let through, and no more.
func TestTenAttemptsThenAPause(t *testing.T) {
	if nine := failed(t, 9, noon); nine.Pause != 0 || !nine.BlockedUntil.IsZero() {
		t.Errorf("a pause after 9: %+v", nine)
	}
	ten := failed(t, 10, noon)
	for elapsed, want := range map[time.Duration]time.Duration{
		0: 15 * time.Second, time.Second: 14 * time.Second, 14999 * time.Millisecond: time.Millisecond, 15 * time.Second: 0,
	} {
		next, wait := ten.add(noon.Add(elapsed), ownLimit)
		if wait != want {
			t.Errorf("after %v: wait %v, want %v", elapsed, wait, want)
		}
		if wait > 0 && next != ten {
			t.Errorf("after %v: an attempt that has to wait counts: %+v", elapsed, next)
		}
	}
}

// Each failure after a pause makes the next pause twice as long, to a limit.
func TestPausesGrow(t *testing.T) {
	a := failed(t, 10, noon)
	pauses := []time.Duration{a.Pause}
	for range 6 {
		now := a.BlockedUntil
		next, wait := a.add(now, ownLimit)
		if wait != 0 {
			t.Fatalf("at the end of a pause of %v: wait %v", a.Pause, wait)
		}
		a = next
		pauses = append(pauses, a.BlockedUntil.Sub(now))
	}
	seconds := []time.Duration{15, 30, 60, 120, 240, 300, 300}
	for i := range seconds {
		seconds[i] *= time.Second
	}
	if !slices.Equal(pauses, seconds) {
		t.Errorf("pauses %v, want %v", pauses, seconds)
	}
}

// What is long ago is forgiven: a minute when there was no pause, five after
// the end of one.
func TestForgiveness(t *testing.T) {
	cases := map[string]struct {
		failures int
		elapsed  time.Duration
		count    int
		pause    time.Duration
	}{
		"within the minute":       {9, window - 1, 10, firstPause},
		"after the minute":        {9, window, 1, 0},
		"after the pause":         {10, firstPause, 11, 2 * firstPause},
		"in calm after the pause": {10, firstPause + longestPause - 1, 11, 2 * firstPause},
		"after the calm":          {10, firstPause + longestPause, 1, 0},
		"one, the next day":       {1, 24 * time.Hour, 1, 0},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			now := noon.Add(test.elapsed)
			got, wait := failed(t, test.failures, noon).add(now, ownLimit)
			if wait != 0 || got.Count != test.count || got.Pause != test.pause {
				t.Errorf("wait %v, got %+v", wait, got)
			}
			if !got.ForgetAt().After(now) {
				t.Errorf("is forgotten at %v, by %v", got.ForgetAt(), now)
			}
		})
	}
}

// Whoever keeps guessing through every pause is never forgiven.
func TestPersistenceIsNotForgiven(t *testing.T) {
	a := failed(t, 10, noon)
	for range 100 {
		a, _ = a.add(a.BlockedUntil.Add(time.Second), ownLimit)
	}
	if a.Count != 110 || a.Pause != longestPause {
		t.Errorf("after 100 pauses: %+v", a)
	}
}

// An attempt whose password was not looked at leaves things as they were.
func TestRemoveUndoesAdd(t *testing.T) {
	for before := range ownLimit {
		old := failed(t, before, noon)
		added, _ := old.add(noon, ownLimit)
		if got := added.remove(ownLimit); got != old {
			t.Errorf("after %d: %+v becomes %+v", before, old, got)
		}
	}
	if got := (Attempts{}).remove(ownLimit); got != (Attempts{}) {
		t.Errorf("one taken of none leaves %+v", got)
	}
}

// Taking back one of many beyond the limit does not open the way for the rest.
func TestRemoveKeepsThePauseOfOthers(t *testing.T) {
	ten := failed(t, 10, noon)
	eleven, _ := ten.add(ten.BlockedUntil, ownLimit)
	got := eleven.remove(ownLimit)
	if got.Count != 10 || !got.BlockedUntil.Equal(eleven.BlockedUntil) {
		t.Errorf("%+v becomes %+v", eleven, got)
	}
}

// From everywhere there is ten times the room.
func TestEveryoneHasMoreRoom(t *testing.T) {
	var a Attempts
	for range 99 {
		a, _ = a.add(noon, everyoneLimit)
	}
	if a.Pause != 0 {
		t.Errorf("a pause after 99: %+v", a)
	}
	if a, _ = a.add(noon, everyoneLimit); a.Pause != firstPause {
		t.Errorf("no pause after 100: %+v", a)
	}
}

func TestTooManySaysHowLong(t *testing.T) {
	var refused *web.Error
	err := tooMany(1500 * time.Millisecond)
	if !errors.As(err, &refused) || refused.Status != 429 || refused.RetryAfter != 1500*time.Millisecond {
		t.Errorf("got %+v", err)
	}
}

func TestKeysOfCounters(t *testing.T) {
	parts := [][]string{
		{"N/1"}, {"N/1", ""}, {"", "N/1"}, {"n/1"}, {"N/1", "10.0.0.1"}, {"N/11", "0.0.0.1"}, {"N/110.0.0.1"}, {"10.0.0.1", "N/1"}, {},
	}
	seen := map[string][]string{}
	for _, named := range parts {
		key := keyOf(named...)
		if other, taken := seen[key]; taken {
			t.Errorf("%q and %q share a counter", named, other)
		}
		if seen[key] = named; key != keyOf(named...) || len(key) != 32 {
			t.Errorf("the key of %q is %q", named, key)
		}
	}
	if key := keyOf("hunter2", "10.0.0.1"); strings.Contains(key, "hunter2") || strings.Contains(key, "10.0.0.1") {
		t.Errorf("what was typed is kept: %q", key)
	}
}
