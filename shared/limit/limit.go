// Package limit limits how much is done and how much waits at a time, and refuses the rest at
// once. So what is let in stays fast, however much is asked for.
package limit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"officepay.example/shared/metrics"
)

// ErrBusy: every slot is taken, and all room to wait for one. A later try may succeed.
var ErrBusy = errors.New("too much at once")

// HalfOfProcessors is how many may do long work, at least 1. The others serve everybody else.
func HalfOfProcessors() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Unlimited lets any number wait at a limiter.
const Unlimited = math.MaxInt32

var (
	refusals = metrics.Counter("office_limiter_refused_total", "Calls that a limiter refused.", "limiter")
	waits    = metrics.Gauge("office_limiter_waiting", "Calls that wait at a limiter.", "limiter")
)

// Limiter hands out slots, of which each call takes some. Users take turns, so that one who
// asks for much hardly delays the others. If there is no more room to wait, whoever has the
// most waiting calls makes room for somebody with fewer. It is safe for concurrent use.
type Limiter struct {
	errBusy    error
	maxPerUser int // slots that one user may have
	maxWaiting int // in each lane
	refused    *metrics.Series
	waits      *metrics.Series

	mu    sync.Mutex
	free  int
	extra int         // how many of the free ones are given only while it is quiet
	quiet func() bool // nil where there are none
	lanes []lane
	next  int // the lane whose turn it is
}

// Size says how much a limiter lets in.
type Size struct {
	Slots   int // at least 1
	PerUser int // slots that one user may have; 0 means all but one, if there is more than one
	Waiting int // calls that may wait in each lane
	Lanes   int // which take turns, and leave each other room to wait; 0 means 1
}

// New returns a limiter. The name is for the log and the metrics.
func New(name string, size Size) *Limiter {
	l := &Limiter{
		errBusy: fmt.Errorf("%w: %s", ErrBusy, name), refused: refusals.Of(name), waits: waits.Of(name),
		maxPerUser: cmp.Or(size.PerUser, size.Slots-1, 1), maxWaiting: size.Waiting,
		free: size.Slots, lanes: make([]lane, max(1, size.Lanes)),
	}
	for i := range l.lanes {
		l.lanes[i].users = map[string]*user{}
	}
	return l
}

// WhileQuiet adds slots that are given only while quiet returns true, and kept until released.
func (l *Limiter) WhileQuiet(slots int, quiet func() bool) {
	l.free, l.maxPerUser, l.extra, l.quiet = l.free+slots, l.maxPerUser+slots, slots, quiet
}

func (l *Limiter) mayGive(slots int) bool {
	return l.free-slots >= l.extra || l.free >= slots && l.quiet()
}

// TryAcquire takes a slot for the user if one is free, and returns ErrBusy if none is.
// It never waits, and never overtakes those who do.
func (l *Limiter) TryAcquire(name string) (release func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.lanes[0].user(name)
	defer u.forgetIfGone()
	if !l.take(u, 1) {
		return nil, l.refuse()
	}
	return func() { l.release(u, 1) }, nil
}

// Acquire waits for the user's turn and takes slots, at most as many as one user may have. They
// must be released once. Its error is ErrBusy when too many wait, or that of ctx or of Fail.
func (l *Limiter) Acquire(ctx context.Context, name string, slots int) (release func(), err error) {
	return l.AcquireIn(ctx, 0, name, slots)
}

// AcquireIn is Acquire in a lane.
func (l *Limiter) AcquireIn(ctx context.Context, lane int, name string, slots int) (release func(), err error) {
	slots = min(slots, l.maxPerUser)
	u, ended, err := l.arrive(&l.lanes[lane], name, slots)
	if ended != nil {
		l.waits.Add(1)
		select {
		case err = <-ended:
		case <-ctx.Done():
			l.giveUp(u, call{slots, ended}, ctx.Err())
			err = <-ended // which is nil if it was the call's turn just before
		}
		l.waits.Add(-1)
	}
	if err != nil {
		return nil, err
	}
	return func() { l.release(u, slots) }, nil
}

// Check returns ErrBusy when a call of the user would find no room in a lane now.
func (l *Limiter) Check(lane int, name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.lanes[lane].user(name)
	defer u.forgetIfGone()
	if l.mayGive(1) || l.hasRoom(u) {
		return nil
	}
	return l.refuse()
}

func (l *Limiter) refuse() error {
	l.refused.Add(1)
	return l.errBusy
}

// Fail ends the wait of all calls with the error. At a nil limiter, nobody waits.
func (l *Limiter) Fail(err error) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.lanes {
		for lane := &l.lanes[i]; len(lane.turns) > 0; {
			lane.turns[0].endCall(0, err)
		}
	}
}

// arrive takes slots if they are free, or returns the channel that tells how the wait ends.
func (l *Limiter) arrive(lane *lane, name string, slots int) (*user, chan error, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := lane.user(name)
	if l.take(u, slots) {
		return u, nil, nil
	}
	defer u.forgetIfGone()
	if !l.hasRoom(u) {
		return nil, nil, l.refuse()
	}
	if lane.waiting == l.maxWaiting {
		other := lane.longest()
		other.endCall(len(other.calls)-1, l.refuse())
	}
	ended := make(chan error, 1)
	if len(u.calls) == 0 {
		lane.turns = append(lane.turns, u)
	}
	u.calls = append(u.calls, call{slots, ended})
	lane.waiting++
	l.handOver() // it may be quiet by now
	return u, ended, nil
}

// take takes slots if they are free and nobody waits for them, and tells whether it did.
func (l *Limiter) take(u *user, slots int) bool {
	if u.slots+slots > l.maxPerUser || !l.mayGive(slots) || l.nextInTurn() != nil {
		return false
	}
	l.free -= slots
	u.slots += slots
	return true
}

func (l *Limiter) giveUp(u *user, c call, reason error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(u.calls, c); i >= 0 {
		u.endCall(i, reason)
		l.handOver() // to those who waited behind it for fewer
	}
}

func (l *Limiter) release(u *user, slots int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free += slots
	u.slots -= slots
	l.handOver()
	u.forgetIfGone()
}

// Activity knows whether there is work, and when there last was some.
type Activity struct{ running, ended atomic.Int64 } // how much, and in Unix nanoseconds

// quietTime is how long there must be no work: longer than a page pauses between two calls.
const quietTime = 2 * time.Second

// Begin notes that work begins. Each Begin needs an End.
func (a *Activity) Begin() { a.running.Add(1) }

func (a *Activity) End() {
	a.ended.Store(time.Now().UnixNano())
	a.running.Add(-1)
}

// IsQuiet tells whether there has been no work for a while.
func (a *Activity) IsQuiet() bool {
	return a.running.Load() == 0 && time.Since(time.Unix(0, a.ended.Load())) > quietTime
}
