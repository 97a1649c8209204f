package logins

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"officepay.example/services/auth"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// counted is a store whose calls during a login are counted.
type counted struct {
	auth.Store
	reads, writes atomic.Int64
}

func (c *counted) UserByArmyNumber(ctx context.Context, number string) (office.User, error) {
	c.reads.Add(1)
	return c.Store.UserByArmyNumber(ctx, number)
}

func (c *counted) DBsByID(ctx context.Context, ids []office.ID) ([]office.DB, error) {
	c.reads.Add(1)
	return c.Store.DBsByID(ctx, ids)
}

func (c *counted) Attempts(ctx context.Context, keys ...string) (map[string]auth.Attempts, error) {
	c.reads.Add(1)
	return c.Store.Attempts(ctx, keys...)
}

func (c *counted) SwapAttempts(ctx context.Context, key string, old, new auth.Attempts) (bool, error) {
	c.writes.Add(1)
	return c.Store.SwapAttempts(ctx, key, old, new)
}

func (c *counted) ForgetAttempts(ctx context.Context, now time.Time) error {
	c.writes.Add(1)
	return c.Store.ForgetAttempts(ctx, now)
}

// A login makes six calls of the store, two of them writes, also from a new address.
func TestCallsOfALogin(t *testing.T) {
	f := open(t)
	store := &counted{Store: f.Store}
	d, number := newReplica(t, store), known(t, f, 1).ArmyNumber
	for n := range 2 {
		store.reads.Store(0)
		store.writes.Store(0)
		d.wants("the right password", d.login(here, number, secret), yes)
		if reads, writes := store.reads.Load(), store.writes.Load(); reads > 4 || writes > 2 {
			t.Errorf("login %d: %d reads and %d writes", n+1, reads, writes)
		}
	}
}

// Promise 11: of many who guess at once, at two replicas and each from an address
// of his own, no more are let in than of those who guess one after the other.
func TestGuessingFromEverywhereAtOnce(t *testing.T) {
	f := open(t)
	desks, number := []*replica{newReplica(t, f.Store), newReplica(t, f.Store)}, known(t, f, 1).ArmyNumber
	const guessers, each = 8, 20
	var refused atomic.Int64
	officetest.Race(guessers, func(guesser int) error {
		for n := range each {
			from := fmt.Sprintf("198.51.%d.%d", guesser, n)
			switch got := desks[guesser%len(desks)].login(from, number, "wrong"); got.status {
			case no.status:
			case paused(0).status:
				refused.Add(1)
			default:
				t.Errorf("%+v", got)
			}
		}
		return nil
	})
	officetest.Equal(t, "the number of guesses that were refused", refused.Load(), guessers*each-100)
}
