package limit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// PerUser is a limiter that its users share fairly. They take turns: who asks for much
// waits for himself alone. And where there is no more room to wait, whoever waits with
// most calls makes room for whoever waits with fewer. It is safe for concurrent use.
type PerUser struct {
	busy       error
	most       int // slots that one user may have
	maxWaiting int // in each lane
	stats

	mu    sync.Mutex
	free  int
	extra int         // of those that are free, which are given only while it is quiet
	quiet func() bool // nil where there are none
	lanes []lane
	next  int // the lane whose turn it is
}

// lane is a queue of its own before the same slots.
type lane struct {
	users   map[string]*user // who have slots or wait
	turns   []*user          // who wait, in the order of their turns
	waiting int              // calls
}

type user struct {
	lane  *lane
	name  string
	slots int
	calls []call // that wait, in order of arrival
}

type call struct {
	slots int
	ended chan error // told once how the waiting ends
}

// NewPerUser returns a limiter with at least one slot, all of which no single user can
// take: one is left for somebody else, where there is more than one. The name is for
// the log.
func NewPerUser(what string, slots, maxWaiting int) *PerUser {
	p := NewLanes(what, 1, slots, maxWaiting)
	p.most = max(1, slots-1)
	return p
}

// NewShares returns a limiter as NewPerUser does, of whose slots one user can have so
// many.
func NewShares(what string, slots, most, maxWaiting int) *PerUser {
	p := NewLanes(what, 1, slots, maxWaiting)
	p.most = most
	return p
}

// NewLanes returns a limiter as NewPerUser does, with lanes whose calls take turns and
// leave each other room to wait. One user may have every slot that nobody waits for.
func NewLanes(what string, lanes, slots, maxWaiting int) *PerUser {
	p := &PerUser{
		busy:  fmt.Errorf("%w: %s", ErrBusy, what),
		stats: statsOf(what), most: slots, maxWaiting: maxWaiting, free: slots, lanes: make([]lane, lanes),
	}
	for i := range p.lanes {
		p.lanes[i].users = map[string]*user{}
	}
	return p
}

// WhileQuiet adds slots that are given only while quiet says so. Whoever has one keeps
// it until he releases it.
func (p *PerUser) WhileQuiet(slots int, quiet func() bool) {
	p.free, p.most, p.extra, p.quiet = p.free+slots, p.most+slots, slots, quiet
}

// mayGive tells whether somebody may have so many slots now.
func (p *PerUser) mayGive(slots int) bool {
	return p.free-slots >= p.extra || p.free >= slots && p.quiet()
}

// TryAcquire takes a slot for the user if one is free, and returns ErrBusy if none is.
// It never waits, and never overtakes those who do.
func (p *PerUser) TryAcquire(name string) (release func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.user(&p.lanes[0], name)
	defer u.forgetIfGone()
	if !p.take(u, 1) {
		p.refused.Add(1)
		return nil, p.busy
	}
	return func() { p.release(u, 1) }, nil
}

// Acquire takes a slot for the user, and waits for his turn. It returns ErrBusy when
// too many wait, or the error of ctx when that ends first. Whoever has a slot must
// release it, once.
func (p *PerUser) Acquire(ctx context.Context, name string) (release func(), err error) {
	return p.acquire(ctx, 0, name, 1)
}

// AcquireIn is Acquire in a lane.
func (p *PerUser) AcquireIn(ctx context.Context, lane int, name string) (release func(), err error) {
	return p.acquire(ctx, lane, name, 1)
}

// AcquireMany is Acquire for a call that needs so many slots; who needs more than one
// user may have, takes those.
func (p *PerUser) AcquireMany(ctx context.Context, name string, slots int) (release func(), err error) {
	return p.acquire(ctx, 0, name, min(slots, p.most))
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
	return p.busy
}

// Fail ends the waiting of all calls with the error.
func (p *PerUser) Fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.lanes {
		for l := &p.lanes[i]; len(l.turns) > 0; {
			first := l.turns[0]
			first.calls[0].ended <- err
			first.remove(0)
			first.forgetIfGone()
		}
	}
}

