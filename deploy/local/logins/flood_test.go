package logins

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"officepay.example/services/auth"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// flooded tells of each login that has a place in the queue, and lets none of
// them count until it is told to.
type flooded struct {
	auth.Store
	placed, goOn chan struct{}
	writes       atomic.Int64
}

func (s *flooded) UserByArmyNumber(ctx context.Context, number string) (office.User, error) {
	s.placed <- struct{}{}
	return s.Store.UserByArmyNumber(ctx, number)
}

func (s *flooded) SwapAttempts(ctx context.Context, key string, old, new auth.Attempts) (bool, error) {
	<-s.goOn
	s.writes.Add(1)
	return s.Store.SwapAttempts(ctx, key, old, new)
}

// Who finds no turn at hashing is told so at once, writes nothing, and it counts
// for nothing: else a flood would fill the disk, and lock people out.
func TestFloodWithoutTurnsIsNoGuess(t *testing.T) {
	store := &flooded{Store: open(t).Store, placed: make(chan struct{}), goOn: make(chan struct{})}
	s := newReplica(t, store)
	answers, placed, refused := make(chan answer), 0, 0
	for n := range 200 {
		go func() { answers <- s.login(here, fmt.Sprint("nobody ", n), "wrong") }()
		select {
		case <-store.placed:
			placed++
		case got := <-answers:
			refused++
			officetest.Equal(t, "the status", got.status, http.StatusServiceUnavailable)
		}
	}
	if placed == 0 || refused == 0 {
		t.Fatalf("%d found a place, and %d did not; want some of each", placed, refused)
	}
	close(store.goOn)
	for range placed {
		s.wants("who has a place", <-answers, no)
	}
	const each = 2 // as seen from here, and from everywhere
	officetest.Equal(t, "the number of writes", store.writes.Load(), int64(each*placed))
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

// Who hangs up while he waits for his turn leaves no trace.
func TestWhoGivesUpHasMadeNoGuess(t *testing.T) {
	store := &halting{open(t).Store, make(chan string, 100), make(chan struct{}), func() {}}
	s := newReplica(t, store)
	turns := max(1, runtime.GOMAXPROCS(0)/2)
	var all sync.WaitGroup
	for n := range turns {
		all.Go(func() { s.login(here, fmt.Sprint("nobody ", n), "wrong") })
	}
	for range turns {
		<-store.halted // when there are that many, all turns are taken
	}
	ctx, hangUp := context.WithCancel(t.Context())
	store.looking = hangUp
	r := s.request("/auth/login", map[string]string{"army_number": "impatient", "password": "wrong"})
	r.RemoteAddr = here + ":4711"
	s.ask(r.WithContext(ctx))
	if len(store.halted) > 0 {
		t.Error("who gave up is counted")
	}
	close(store.goOn)
	all.Wait()
}
