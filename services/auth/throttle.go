package auth

import (
	"cmp"
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
	// before and kept are the attempts before they were last changed here, and as
	// they were last seen in the store.
	before, kept Attempts
	isReserved   bool // counted before the password is looked at
}

// attempt is one look at a password.
type attempt struct {
	throttle *throttle
	request  *web.Request
	user     office.User
	own      counter
	// known is there where the user has logged in from this address lately.
	known   counter
	isKnown bool
	// everyone is left out of where the user is known.
	everyone, address counter
}

// wider are the counters of more than the account as seen from here.
func (a *attempt) wider() []*counter {
	if a.isKnown {
		return []*counter{&a.address}
	}
	return []*counter{&a.everyone, &a.address}
}

// attempt is one on the user's account. The counts are those of the user, however
// the army number was typed, and of the session: with a new password, old failures no
// longer matter.
func (t *throttle) attempt(r *web.Request, user office.User) *attempt {
	account, session := user.ID.Hex(), strconv.FormatInt(user.Session, 10)
	if user.ID.IsZero() {
		account += office.Fold(user.ArmyNumber)
	}
	return &attempt{
		throttle: t,
		request:  r,
		user:     user,
		own:      counter{key: keyOf(account, session, r.Network()), limit: ownLimit},
		known:    counter{key: keyOf("known", account, r.Network())},
		everyone: counter{key: keyOf(account, session), limit: everyoneLimit},
		address:  counter{key: keyOf("address", r.Network()), limit: addressLimit},
	}
}

// checkPause returns the 429 while there is a pause. It writes nothing.
func (a *attempt) checkPause(ctx context.Context) (err error) {
	if a.known.kept, err = a.throttle.store.Attempts(ctx, a.known.key); err != nil {
		return err
	}
	a.isKnown = a.throttle.now().Before(a.known.kept.ForgetAt)
	for _, c := range append(a.wider(), &a.own) {
		err = cmp.Or(err, a.throttle.checkPause(ctx, c))
	}
	return err
}

func (t *throttle) checkPause(ctx context.Context, c *counter) (err error) {
	if c.kept, err = t.store.Attempts(ctx, c.key); err != nil {
		return err
	}
	if wait := c.kept.wait(t.now()); wait > 0 {
		return tooMany(wait)
	}
	return nil
}

// begin counts the attempt before its password is looked at, so that many at
// once cannot slip through, or returns the 429 for one too many. In the wider counters
// it does so only where the limit is in sight: below half of it the failures can be
// counted when they are known, since by far fewer passwords are looked at at once
// than are left until the limit. So a login that succeeds writes twice.
func (a *attempt) begin(ctx context.Context) error {
	if err := a.count(ctx, &a.own); err != nil {
		return err
	}
	for _, c := range a.wider() {
		err := a.throttle.checkPause(ctx, c)
		if err == nil && c.kept.Count >= c.limit/2 {
			err = a.count(ctx, c)
			c.isReserved = err == nil
		}
		if err != nil { // refused for what others did, it is no failure of this account
			return errors.Join(err, a.throttle.uncount(ctx, &a.own), a.takeBack(ctx))
		}
	}
	return nil
}

// takeBack takes the attempt out of the wider counters.
func (a *attempt) takeBack(ctx context.Context) (err error) {
	for _, c := range a.wider() {
		if c.isReserved {
			err = errors.Join(err, a.throttle.uncount(ctx, c))
		}
	}
	return err
}

// succeeded forgets what failed from this address before, makes up for one failure of
// the address, and notes that the user is known there.
func (a *attempt) succeeded(ctx context.Context) error {
	t := a.throttle
	err := t.swap(ctx, &a.own, func(Attempts) (Attempts, error) { return Attempts{}, nil })
	if err == nil {
		err = a.takeBack(ctx)
	}
	if err == nil {
		err = t.swap(ctx, &a.address, func(old Attempts) (Attempts, error) { return old.remove(addressLimit), nil })
	}
	if err != nil {
		return err
	}
	return t.swap(ctx, &a.known, func(old Attempts) (Attempts, error) {
		if now := t.now(); old.ForgetAt.Before(now.Add(knownFor / 2)) {
			return Attempts{Count: 1, ForgetAt: now.Add(knownFor)}, nil
		}
		return old, nil
	})
}

// failed counts the failure in the wider counters, and removes forgotten attempts,
// once a window, so that names that nobody has cannot fill the store.
func (a *attempt) failed(ctx context.Context) error {
	var refused *web.Error
	for _, c := range a.wider() {
		if c.isReserved {
			continue
		}
		if err := a.count(ctx, c); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return a.throttle.tidy(ctx)
}

func (a *attempt) count(ctx context.Context, c *counter) error {
	err := a.throttle.swap(ctx, c, func(old Attempts) (Attempts, error) {
		next, wait := old.add(a.throttle.now(), c.limit)
		if wait > 0 {
			return old, tooMany(wait)
		}
		return next, nil
	})
	if err == nil && c.kept.Pause > 0 {
		a.request.Audit("logins paused", append(a.paused(c), "seconds", c.kept.Pause.Seconds())...)
	}
	return err
}

// paused names what has to wait, for the log: an account, or the address itself.
func (a *attempt) paused(c *counter) []any {
	if c == &a.address {
		return []any{"network", a.request.Network()}
	}
	return target(a.user)
}

// uncount takes an attempt back: as if it had never been when it was the last,
// and as one less when others came after it.
func (t *throttle) uncount(ctx context.Context, c *counter) error {
	before, after := c.before, c.kept
	return t.swap(ctx, c, func(old Attempts) (Attempts, error) {
		if old == after {
			return before, nil
		}
		return old.remove(c.limit), nil
	})
}

// swap replaces the attempts of a counter with what next makes of those that were
// last seen, and, when another attempt came between, of those that are there now.
func (t *throttle) swap(ctx context.Context, c *counter, next func(Attempts) (Attempts, error)) error {
	for {
		changed, err := next(c.kept)
		if err != nil || changed == c.kept {
			return err
		}
		swapped, err := t.store.SwapAttempts(ctx, c.key, c.kept, changed)
		if err != nil {
			return err
		}
		if swapped {
			c.before, c.kept = c.kept, changed
			return nil
		}
		if c.kept, err = t.store.Attempts(ctx, c.key); err != nil {
			return err
		}
	}
}

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
