package limit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// PerUser is a limiter that its users share fairly. They take turns, so that whoever asks
// for much delays nobody else. If there is no more room to wait, whoever has the most
// waiting calls makes room for somebody with fewer. It is safe for concurrent use.
type PerUser struct {
	errBusy    error
	maxPerUser int // slots that one user may have
	maxWaiting int // in each lane
	stats

	mu    sync.Mutex
	free  int
	extra int         // how many of the free ones are given only while it is quiet
	quiet func() bool // nil where there are none
	lanes []lane
	next  int // the lane whose turn it is
}

// Size is how much a limiter lets in.
type Size struct {
	Slots   int // at least 1
	PerUser int // slots that one user may have
	Waiting int // calls that may wait in each lane
	Lanes   int // which take turns, and leave each other room to wait; 0 means 1
}

// NewPerUser returns a limiter. If it has more than one slot, no single user can take all of
// them. The name is for the log.
func NewPerUser(name string, slots, waiting int) *PerUser {
	return New(name, Size{Slots: slots, PerUser: max(1, slots-1), Waiting: waiting})
}

// New is NewPerUser for any size.
func New(name string, size Size) *PerUser {
	p := &PerUser{
		errBusy: fmt.Errorf("%w: %s", ErrBusy, name), stats: stats{refusals.Of(name), waits.Of(name)},
		maxPerUser: size.PerUser, maxWaiting: size.Waiting, free: size.Slots, lanes: make([]lane, max(1, size.Lanes)),
	}
	for i := range p.lanes {
		p.lanes[i].users = map[string]*user{}
	}
	return p
}

// WhileQuiet adds slots that are given only while quiet returns true. Whoever has one keeps
// it until it is released.
func (p *PerUser) WhileQuiet(slots int, quiet func() bool) {
	p.free, p.maxPerUser, p.extra, p.quiet = p.free+slots, p.maxPerUser+slots, slots, quiet
}

// mayGive tells whether so many slots may be given now.
func (p *PerUser) mayGive(slots int) bool {
	return p.free-slots >= p.extra || p.free >= slots && p.quiet()
}

// TryAcquire takes a slot for the user if one is free, and returns ErrBusy if none is.
// It never waits, and never overtakes those who do.
func (p *PerUser) TryAcquire(name string) (release func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.lanes[0].user(name)
	defer u.forgetIfGone()
	if !p.take(u, 1) {
		p.refused.Add(1)
		return nil, p.errBusy
	}
	return func() { p.release(u, 1) }, nil
}

// Acquire waits for the user's turn and takes a slot. It returns ErrBusy when too many
// wait, or the error of ctx when that ends first. The slot must be released once.
func (p *PerUser) Acquire(ctx context.Context, name string) (release func(), err error) {
	return p.acquire(ctx, 0, name, 1)
}

// AcquireIn is Acquire in a lane.
func (p *PerUser) AcquireIn(ctx context.Context, lane int, name string) (release func(), err error) {
	return p.acquire(ctx, lane, name, 1)
}

// AcquireMany is Acquire for several slots, or for as many of them as one user may have.
func (p *PerUser) AcquireMany(ctx context.Context, name string, slots int) (release func(), err error) {
	return p.acquire(ctx, 0, name, min(slots, p.maxPerUser))
}

func (p *PerUser) acquire(ctx context.Context, lane int, name string, slots int) (release func(), err error) {
	u, ended, err := p.arrive(&p.lanes[lane], name, slots)
	if err == nil && ended != nil {
		p.waits.Add(1)
		select {
		case err = <-ended:
		case <-ctx.Done():
			err = p.giveUp(u, call{slots, ended}, ctx.Err())
		}
		p.waits.Add(-1)
	}
	if errors.Is(err, ErrBusy) {
		p.refused.Add(1)
	}
	if err != nil {
		return nil, err
	}
	return func() { p.release(u, slots) }, nil
}

// Check returns ErrBusy when a call of the user would find no room in a lane now.
func (p *PerUser) Check(lane int, name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := &p.lanes[lane]
	if p.mayGive(1) || p.hasRoom(l, l.users[name]) {
		return nil
	}
	p.refused.Add(1)
	return p.errBusy
}

// Fail ends the waiting of all calls with the error.
func (p *PerUser) Fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.lanes {
		for l := &p.lanes[i]; len(l.turns) > 0; {
			first := l.turns[0]
			first.calls[0].ended <- err
			first.removeCall(0)
			first.forgetIfGone()
		}
	}
}

// arrive takes slots if they are free, and otherwise returns the channel on which the call
// is told how its waiting ends.
func (p *PerUser) arrive(l *lane, name string, slots int) (*user, chan error, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := l.user(name)
	if p.take(u, slots) {
		return u, nil, nil
	}
	defer u.forgetIfGone()
	if !p.hasRoom(l, u) {
		return nil, nil, p.errBusy
	}
	if l.waiting == p.maxWaiting {
		other := l.longest()
		last := len(other.calls) - 1
		other.calls[last].ended <- p.errBusy
		other.removeCall(last)
	}
	ended := make(chan error, 1)
	if len(u.calls) == 0 {
		l.turns = append(l.turns, u)
	}
	u.calls = append(u.calls, call{slots, ended})
	l.waiting++
	p.handOver() // it may be quiet by now
	return u, ended, nil
}

// take takes slots if they are free and nobody waits for them, and tells whether it did.
func (p *PerUser) take(u *user, slots int) bool {
	if u.slots+slots > p.maxPerUser || !p.mayGive(slots) || p.nextInTurn() != nil {
		return false
	}
	p.free -= slots
	u.slots += slots
	return true
}

// giveUp ends a call that waits, and gives back the slots that it may have got meanwhile.
func (p *PerUser) giveUp(u *user, c call, reason error) error {
	p.mu.Lock()
	i := slices.Index(u.calls, c)
	if i >= 0 {
		u.removeCall(i)
		p.handOver() // to those who waited behind it for fewer
		u.forgetIfGone()
	}
	p.mu.Unlock()
	if i < 0 && <-c.ended == nil {
		p.release(u, c.slots)
	}
	return reason
}

func (p *PerUser) release(u *user, slots int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free += slots
	u.slots -= slots
	p.handOver()
	u.forgetIfGone()
}
