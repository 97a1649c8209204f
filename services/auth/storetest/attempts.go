package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"officepay.example/services/auth"
	"officepay.example/shared/office/officetest"
)

var attemptCases = cases{
	"Attempts/none":                    attemptsNone,
	"Attempts/every field":             attemptsFields,
	"Attempts/by key":                  attemptsByKey,
	"Attempts/of several keys":         attemptsOfSeveral,
	"ForgetAttempts/when it is time":   forgetAttempts,
	"ForgetAttempts/nothing to forget": forgetNothing,
}

var swapCases = cases{
	"SwapAttempts/others are there":           swapStale,
	"SwapAttempts/none are there":             swapNothing,
	"SwapAttempts/removal":                    swapRemoval,
	"SwapAttempts/concurrent first, one wins": func(t *testing.T, f Fixture) { swapRace(t, f, auth.Attempts{}) },
	"SwapAttempts/concurrent next, one wins":  func(t *testing.T, f Fixture) { swapRace(t, f, waiting) },
	"SwapAttempts/concurrent removal":         swapRemovalRace,
	"SwapAttempts/concurrent counting":        swapCounting,
}

const key = "0123456789abcdef0123456789abcdef"

// later is far ahead: a store may drop by itself what is past.
func later(after time.Duration) time.Time {
	return time.Date(2095, time.December, 31, 23, 59, 59, 990e6, time.UTC).Add(after)
}

var (
	counted = auth.Attempts{Count: 3, CountUntil: later(time.Minute)}
	waiting = auth.Attempts{
		Session: 7, Count: 11, Pause: 30 * time.Second,
		BlockedUntil: later(30*time.Second + time.Millisecond), CountUntil: later(5*time.Minute + 10*time.Millisecond), KnownUntil: later(-time.Hour),
	}
)

func attemptsNone(t *testing.T, f Fixture) { wantAttempts(t, f, key, auth.Attempts{}) }

// attemptsFields: the caller compares attempts as a whole, so they must come
// back the same to the last bit.
func attemptsFields(t *testing.T, f Fixture) {
	last := auth.Attempts{}
	for _, next := range []auth.Attempts{counted, waiting, {Count: 1, CountUntil: later(0)}, {KnownUntil: later(0)}} {
		mustSwap(t, f, key, last, next)
		wantAttempts(t, f, key, next)
		last = next
	}
}

func attemptsOfSeveral(t *testing.T, f Fixture) {
	want := map[string]auth.Attempts{"one": counted, "two": waiting}
	for key, attempts := range want {
		mustSwap(t, f, key, auth.Attempts{}, attempts)
	}
	mustSwap(t, f, "three", auth.Attempts{}, counted)
	got, err := f.Store.Attempts(t.Context(), "two", "none", "one", "one")
	officetest.Must(t, err)
	officetest.Equal(t, "the attempts", got, want)
}

func attemptsByKey(t *testing.T, f Fixture) {
	other := "F" + key[1:]
	mustSwap(t, f, key, auth.Attempts{}, counted)
	wantAttempts(t, f, other, auth.Attempts{})
	mustSwap(t, f, other, auth.Attempts{}, waiting)
	wantAttempts(t, f, key, counted)
	wantAttempts(t, f, other, waiting)
	wantAttempts(t, f, "f"+other[1:], auth.Attempts{})
}

func forgetAttempts(t *testing.T, f Fixture) {
	now := later(0)
	kept := map[string]auth.Attempts{} // what must be there afterwards, by key
	for _, c := range []struct {
		name  string
		after time.Duration
		stays bool
	}{
		{"long ago", -time.Hour, false},
		{"just", -time.Millisecond, false},
		{"now", 0, false},
		{"soon", time.Millisecond, true},
		{"much later", time.Hour, true},
	} {
		attempts := auth.Attempts{Count: 2, CountUntil: now.Add(c.after)}
		mustSwap(t, f, c.name, auth.Attempts{}, attempts)
		kept[c.name] = auth.Attempts{}
		if c.stays {
			kept[c.name] = attempts
		}
	}
	known := auth.Attempts{Count: 2, CountUntil: now, KnownUntil: now.Add(time.Millisecond)}
	mustSwap(t, f, "known", auth.Attempts{}, known)
	kept["known"] = known
	officetest.Must(t, f.Store.ForgetAttempts(t.Context(), now))
	for name, want := range kept {
		wantAttempts(t, f, name, want)
	}
}

func forgetNothing(t *testing.T, f Fixture) {
	officetest.Must(t, f.Store.ForgetAttempts(t.Context(), later(0)))
	mustSwap(t, f, key, auth.Attempts{}, waiting)
	officetest.Must(t, f.Store.ForgetAttempts(t.Context(), waiting.BlockedUntil))
	wantAttempts(t, f, key, waiting)
}