// arrive takes slots where they are free, and otherwise returns where the call is told
// how its waiting ends.
func (p *PerUser) arrive(l *lane, name string, slots int) (*user, chan error, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.user(l, name)
	if p.take(u, slots) {
		return u, nil, nil
	}
	defer u.forgetIfGone()
	if !p.hasRoom(l, u) {
		return nil, nil, p.busy
	}
	if l.waiting == p.maxWaiting {
		other := l.longest()
		last := len(other.calls) - 1
		other.calls[last].ended <- p.busy
		other.remove(last)
	}
	ended := make(chan error, 1)
	if len(u.calls) == 0 {
		l.turns = append(l.turns, u)
	}
	u.calls = append(u.calls, call{slots, ended})
	l.waiting++
	p.handOver() // where it is quiet by now
	return u, ended, nil
}

func (p *PerUser) user(l *lane, name string) *user {
	u := l.users[name]
	if u == nil {
		u = &user{lane: l, name: name}
		l.users[name] = u
	}
	return u
}

// take takes slots if they are free and nobody waits for them, and tells whether it did.
func (p *PerUser) take(u *user, slots int) bool {
	if u.slots+slots > p.most || !p.mayGive(slots) || p.isAwaited() {
		return false
	}
	p.free -= slots
	u.slots += slots
	return true
}

// hasRoom tells whether a call more of the user may wait.
func (p *PerUser) hasRoom(l *lane, u *user) bool {
	if l.waiting < p.maxWaiting {
		return true
	}
	his := 0
	if u != nil {
		his = len(u.calls)
	}
	other := l.longest()
	return other != nil && len(other.calls) > his+1
}

// longest is who waits with most calls, or nil.
func (l *lane) longest() (longest *user) {
	for _, u := range l.turns {
		if longest == nil || len(u.calls) > len(longest.calls) {
			longest = u
		}
	}
	return longest
}

// remove takes one call of those that wait. Who has more waits for another turn.
func (u *user) remove(i int) {
	u.calls = slices.Delete(u.calls, i, i+1)
	u.lane.waiting--
	if len(u.calls) == 0 {
		u.lane.turns = slices.DeleteFunc(u.lane.turns, func(other *user) bool { return other == u })
	}
}

func (u *user) forgetIfGone() {
	if u.slots == 0 && len(u.calls) == 0 {
		delete(u.lane.users, u.name)
	}
}

// giveUp ends a call that waits, and gives back the slots that it may have got
// meanwhile.
func (p *PerUser) giveUp(u *user, c call, reason error) error {
	p.mu.Lock()
	i := slices.Index(u.calls, c)
	if i >= 0 {
		u.remove(i)
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

// handOver gives what is free to those whose turn it is.
func (p *PerUser) handOver() {
	for {
		next := p.nextInTurn()
		if next == nil || !p.mayGive(next.calls[0].slots) {
			return
		}
		p.next = (p.next + 1) % len(p.lanes)
		p.free -= next.calls[0].slots
		next.slots += next.calls[0].slots
		next.calls[0].ended <- nil
		next.remove(0)
		if len(next.calls) > 0 { // to the end of the turns
			turns := next.lane.turns
			i := slices.Index(turns, next)
			next.lane.turns = append(slices.Delete(turns, i, i+1), next)
		}
	}
}

// isAwaited tells whether somebody waits for slots that he may have.
func (p *PerUser) isAwaited() bool { return p.nextInTurn() != nil }

// nextInTurn is the first who waits and may have his slots, lane by lane, or nil. Its
// lane is then the next.
func (p *PerUser) nextInTurn() *user {
	for range p.lanes {
		for _, u := range p.lanes[p.next].turns {
			if u.slots+u.calls[0].slots <= p.most {
				return u
			}
		}
		p.next = (p.next + 1) % len(p.lanes)
	}
	return nil
}
