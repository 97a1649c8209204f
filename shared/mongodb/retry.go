package mongodb

import (
	"context"
	"math/rand/v2"
	"time"
)

// The greatest pauses of Repeat: after the first attempt, and after many.
const (
	shortPause = 2 * time.Millisecond
	longPause  = 64 * time.Millisecond
)

// Repeat repeats an attempt until it is done. It is not done if another process changed what it
// had read before it could write: that one is done then, so of many that repeat, one always
// succeeds. The pauses grow, so that the server is not flooded, whatever the reason.
func Repeat(ctx context.Context, attempt func() (done bool, err error)) error {
	for longest := shortPause; ; longest = min(2*longest, longPause) {
		if done, err := attempt(); done || err != nil {
			return err
		}
		if err := Pause(ctx, rand.N(longest)+1); err != nil {
			return err
		}
	}
}

// Pause waits, and returns the error of a context that is done.
func Pause(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
	return ctx.Err()
}
