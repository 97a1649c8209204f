package gate

import (
	"context"
	"sync"
)

// Fair is a gate at which nobody takes the last place to work at alone: who has
// all the others waits at a gate of his own, so that there is one for somebody
// else. It is safe for concurrent use.
type Fair struct {
	shared *Gate
	newOwn func() *Gate

	mu  sync.Mutex
	own map[string]*ownGate // of those who are inside
}

// ownGate is the gate of one caller, and how many are at it.
type ownGate struct {
	*Gate
	count int
}

// NewFair makes a gate like New.
func NewFair(what string, places, waiting int) *Fair {
	return &Fair{
		shared: New(what, places, waiting),
		newOwn: func() *Gate { return New(what, max(1, places-1), waiting) },
		own:    map[string]*ownGate{},
	}
}

// Enter waits for a place to work at, as Gate.Enter does, for one of those who
// share the gate. Whoever got in must leave.
func (f *Fair) Enter(ctx context.Context, who string) (leave func(), err error) {
	own, err := f.arrive(who).Enter(ctx)
	if err != nil {
		f.depart(who)
		return nil, err
	}
	shared, err := f.shared.Enter(ctx)
	if err != nil {
		own.Leave()
		f.depart(who)
		return nil, err
	}
	return sync.OnceFunc(func() {
		shared.Leave()
		own.Leave()
		f.depart(who)
	}), nil
}

func (f *Fair) arrive(who string) *Gate {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.own[who] == nil {
		f.own[who] = &ownGate{Gate: f.newOwn()}
	}
	f.own[who].count++
	return f.own[who].Gate
}

func (f *Fair) depart(who string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.own[who].count--
	if f.own[who].count == 0 {
		delete(f.own, who)
	}
}
