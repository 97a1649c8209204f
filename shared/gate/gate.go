// Package gate lets so much in at a time and refuses the rest at once, so that
// what is let in is done as fast as ever, however much is asked.
package gate

import (
	"context"
	"errors"
	"fmt"
)

// ErrBusy: all places are taken, and so are those to wait at. Later there is
// room.
var ErrBusy = errors.New("too much at once")

// Gate has places for what is worked on and for what waits. It is safe for
// concurrent use. At a nil gate there is always room.
type Gate struct {
	inside  chan struct{} // working or waiting to
	working chan struct{}
	busy    error // ErrBusy and what of
}

// New makes a gate for what is named, for the log, with places to work at, at
// least one, and places to wait at.
func New(what string, places, waiting int) *Gate {
	return &Gate{
		inside: make(chan struct{}, places+waiting), working: make(chan struct{}, places),
		busy: fmt.Errorf("%w: %s", ErrBusy, what),
	}
}

// Queue takes a place to wait at. It never waits itself: it returns ErrBusy
// when there is none.
func (g *Gate) Queue() (*Place, error) {
	if g == nil {
		return nil, nil
	}
	select {
	case g.inside <- struct{}{}:
		return &Place{gate: g, isInside: true}, nil
	default:
		return nil, g.busy
	}
}

// Enter waits for a place to work at, in the order of arrival. It returns
// ErrBusy at once when too many wait, or why ctx was done first.
func (g *Gate) Enter(ctx context.Context) (*Place, error) {
	place, err := g.Queue()
	if err != nil {
		return nil, err
	}
	return place, place.Work(ctx)
}

// Place is one in a gate. One goroutine at a time may use it. A nil place is
// one of no gate: it is always there.
type Place struct {
	gate      *Gate
	isInside  bool
	isWorking bool
}

// Work waits until the place is one to work at. When ctx is done first, it
// returns why, and the place is gone.
//
// After Leave it takes a new one, and waits however many others do: who was in
// before is not refused.
func (p *Place) Work(ctx context.Context) error {
	if p == nil || p.isWorking {
		return nil
	}
	if !p.isInside {
		if err := take(ctx, p.gate.inside); err != nil {
			return err
		}
		p.isInside = true
	}
	if err := take(ctx, p.gate.working); err != nil {
		p.Leave()
		return err
	}
	p.isWorking = true
	return nil
}

func take(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Leave gives the place to the next. Leaving twice is leaving once.
func (p *Place) Leave() {
	if p == nil {
		return
	}
	if p.isWorking {
		<-p.gate.working
	}
	if p.isInside {
		<-p.gate.inside
	}
	p.isInside, p.isWorking = false, false
}
