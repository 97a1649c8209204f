package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/web"
)

// throttle slows down guessing. It compares every password that somebody logs in with or
// replaces.
type throttle struct {
	counts   counts
	hasher   *password.Hasher
	now      func() time.Time
	forgotAt atomic.Int64 // when attempts that no longer count were last removed, Unix seconds
}

// passwordCheck is one comparison of a password, with the counters in which a failure counts:
// of the account as seen from this address, or from everywhere, and of the address.
type passwordCheck struct {
	*throttle
	request                *web.Request
	user                   office.User
	own, everyone, address counter
	reserved               []*counter // counted before the password is compared
}

// check compares a password with that of a user, who need not exist. It returns
// password.ErrMismatch when it is wrong, and another error, such as the 429 during a pause,
// when it was not compared.
func (t *throttle) check(ctx context.Context, r *web.Request, user office.User, typed string) error {
	p := t.newCheck(r, user)
	if err := p.counts.read(ctx, &p.own, &p.everyone, &p.address); err != nil {
		return err
	}
	for _, c := range append(p.shared(), &p.own) {
		if wait := c.current().pauseLeft(p.now()); wait > 0 {
			return tooMany(wait)
		}
	}
	if err := p.compare(ctx, typed); err != nil {
		return err
	}
	return p.succeeded(ctx)
}

// newCheck counts against the user, however the army number was typed. Where there is
// no such user, it counts against the army number.
func (t *throttle) newCheck(r *web.Request, user office.User) *passwordCheck {
	account := user.ID.Hex()
	if user.ID.IsZero() {
		account += office.Fold(user.ArmyNumber)
	}
	return &passwordCheck{
		throttle: t,
		request:  r,
		user:     user,
		own:      counter{key: keyOf(account, r.Network()), limit: ownLimit, session: user.Session},
		everyone: counter{key: keyOf(account), limit: everyoneLimit, session: user.Session},
		address:  counter{key: keyOf("network", r.Network()), limit: addressLimit},
	}
}

// shared are the counters in which others count too. Where the user is known, failures
// elsewhere do not matter.
func (p *passwordCheck) shared() []*counter {
	if p.now().Before(p.own.stored.KnownUntil) {
		return []*counter{&p.address}
	}
	return []*counter{&p.everyone, &p.address}
}

// compare counts the attempt only once it has its turn at the hasher: one that is given
// up before that does not count.
func (p *passwordCheck) compare(ctx context.Context, typed string) error {
	release, err := p.hasher.Acquire(ctx, requesterOf(p.request))
	if err != nil {
		return err
	}
	defer release()
	if err := p.reserve(ctx); err != nil {
		return err
	}
	if err := p.hasher.Compare(p.user.PasswordHash, typed); err != nil {
		return cmp.Or(p.failed(ctx), err)
	}
	return nil
}

// reserve counts the attempt before the password is compared, so that many at once cannot
// slip through, or returns the 429 for one too many. In the shared counters it does so only
// from half of the limit on: below that, far fewer passwords are compared at once than
// attempts are left, so failures can be counted afterwards, and a login usually writes only twice.
func (p *passwordCheck) reserve(ctx context.Context) error {
	if err := p.count(ctx, &p.own); err != nil {
		return err
	}
	p.reserved = []*counter{&p.own}
	shared := p.shared()
	err := p.counts.read(ctx, shared...)
	for _, c := range shared {
		if err != nil || c.current().Count < c.limit/2 {
			continue
		}
		if err = p.count(ctx, c); err == nil {
			p.reserved = append(p.reserved, c)
		}
	}
	if err != nil { // refused because of others: no failure of this account
		return errors.Join(err, p.counts.uncount(ctx, p.reserved))
	}
	return nil
}

// succeeded takes back one failure of the address, and replaces those of the account there by
// the note that the user is known.
func (p *passwordCheck) succeeded(ctx context.Context) error {
	if err := p.counts.uncount(ctx, p.reserved[1:]); err != nil {
		return err
	}
	if err := p.counts.change(ctx, &p.address, func(old Attempts) Attempts { return old.remove(addressLimit) }); err != nil {
		return err
	}
	return p.counts.change(ctx, &p.own, func(Attempts) Attempts { return Attempts{KnownUntil: p.now().Add(knownFor)} })
}

// failed counts the failure in the shared counters. Once a window it also removes attempts
// that no longer count, so that made-up army numbers cannot fill the store.
func (p *passwordCheck) failed(ctx context.Context) error {
	for _, c := range p.shared() {
		if slices.Contains(p.reserved, c) {
			continue
		}
		err := p.count(ctx, c)
		if _, isPaused := errors.AsType[*web.Error](err); err != nil && !isPaused {
			return err
		}
	}
	now, last := p.now(), p.forgotAt.Load()
	if now.Sub(time.Unix(last, 0)) < window || !p.forgotAt.CompareAndSwap(last, now.Unix()) {
		return nil
	}
	return p.counts.forget(ctx, now)
}

func (p *passwordCheck) count(ctx context.Context, c *counter) error {
	var wait time.Duration
	err := p.counts.change(ctx, c, func(old Attempts) (next Attempts) {
		next, wait = old.add(p.now(), c.limit)
		return next
	})
	if err == nil && wait > 0 {
		return tooMany(wait)
	}
	if err == nil && c.stored.Pause > 0 {
		paused := target(p.user)
		if c == &p.address {
			paused = []any{"network", p.request.Network()}
		}
		p.request.Audit("logins paused", append(paused, "seconds", c.stored.Pause.Seconds())...)
	}
	return err
}

func tooMany(wait time.Duration) error {
	return &web.Error{Status: http.StatusTooManyRequests, RetryAfter: wait,
		Message: fmt.Sprintf("Too many failed attempts. Please wait %d seconds before the next.", int(math.Ceil(wait.Seconds())))}
}

// requesterOf is the user who is logged in, or else everybody at one address.
func requesterOf(r *web.Request) password.Requester {
	if r.Caller.ID.IsZero() {
		return password.Stranger(r.Network())
	}
	return password.Member(r.Caller.ID.Hex())
}

// target names an account in the log by its id. Where there is no account, it names
// nothing: people type passwords into the army number field.
func target(user office.User) []any {
	if user.ID.IsZero() {
		return nil
	}
	return []any{"target", user.ID.Hex()}
}
