package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"strings"
	"time"

	"officepay.example/shared/office"
)

// maxInMemory is how many counters are kept in memory at once: about 10 MB. At the default
// cost of a hash, the first are forgotten before a tenth of them are in use.
const maxInMemory = 50_000

type counter struct {
	key     string
	limit   int
	session int64
	before  Attempts // the last change here
	stored  Attempts // as last seen
}

func (c *counter) current() Attempts { return c.stored.inSession(c.session) }

// keyOf names a counter without keeping what was typed: people type passwords into
// the wrong field.
func keyOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00") + "\x00"))
	return hex.EncodeToString(sum[:16])
}

// read reads what the counters hold. What is in memory is newer than what is in the store.
func (t *throttle) read(ctx context.Context, counters ...*counter) error {
	keys := office.Convert(counters, func(c *counter) string { return c.key })
	stored, err := t.store.Attempts(ctx, keys...)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range counters {
		isInMemory := false
		if c.stored, isInMemory = t.inMemory[c.key]; !isInMemory {
			c.stored = stored[c.key]
		}
	}
	return err
}

// pauseOf returns the 429 of the first counter that is paused.
func (t *throttle) pauseOf(counters ...*counter) error {
	for _, c := range counters {
		if wait := c.current().pauseLeft(t.now()); wait > 0 {
			return tooMany(wait)
		}
	}
	return nil
}

// uncount takes an attempt back. If it is still the latest, it restores what was there
// before; if others came after it, it counts one less.
func (t *throttle) uncount(ctx context.Context, counters []*counter) (err error) {
	for _, c := range counters {
		before, after := c.before, c.stored
		err = errors.Join(err, t.swap(ctx, c, func(old Attempts) Attempts {
			if old == after {
				return before
			}
			return old.remove(c.limit)
		}))
	}
	return err
}

// swap replaces the attempts of a counter with what next makes of those that were last
// seen or, if another attempt came first, of those that are stored now.
func (t *throttle) swap(ctx context.Context, c *counter, next func(Attempts) Attempts) error {
	for {
		wanted := next(c.current())
		if wanted == c.stored {
			return nil
		}
		swapped, err := t.swapAttempts(ctx, c.key, c.stored, wanted)
		if swapped {
			c.before, c.stored = c.stored, wanted
			return nil
		}
		if err == nil {
			err = t.read(ctx, c)
		}
		if err != nil {
			return err
		}
	}
}

// swapAttempts is Store.SwapAttempts. It returns office.ErrStorageFull only when there is no
// room in memory either: no counter is dropped in favour of another.
func (t *throttle) swapAttempts(ctx context.Context, key string, old, new Attempts) (bool, error) {
	if swapped, found := t.swapInMemory(key, old, new); found {
		return swapped, nil
	}
	swapped, err := t.store.SwapAttempts(ctx, key, old, new)
	if !errors.Is(err, office.ErrStorageFull) {
		return swapped, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, isThere := t.inMemory[key]; isThere {
		return false, nil // another attempt was first
	}
	if len(t.inMemory) >= maxInMemory {
		return false, err
	}
	t.inMemory[key] = new
	return true, nil
}

// swapInMemory is SwapAttempts for a counter in memory. Found tells whether it is one.
func (t *throttle) swapInMemory(key string, old, new Attempts) (swapped, found bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	current, found := t.inMemory[key]
	if found && current == old {
		t.inMemory[key] = new
	}
	return current == old, found
}

// forget removes the attempts that no longer count. No login is refused because a full store
// cannot remove anything.
func (t *throttle) forget(ctx context.Context, now time.Time) error {
	t.mu.Lock()
	maps.DeleteFunc(t.inMemory, func(_ string, a Attempts) bool { return !a.CountUntil.After(now) })
	t.mu.Unlock()
	err := t.store.ForgetAttempts(ctx, now)
	if errors.Is(err, office.ErrStorageFull) {
		return nil
	}
	return err
}
