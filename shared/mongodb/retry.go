package mongodb

import (
	"context"
	"math/rand/v2"
	"time"
)

// The longest pauses after the first attempts of Repeat, and after later ones.
const (
	shortPause = 2 * time.Millisecond
	longPause  = 64 * time.Millisecond
)

// Repeat makes attempts until one is done. An attempt is not done when what it
// had read was changed before it wrote. Whoever changed it is done then, so of
// many that repeat, one always gets on. The pauses between them grow: whatever
// keeps an attempt from being done, the server is not flooded with them.
func Repeat(ctx context.Context, attempt func() (done bool, err error)) error {
	for longest := shortPause; ; longest = min(2*longest, longPause) {
		if done, err := attempt(); done || err != nil {
			return err
		}
		if err := Pause(ctx, longest); err != nil {
			return err
		}
	}
}

// Pause lets others get on: for a time that differs among those who wait, of at
// most longest. It returns the error of a context that is done.
func Pause(ctx context.Context, longest time.Duration) error {
	select {
	case <-ctx.Done():
	case <-time.After(rand.N(longest) + 1):
	}
	return ctx.Err()
}
