package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"officepay.example/shared/office"
)

// The rule against guessing (OWASP ASVS 5.0, 6.3.1). Failures count until a whole window has
// passed without one. An attacker is slowed down at once, and the owner only when many
// addresses guess together, and then only at an address without a recent login of theirs.
// Nobody is ever locked out: each pause ends by itself. An address is everything that
// web.Request.Network calls one network.
const (
	window        = time.Minute
	ownLimit      = 10  // failures on one account from one address
	everyoneLimit = 100 // failures on one account from everywhere
	addressLimit  = 100 // failures from one address, less the logins that succeed
	firstPause    = 15 * time.Second
	longestPause  = 5 * time.Minute
	knownFor      = 30 * 24 * time.Hour // how long after a login from an address failures elsewhere do not count there
)

// Attempts are the recent failed attempts in one counter. The zero value means none.
type Attempts struct {
	Session      int64 // of the user: with a new password, older failures do not count
	Count        int
	Pause        time.Duration // the latest; the next is twice as long
	BlockedUntil time.Time     // zero if there was no pause
	CountUntil   time.Time     // when these failures no longer count
	KnownUntil   time.Time     // until when the owner is known at the address; zero if not at all
}

// ForgetAt is when none of this matters any more.
func (a Attempts) ForgetAt() time.Time {
	if a.KnownUntil.After(a.CountUntil) {
		return a.KnownUntil
	}
	return a.CountUntil
}

// inSession returns the attempts that count in a session: not those of an earlier one.
func (a Attempts) inSession(session int64) Attempts {
	if session > a.Session {
		return Attempts{Session: session, KnownUntil: a.KnownUntil}
	}
	return a
}

// pauseLeft is how much is left of the pause. A pause that has not begun yet was set by a
// clock that was ahead and has been corrected; it might last for years, and is ignored.
func (a Attempts) pauseLeft(now time.Time) time.Duration {
	left := a.BlockedUntil.Sub(now)
	if left > a.Pause {
		return 0
	}
	return max(0, left)
}

// add counts one more attempt, or tells how long to wait because it is one too many.
func (a Attempts) add(now time.Time, limit int) (next Attempts, wait time.Duration) {
	if wait := a.pauseLeft(now); wait > 0 {
		return a, wait
	}
	if !now.Before(a.CountUntil) {
		a = Attempts{Session: a.Session, KnownUntil: a.KnownUntil}
	}
	a.Count++
	a.CountUntil = now.Add(window)
	if a.Count >= limit {
		a.Pause = min(max(2*a.Pause, firstPause), longestPause)
		a.BlockedUntil = now.Add(a.Pause)
		a.CountUntil = a.BlockedUntil.Add(longestPause)
	}
	return a, 0
}

// remove takes one attempt back and, if the others are too few for a pause, the pause.
func (a Attempts) remove(limit int) Attempts {
	if a.Count <= 1 {
		return Attempts{KnownUntil: a.KnownUntil}
	}
	a.Count--
	if a.Count < limit && a.Pause > 0 {
		// Without its pause, the attempt counts for a window from when it was made.
		a.CountUntil = a.BlockedUntil.Add(window - a.Pause)
		a.Pause, a.BlockedUntil = 0, time.Time{}
	}
	return a
}

// counter holds the attempts under one key.
type counter struct {
	key     string
	limit   int
	session int64
	before  Attempts // what was stored before the last change by this check
	stored  Attempts // what was stored when last seen
}

func (c *counter) current() Attempts { return c.stored.inSession(c.session) }

// keyOf names a counter without keeping what was typed: people type passwords into
// the wrong field.
func keyOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00") + "\x00"))
	return hex.EncodeToString(sum[:16])
}

// counts keep the attempts in the store, where every replica sees them, or, when it has no
// room, in memory. So on a full disk people can still log in, and guessing is still slowed.
type counts struct {
	store    Store
	inMemory sync.Map     // of Attempts by key
	size     atomic.Int64 // how many are in memory
}

// maxInMemory is how many counters are kept in memory at once: about 12 MB. At the default
// cost of a hash, the first are forgotten before a tenth of them are in use.
const maxInMemory = 50_000

// read reads what is counted. What is in memory is newer than what is in the store.
func (s *counts) read(ctx context.Context, counters ...*counter) error {
	stored, err := s.store.Attempts(ctx, office.Convert(counters, func(c *counter) string { return c.key })...)
	for _, c := range counters {
		c.stored = stored[c.key]
		if newer, isInMemory := s.inMemory.Load(c.key); isInMemory {
			c.stored = newer.(Attempts)
		}
	}
	return err
}

// uncount takes an attempt back. If it is still the latest, what was there before is restored;
// if others came after it, one less is counted.
func (s *counts) uncount(ctx context.Context, counters []*counter) (err error) {
	for _, c := range counters {
		before, after := c.before, c.stored
		err = errors.Join(err, s.change(ctx, c, func(old Attempts) Attempts {
			if old == after {
				return before
			}
			return old.remove(c.limit)
		}))
	}
	return err
}

// change replaces the attempts of a counter with what next makes of those that were last
// seen or, if another attempt came first, of those that are stored now.
func (s *counts) change(ctx context.Context, c *counter, next func(Attempts) Attempts) error {
	for {
		wanted := next(c.current())
		if wanted == c.stored {
			return nil
		}
		swapped, err := s.swap(ctx, c.key, c.stored, wanted)
		if swapped {
			c.before, c.stored = c.stored, wanted
			return nil
		}
		if err == nil {
			err = s.read(ctx, c)
		}
		if err != nil {
			return err
		}
	}
}

// swap is Store.SwapAttempts. It returns office.ErrStorageFull only when there is no room
// in memory either: no counter is dropped in favour of another.
func (s *counts) swap(ctx context.Context, key string, old, new Attempts) (bool, error) {
	if _, isInMemory := s.inMemory.Load(key); isInMemory {
		return s.inMemory.CompareAndSwap(key, old, new), nil
	}
	swapped, err := s.store.SwapAttempts(ctx, key, old, new)
	if !errors.Is(err, office.ErrStorageFull) {
		return swapped, err
	}
	if s.size.Load() >= maxInMemory {
		return false, err
	}
	_, isThere := s.inMemory.LoadOrStore(key, new)
	if !isThere { // otherwise another attempt was first
		s.size.Add(1)
	}
	return !isThere, nil
}

// forget removes the attempts that no longer count. No login is refused because a full store
// cannot remove anything.
func (s *counts) forget(ctx context.Context, now time.Time) error {
	for key, kept := range s.inMemory.Range {
		if !kept.(Attempts).CountUntil.After(now) && s.inMemory.CompareAndDelete(key, kept) {
			s.size.Add(-1)
		}
	}
	err := s.store.ForgetAttempts(ctx, now)
	if errors.Is(err, office.ErrStorageFull) {
		return nil
	}
	return err
}