// swapStale: attempts that differ in any one way are not the old ones.
func swapStale(t *testing.T, f Fixture) {
	mustSwap(t, f, key, auth.Attempts{}, waiting)
	for name, change := range map[string]func(*auth.Attempts){
		"none":          func(a *auth.Attempts) { *a = auth.Attempts{} },
		"count":         func(a *auth.Attempts) { a.Count++ },
		"pause":         func(a *auth.Attempts) { a.Pause *= 2 },
		"no pause":      func(a *auth.Attempts) { a.Pause = 0 },
		"blocked until": func(a *auth.Attempts) { a.BlockedUntil = a.BlockedUntil.Add(time.Millisecond) },
		"not blocked":   func(a *auth.Attempts) { a.BlockedUntil = time.Time{} },
		"session":       func(a *auth.Attempts) { a.Session++ },
		"count until":   func(a *auth.Attempts) { a.CountUntil = a.CountUntil.Add(-time.Millisecond) },
		"known until":   func(a *auth.Attempts) { a.KnownUntil = a.KnownUntil.Add(-time.Millisecond) },
		"not known":     func(a *auth.Attempts) { a.KnownUntil = time.Time{} },
	} {
		old := waiting
		change(&old)
		wantSwap(t, f, name, old, counted, false)
		wantSwap(t, f, name+", to remove", old, auth.Attempts{}, false)
	}
	wantSwap(t, f, "those of another key", counted, waiting, false)
	wantAttempts(t, f, key, waiting)
}

func swapNothing(t *testing.T, f Fixture) {
	wantSwap(t, f, "old ones where there are none", counted, waiting, false)
	wantSwap(t, f, "a removal where there are none", counted, auth.Attempts{}, false)
	wantAttempts(t, f, key, auth.Attempts{})
}

func swapRemoval(t *testing.T, f Fixture) {
	for range 2 {
		mustSwap(t, f, key, auth.Attempts{}, waiting)
		mustSwap(t, f, key, waiting, auth.Attempts{})
		wantAttempts(t, f, key, auth.Attempts{})
		wantSwap(t, f, "what was removed", waiting, counted, false)
	}
}

var errNotSwapped = errors.New("not swapped")

// swap is SwapAttempts with its answer as an error.
func swap(t testing.TB, f Fixture, key string, old, next auth.Attempts) error {
	swapped, err := f.Store.SwapAttempts(t.Context(), key, old, next)
	if err == nil && !swapped {
		return errNotSwapped
	}
	return err
}

func swapRace(t *testing.T, f Fixture, old auth.Attempts) {
	if old != (auth.Attempts{}) {
		mustSwap(t, f, key, auth.Attempts{}, old)
	}
	of := func(n int) auth.Attempts { return auth.Attempts{Count: 100 + n, CountUntil: later(0)} }
	errs := officetest.Race(20, func(n int) error { return swap(t, f, key, old, of(n)) })
	wantAttempts(t, f, key, of(officetest.OneWins(t, errs, errNotSwapped)))
}

func swapRemovalRace(t *testing.T, f Fixture) {
	mustSwap(t, f, key, auth.Attempts{}, waiting)
	errs := officetest.Race(20, func(int) error { return swap(t, f, key, waiting, auth.Attempts{}) })
	officetest.OneWins(t, errs, errNotSwapped)
	wantAttempts(t, f, key, auth.Attempts{})
}

// swapCounting: those who start over when they lose count every attempt.
func swapCounting(t *testing.T, f Fixture) {
	const callers, each = 8, 3
	errs := officetest.Race(callers, func(int) error {
		for range each {
			if err := countOne(t, f); err != nil {
				return err
			}
		}
		return nil
	})
	officetest.WantEach(t, errs)
	wantAttempts(t, f, key, auth.Attempts{Count: callers * each, CountUntil: later(0)})
}

func countOne(t testing.TB, f Fixture) error {
	for {
		kept, err := f.Store.Attempts(t.Context(), key)
		if err != nil {
			return err
		}
		err = swap(t, f, key, kept[key], auth.Attempts{Count: kept[key].Count + 1, CountUntil: later(0)})
		if !errors.Is(err, errNotSwapped) {
			return err
		}
	}
}

func mustSwap(t *testing.T, f Fixture, key string, old, next auth.Attempts) {
	t.Helper()
	officetest.Must(t, swap(t, f, key, old, next))
}

func wantSwap(t *testing.T, f Fixture, what string, old, next auth.Attempts, want bool) {
	t.Helper()
	got, err := f.Store.SwapAttempts(t.Context(), key, old, next)
	officetest.Must(t, err)
	officetest.Equal(t, fmt.Sprintf("whether %s were swapped", what), got, want)
}

func wantAttempts(t *testing.T, f Fixture, key string, want auth.Attempts) {
	t.Helper()
	got, err := f.Store.Attempts(t.Context(), key)
	officetest.Must(t, err)
	if got[key] != want {
		t.Errorf("the attempts under %s are\n  %+v, want\n  %+v", key, got[key], want)
	}
}
