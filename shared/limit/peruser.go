package limit

import (
	"context"
	"sync"
)

// PerUser is a limiter all of whose slots no single user can take: a user who has all
// but one waits at a limiter of their own, so that there is a slot for somebody else.
// It is safe for concurrent use.
type PerUser struct {
	shared *Limiter
	newOwn func() *Limiter

	mu  sync.Mutex
	own map[string]*ownLimiter // of users who have a slot or wait for one
}

// ownLimiter is the limiter of one user, and how many of the user's calls use it.
type ownLimiter struct {
	*Limiter
	calls int
}

// NewPerUser returns a limiter as New does.
func NewPerUser(what string, slots, maxWaiting int) *PerUser {
	return &PerUser{
		shared: New(what, slots, maxWaiting),
		newOwn: func() *Limiter { return New(what, max(1, slots-1), maxWaiting) },
		own:    map[string]*ownLimiter{},
	}
}

// Acquire takes a slot for the user as Limiter.Acquire does. Whoever has one
// must release it, once.
func (p *PerUser) Acquire(ctx context.Context, user string) (release func(), err error) {
	own := p.arrive(user)
	if err := own.Acquire(ctx); err != nil {
		p.depart(user)
		return nil, err
	}
	if err := p.shared.Acquire(ctx); err != nil {
		own.Release()
		p.depart(user)
		return nil, err
	}
	return func() {
		p.shared.Release()
		own.Release()
		p.depart(user)
	}, nil
}

func (p *PerUser) arrive(user string) *Limiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.own[user] == nil {
		p.own[user] = &ownLimiter{Limiter: p.newOwn()}
	}
	p.own[user].calls++
	return p.own[user].Limiter
}

func (p *PerUser) depart(user string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.own[user].calls--
	if p.own[user].calls == 0 {
		delete(p.own, user)
	}
}
