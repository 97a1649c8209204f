package officetest

import (
	"context"
	"sync"
	"testing"
)

// Interrupted repeats a call until it succeeds. Its context ends after it has been looked at a
// number of times, in each round a little later.
func Interrupted(t testing.TB, call func(ctx context.Context, round int) error) {
	t.Helper()
	for round, looks := 0, 1; ; round, looks = round+1, looks+1+looks/3 {
		ctx := &ending{Context: t.Context(), looks: looks, done: make(chan struct{})}
		if err := call(ctx, round); err == nil {
			t.Logf("interrupted %d times", round)
			return
		}
		if ctx.Err() == nil {
			t.Fatal("the call fails before it is interrupted")
		}
	}
}

// ending is a context that is cancelled when it is looked at for the last time.
type ending struct {
	context.Context
	mu    sync.Mutex
	looks int
	done  chan struct{}
}

func (c *ending) look() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.looks--; c.looks == 0 {
		close(c.done)
	}
}

func (c *ending) Done() <-chan struct{} {
	c.look()
	return c.done
}

func (c *ending) Err() error {
	c.look()
	select {
	case <-c.done:
		return context.Canceled
	default:
		return c.Context.Err()
	}
}
