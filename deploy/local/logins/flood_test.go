package logins

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"officepay.example/services/auth"
	"officepay.example/shared/office"
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
// for nothing: else a flood would fill the disk, and lock people out. Promise 38: who
// comes from elsewhere, and who is logged in, finds a turn.
func TestFloodWithoutTurnsIsNoGuess(t *testing.T) {
	f := open(t)
	user := known(t, f, 1)
	store := &flooded{Store: f.Store, placed: make(chan struct{}), goOn: make(chan struct{})}
	s := newReplica(t, store)
	const flood = 90 // fewer than may be at work for one address: none is refused for that
	answers, placed, looked := make(chan answer, flood), 0, 0
	for n := range flood {
		go func() { answers <- s.login(here, fmt.Sprint("nobody ", n), "wrong") }()
		select {
		case <-store.placed:
			placed++
		case got := <-answers:
			s.wants("who finds no place", got, busy)
		}
	}
	go func() { // of those that a refused one has overtaken
		for range store.placed {
		}
	}()
	defer close(store.placed)
	others := make(chan answer, 2)
	go func() { others <- s.login("192.0.2.2", user.ArmyNumber, secret) }()
	go func() { others <- s.changePassword(user, "wrong") }()
	close(store.goOn)
	for range cap(others) {
		if got := <-others; got != yes && got.status != 400 {
			t.Errorf("beside the flood: %+v", got)
		}
	}
	for range placed {
		if got := <-answers; got == no {
			looked++
		} else {
			s.wants("who finds no turn", got, busy)
		}
	}
	if looked == 0 || looked == flood {
		t.Errorf("%d of %d were looked at", looked, flood)
	}
	// Of each as seen from here, from everywhere, and of this address; and less than
	// ten of the two others.
	if writes := int(store.writes.Load()) - 3*looked; writes < 0 || writes > 10 {
		t.Errorf("%d writes more than those of %d that were looked at", writes, looked)
	}
}

// halting halts whoever counts an attempt, with his turn in his hands.
type halting struct {
	auth.Store
	halted  chan string // keys
	goOn    chan struct{}
	looking func() // runs when somebody looks whether there is a pause
}

func (h *halting) Attempts(ctx context.Context, keys ...string) (map[string]auth.Attempts, error) {
	h.looking()
	return h.Store.Attempts(context.WithoutCancel(ctx), keys...)
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
