package auth

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"net/http"
	"sync/atomic"
	"time"

	"officepay.example/shared/password"
	"officepay.example/shared/web"
)

// throttle keeps the attempts in the store, where every replica sees them.
type throttle struct {
	store  AttemptStore
	hasher *password.Hasher
	now    func() time.Time
	tidied atomic.Int64 // when forgotten attempts were last removed, Unix seconds
}

// counter is where attempts are counted, and how many are too many.
type counter struct {
	key     string
	limit   int
	session int64
	// before and kept are the attempts before they were last changed here, and as
	// they were last seen in the store.
	before, kept Attempts
	isReserved   bool // counted before the password is compared
}

// current are the attempts that count in the session.
func (c *counter) current() Attempts { return c.kept.in(c.session) }

func (t *throttle) read(ctx context.Context, counters ...*counter) error {
	keys := make([]string, len(counters))
	for i, c := range counters {
		keys[i] = c.key
	}
	kept, err := t.store.Attempts(ctx, keys...)
	for _, c := range counters {
		c.kept = kept[c.key]
	}
	return err
}

// pauseOf returns the 429 of the first of the counters that is paused.
func (t *throttle) pauseOf(counters ...*counter) error {
	for _, c := range counters {
		if wait := c.current().wait(t.now()); wait > 0 {
			return tooMany(wait)
		}
	}
	return nil
}

// uncount takes an attempt back. When it is still the latest, what was there before it
// returns; when others came after it, there is one less.
func (t *throttle) uncount(ctx context.Context, c *counter) error {
	before, after := c.before, c.kept
	return t.swap(ctx, c, func(old Attempts) (Attempts, error) {
		if old == after {
			return before, nil
		}
		return old.remove(c.limit), nil
	})
}

// swap replaces the attempts of a counter with what next makes of those that were
// last seen or, when another attempt came between, of those that are there now.
func (t *throttle) swap(ctx context.Context, c *counter, next func(Attempts) (Attempts, error)) error {
	for {
		wanted, err := next(c.current())
		if err != nil || wanted == c.kept {
			return err
		}
		swapped, err := t.store.SwapAttempts(ctx, c.key, c.kept, wanted)
		if err != nil {
			return err
		}
		if swapped {
			c.before, c.kept = c.kept, wanted
			return nil
		}
		if err := t.read(ctx, c); err != nil {
			return err
		}
	}
}

func (t *throttle) tidy(ctx context.Context) error {
	now, last := t.now(), t.tidied.Load()
	due := now.Sub(time.Unix(last, 0)) >= window
	if !due || !t.tidied.CompareAndSwap(last, now.Unix()) {
		return nil
	}
	return t.store.ForgetAttempts(ctx, now)
}

func tooMany(wait time.Duration) error {
	return &web.Error{Status: http.StatusTooManyRequests, RetryAfter: wait,
		Message: fmt.Sprintf("Too many failed attempts. Please wait %d seconds before the next.", int(math.Ceil(wait.Seconds())))}
}

// keyOf names a counter without keeping what was typed: people type passwords into
// the wrong field.
func keyOf(parts ...string) string {
	sum := sha256.New()
	for _, part := range parts {
		sum.Write([]byte(part))
		sum.Write([]byte{0})
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
