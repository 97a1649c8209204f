package auth

import (
	"cmp"
	"context"
	"errors"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/web"
)

// passwordCheck is one comparison of a password, with the counters in which it counts
// when it fails: of the account as seen from this address, of the account as seen from
// everywhere, and of the address.
type passwordCheck struct {
	*throttle
	request                *web.Request
	user                   office.User
	own, everyone, address counter
}

// check compares a password with that of a user; for a user who does not exist, it
// takes the same steps. It returns password.ErrMismatch when the password is wrong, and
// another error when it was not compared: the 429 during a pause, for example.
func (t *throttle) check(ctx context.Context, r *web.Request, user office.User, typed string) error {
	p := t.newCheck(r, user)
	if err := p.checkPause(ctx); err != nil {
		return err
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
// elsewhere are none of them.
func (p *passwordCheck) shared() []*counter {
	if p.now().Before(p.own.kept.KnownUntil) {
		return []*counter{&p.address}
	}
	return []*counter{&p.everyone, &p.address}
}

// checkPause returns the 429 during a pause. It writes nothing.
func (p *passwordCheck) checkPause(ctx context.Context) error {
	if err := p.read(ctx, &p.own, &p.everyone, &p.address); err != nil {
		return err
	}
	return p.pauseOf(append(p.shared(), &p.own)...)
}

// compare counts the attempt only once it has its turn at the hasher: one that is given
// up before that does not count.
func (p *passwordCheck) compare(ctx context.Context, typed string) error {
	release, err := p.hasher.Acquire(ctx, callerOf(p.request))
	if err != nil {
		return err
	}
	defer release()
	if err := p.reserve(ctx); err != nil {
		return err
	}
	err = p.hasher.Compare(p.user.PasswordHash, typed)
	if errors.Is(err, password.ErrMismatch) {
		return cmp.Or(p.failed(ctx), err)
	}
	return err
}

// reserve counts the attempt before the password is compared, so that many at once
// cannot slip through, or returns the 429 for one too many. In the shared counters it
// does so only from half of the limit on: below that, far fewer passwords are compared
// at once than are left until the limit, so that failures can be counted afterwards. So
// a login that succeeds usually writes twice.
func (p *passwordCheck) reserve(ctx context.Context) error {
	if err := p.count(ctx, &p.own); err != nil {
		return err
	}
	shared := p.shared()
	err := p.read(ctx, shared...)
	if err == nil {
		err = p.pauseOf(shared...)
	}
	for _, c := range shared {
		if err == nil && c.current().Count >= c.limit/2 {
			err = p.count(ctx, c)
			c.isReserved = err == nil
		}
	}
	if err != nil { // refused for what others did, it is no failure of this account
		return errors.Join(err, p.uncount(ctx, &p.own), p.takeBack(ctx))
	}
	return nil
}

// takeBack takes the attempt out of the shared counters.
func (p *passwordCheck) takeBack(ctx context.Context) (err error) {
	for _, c := range []*counter{&p.everyone, &p.address} {
		if c.isReserved {
			err = errors.Join(err, p.uncount(ctx, c))
		}
	}
	return err
}

// succeeded makes up for one failure of the address, forgets those of the account here,
// and notes that the user is known here.
func (p *passwordCheck) succeeded(ctx context.Context) error {
	if err := p.takeBack(ctx); err != nil {
		return err
	}
	err := p.swap(ctx, &p.address, func(old Attempts) (Attempts, error) { return old.remove(addressLimit), nil })
	if err != nil {
		return err
	}
	return p.swap(ctx, &p.own, func(old Attempts) (Attempts, error) { return old.succeed(p.now()), nil })
}

// failed counts the failure in the shared counters. Once a window it also removes
// forgotten attempts, so that made-up army numbers cannot fill the store.
func (p *passwordCheck) failed(ctx context.Context) error {
	var refused *web.Error
	for _, c := range p.shared() {
		if c.isReserved {
			continue
		}
		if err := p.count(ctx, c); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return p.tidy(ctx)
}

func (p *passwordCheck) count(ctx context.Context, c *counter) error {
	err := p.swap(ctx, c, func(old Attempts) (Attempts, error) {
		next, wait := old.add(p.now(), c.limit)
		if wait > 0 {
			return old, tooMany(wait)
		}
		return next, nil
	})
	if err == nil && c.kept.Pause > 0 {
		paused := target(p.user)
		if c == &p.address {
			paused = []any{"network", p.request.Network()}
		}
		p.request.Audit("logins paused", append(paused, "seconds", c.kept.Pause.Seconds())...)
	}
	return err
}

// callerOf is whom passwords are hashed for: the user who is logged in, or else
// everybody at one address.
func callerOf(r *web.Request) password.Caller {
	if r.Caller.ID.IsZero() {
		return password.Stranger(r.Network())
	}
	return password.Member(r.Caller.ID.Hex())
}
