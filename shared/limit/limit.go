// Package limit lets a limited number of things be done at a time and refuses the rest
// at once, so that what is let in stays fast, however much is asked for.
package limit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"officepay.example/shared/metrics"
)

// ErrBusy means that every slot is taken, and so is the room to wait for one. It may
// be different later.
var ErrBusy = errors.New("too much at once")

// Unlimited lets any number wait at a limiter.
const Unlimited = math.MaxInt32

// Limiter has slots for work, and room for some to wait for one.
// It is safe for concurrent use. A nil Limiter has a slot for everybody.
type Limiter struct {
	slots      chan struct{}
	waiting    atomic.Int32
	maxWaiting int32
	busy       error // ErrBusy, with the name of the limiter
	stats
}

// New returns a limiter with at least one slot. The name is for the log.
func New(what string, slots, maxWaiting int) *Limiter {
	return &Limiter{
		slots: make(chan struct{}, slots), maxWaiting: int32(maxWaiting),
		busy: fmt.Errorf("%w: %s", ErrBusy, what), stats: statsOf(what),
	}
}

var (
	refusals = metrics.Counter("office_limiter_refused_total", "What a limiter refused.", "limiter")
	waits    = metrics.Gauge("office_limiter_waiting", "Calls that wait at a limiter.", "limiter")
)

// stats are the numbers of all limiters of one name.
type stats struct{ refused, waits *metrics.Series }

func statsOf(what string) stats { return stats{refusals.Of(what), waits.Of(what)} }

// TryAcquire takes a slot if one is free, and returns ErrBusy if none is. It never
// waits, and never overtakes those who do.
func (l *Limiter) TryAcquire() error {
	if l == nil {
		return nil
	}
	if !l.take() {
		l.refused.Add(1)
		return l.busy
	}
	return nil
}

// take takes a slot if one is free, and tells whether it did.
func (l *Limiter) take() bool {
	select {
	case l.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// Acquire takes a slot, and waits for one in order of arrival. It returns
// ErrBusy at once when too many wait, or the error of ctx when that ends first.
func (l *Limiter) Acquire(ctx context.Context) error {
	if l == nil || l.take() {
		return nil
	}
	defer l.waiting.Add(-1)
	if l.waiting.Add(1) > l.maxWaiting {
		l.refused.Add(1)
		return l.busy
	}
	l.waits.Add(1)
	defer l.waits.Add(-1)
	select {
	case l.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Release gives back a slot that was acquired.
func (l *Limiter) Release() {
	if l != nil {
		<-l.slots
	}
}
