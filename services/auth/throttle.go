package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// The rule against guessing (OWASP ASVS 5.0, 6.3.1). Failures count until there
// was none for a whole window. They count against
// the account as seen from one address and, with more room, against the
// account as seen from everywhere: so a guesser slows himself down at once,
// and the owner only when many addresses guess together. Nobody is ever locked
// out: each pause ends by itself.
const (
	window        = time.Minute
	ownLimit      = 10  // failures from one address
	everyoneLimit = 100 // failures from everywhere
	firstPause    = 15 * time.Second
	longestPause  = 5 * time.Minute
)

// Attempts are the failed attempts on one account lately. The zero value is
// none.
type Attempts struct {
	Count        int
	Pause        time.Duration // the latest; the next is twice as long
	BlockedUntil time.Time     // zero while there was no pause
	ForgetAt     time.Time     // when all this no longer matters
}

// add counts one attempt more, or tells how long to wait because it is one
// too many.
func (a Attempts) add(now time.Time, limit int) (next Attempts, wait time.Duration) {
	if wait := a.BlockedUntil.Sub(now); wait > 0 {
		return a, wait
	}
	if !now.Before(a.ForgetAt) {
		a = Attempts{}
	}
	a.Count++
	a.ForgetAt = now.Add(window)
	if a.Count >= limit {
		a.Pause = min(max(2*a.Pause, firstPause), longestPause)
		a.BlockedUntil = now.Add(a.Pause)
		a.ForgetAt = a.BlockedUntil.Add(longestPause)
	}
	return a, 0
}

// remove takes one attempt back.
func (a Attempts) remove(limit int) Attempts {
	if a.Count <= 1 {
		return Attempts{}
	}
	a.Count--
	if a.Count < limit && a.Pause > 0 {
		// Without its pause, the attempt is forgotten a window after it was made.
		a = Attempts{Count: a.Count, ForgetAt: a.BlockedUntil.Add(window - a.Pause)}
	}
	return a
}

// throttle keeps the attempts in the store, where every replica sees them.
type throttle struct {
	store  AttemptStore
	now    func() time.Time
	tidied atomic.Int64 // when forgotten attempts were last removed, Unix seconds
}

func newThrottle(store AttemptStore, now func() time.Time) *throttle {
	return &throttle{store: newMemoryFallback(store), now: now}
}

// counter is where attempts are counted, and how many are too many.
type counter struct {
	key   string
	limit int
	// before and after are the attempts as counting this one changed them.
	before, after Attempts
}

// attempt is one look at a password.
type attempt struct {
	throttle      *throttle
	request       *web.Request
	user          office.User
	own, everyone counter
}

// attempt is one on the user's account. The counts are those of the user's
// session: with a new password, old failures no longer matter.
func (t *throttle) attempt(r *web.Request, user office.User) *attempt {
	session := strconv.FormatInt(user.Session, 10)
	return &attempt{
		throttle: t,
		request:  r,
		user:     user,
		own:      counter{key: keyOf(user.ArmyNumber, session, r.Client), limit: ownLimit},
		everyone: counter{key: keyOf(user.ArmyNumber, session), limit: everyoneLimit},
	}
}

// checkPause returns the 429 while there is a pause. It writes nothing.
func (a *attempt) checkPause(ctx context.Context) error {
	for _, c := range []counter{a.own, a.everyone} {
		kept, err := a.throttle.store.Attempts(ctx, c.key)
		if err != nil {
			return err
		}
		if _, wait := kept.add(a.throttle.now(), c.limit); wait > 0 {
			return tooMany(wait)
		}
	}
	return nil
}

// begin counts the attempt before its password is looked at, so that many at
// once cannot slip through, or returns the 429 for one too many.
func (a *attempt) begin(ctx context.Context) error {
	if err := a.throttle.tidy(ctx); err != nil {
		return err
	}
	if err := a.count(ctx, &a.own); err != nil {
		return err
	}
	if err := a.count(ctx, &a.everyone); err != nil {
		// Refused for what others did, it is no failure of this address.
		return errors.Join(err, a.throttle.uncount(ctx, a.own))
	}
	return nil
}

// succeeded forgets what failed from this address before.
func (a *attempt) succeeded(ctx context.Context) error {
	_, _, err := a.throttle.casLoop(ctx, a.own.key, func(Attempts) (Attempts, error) { return Attempts{}, nil })
	if err != nil {
		return err
	}
	return a.throttle.uncount(ctx, a.everyone)
}

func (a *attempt) count(ctx context.Context, c *counter) (err error) {
	c.before, c.after, err = a.throttle.casLoop(ctx, c.key, func(old Attempts) (Attempts, error) {
		next, wait := old.add(a.throttle.now(), c.limit)
		if wait > 0 {
			return old, tooMany(wait)
		}
		return next, nil
	})
	if err == nil && c.after.Pause > 0 {
		a.request.Audit("logins paused", append(target(a.user), "seconds", c.after.Pause.Seconds())...)
	}
	return err
}

// uncount takes an attempt back: as if it had never been when it was the last,
// and as one less when others came after it.
func (t *throttle) uncount(ctx context.Context, c counter) error {
	_, _, err := t.casLoop(ctx, c.key, func(old Attempts) (Attempts, error) {
		if old == c.after {
			return c.before, nil
		}
		return old.remove(c.limit), nil
	})
	return err
}

// casLoop replaces the attempts under a key with what next makes of them,
// again from the start when another attempt came between. It returns what
// they were and what they became.
func (t *throttle) casLoop(ctx context.Context, key string, next func(Attempts) (Attempts, error)) (old, changed Attempts, err error) {
	for {
		if old, err = t.store.Attempts(ctx, key); err != nil {
			return old, changed, err
		}
		if changed, err = next(old); err != nil || changed == old {
			return old, changed, err
		}
		swapped, err := t.store.SwapAttempts(ctx, key, old, changed)
		if err != nil || swapped {
			return old, changed, err
		}
	}
}

// tidy removes forgotten attempts, once a window, so that names that nobody
// has cannot fill the store.
func (t *throttle) tidy(ctx context.Context) error {
	now, last := t.now(), t.tidied.Load()
	due := now.Sub(time.Unix(last, 0)) >= window
	if !due || !t.tidied.CompareAndSwap(last, now.Unix()) {
		return nil
	}
	return t.store.ForgetAttempts(ctx, now)
}

func tooMany(wait time.Duration) error {
	return &web.Error{Status: http.StatusTooManyRequests, RetryAfter: wait,
		Message: fmt.Sprintf("Too many failed attempts. Please wait %d seconds before the next.", int(math.Ceil(wait.Seconds())))}
}

// keyOf names a counter without keeping what was typed: people type passwords
// into the wrong field.
func keyOf(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
