package storetest

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"officepay.example/services/auth"
	"officepay.example/shared/office/officetest"
)

// counting counts what is written of attempts.
type counting struct {
	auth.Store
	writes atomic.Int64
}

func (c *counting) SwapAttempts(ctx context.Context, key string, old, new auth.Attempts) (bool, error) {
	c.writes.Add(1)
	return c.Store.SwapAttempts(ctx, key, old, new)
}

// guessingFlood: who finds no turn at hashing writes nothing, and it counts
// for nothing: else a flood would fill the disk, and lock people out.
func guessingFlood(t *testing.T, f Fixture) {
	store := &counting{Store: f.Store}
	d := openDesk(t, store)
	answers := make([]answer, 200)
	officetest.Race(len(answers), func(n int) error {
		answers[n] = d.login(here, fmt.Sprint("nobody ", n), "wrong")
		return nil
	})
	looked := 0
	for _, answer := range answers {
		if answer.status == no.status {
			looked++
		}
	}
	if looked == 0 || looked == len(answers) {
		t.Fatalf("%d of %d found a turn, want some", looked, len(answers))
	}
	const each = 2 // as seen from here, and from everywhere
	officetest.Equal(t, "the number of writes", store.writes.Load(), int64(each*looked))
}

// halting halts whoever counts an attempt, with his turn in his hands.
type halting struct {
	auth.Store
	halted  chan string // keys
	goOn    chan struct{}
	looking func() // runs when somebody looks whether there is a pause
}

func (h *halting) Attempts(ctx context.Context, key string) (auth.Attempts, error) {
	h.looking()
	return h.Store.Attempts(context.WithoutCancel(ctx), key)
}

func (h *halting) SwapAttempts(ctx context.Context, key string, old, new auth.Attempts) (bool, error) {
	h.halted <- key
	select {
	case <-h.goOn:
	case <-ctx.Done():
	}
	return h.Store.SwapAttempts(ctx, key, old, new)
}

// guessingGivenUp: who hangs up while he waits for his turn leaves no trace.
func guessingGivenUp(t *testing.T, f Fixture) {
	store := &halting{f.Store, make(chan string, 100), make(chan struct{}), func() {}}
	d := openDesk(t, store)
	turns := max(1, runtime.GOMAXPROCS(0)/2)
	var all sync.WaitGroup
	for n := range turns {
		all.Go(func() { d.login(here, fmt.Sprint("nobody ", n), "wrong") })
	}
	for range turns {
		select {
		case <-store.halted: // when there are that many, all turns are taken
		case <-time.After(time.Minute):
			t.Fatal("nobody has a turn")
		}
	}
	ctx, hangUp := context.WithCancel(t.Context())
	store.looking = hangUp
	r := d.request("/auth/login", map[string]string{"army_number": "impatient", "password": "wrong"})
	r.RemoteAddr = here + ":4711"
	d.ask(r.WithContext(ctx))
	if len(store.halted) > 0 {
		t.Error("who gave up is counted")
	}
	close(store.goOn)
	all.Wait()
}
