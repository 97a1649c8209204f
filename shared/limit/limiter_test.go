package limit

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

// Promise 31: however many calls one user makes, there is room for another, and
// nothing is left of those who are gone.
func TestNobodyFillsItAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slots, waiting = 3, 2
		l := New("things", Size{Slots: slots, Waiting: waiting})
		ctx, giveUp := context.WithCancel(t.Context())
		results := make(chan error, 10)
		for range cap(results) {
			go func() {
				release, err := l.Acquire(ctx, "greedy", 1)
				if err == nil {
					<-ctx.Done()
					release()
				}
				results <- err
			}()
		}
		synctest.Wait()
		if l.free != 1 {
			t.Errorf("he leaves %d slots of %d", l.free, slots)
		}
		if refused := len(results); refused != cap(results)-(slots-1)-waiting {
			t.Errorf("%d of %d were refused", refused, cap(results))
		}
		release, err := l.Acquire(t.Context(), "modest", 1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Acquire(ctx, "greedy", 1); !errors.Is(err, ErrBusy) {
			t.Errorf("one more: %v", err)
		}
		release()
		giveUp()
		synctest.Wait()
		if left := l.lanes[0]; len(left.users) > 0 || len(left.turns) > 0 || left.waiting > 0 || l.free != slots {
			t.Errorf("%d slots are free, and left is %+v", l.free, left)
		}
	})
}

// All users together have no more slots than there are.
func TestLimiterIsFull(t *testing.T) {
	l := New("things", Size{Slots: 2})
	for _, user := range []string{"a", "b"} {
		if _, err := l.Acquire(t.Context(), user, 1); err != nil {
			t.Fatal(err)
		}
	}
	for _, user := range []string{"a", "c"} {
		if _, err := l.Acquire(t.Context(), user, 1); !errors.Is(err, ErrBusy) {
			t.Errorf("%s: %v", user, err)
		}
	}
	if users := l.lanes[0].users; len(users) != 2 {
		t.Errorf("%d have slots", len(users))
	}
}

// Whoever is refused for what others have keeps nothing of his own taken.
func TestRefusedKeepsNoSlot(t *testing.T) {
	l := New("things", Size{Slots: 3})
	release := make(map[string]func())
	for _, user := range []string{"a", "b", "c"} {
		var err error
		if release[user], err = l.Acquire(t.Context(), user, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Acquire(t.Context(), "a", 1); !errors.Is(err, ErrBusy) {
		t.Fatalf("one too many: %v", err)
	}
	release["b"]()
	if _, err := l.Acquire(t.Context(), "a", 1); err != nil {
		t.Errorf("a slot of two is free for him: %v", err)
	}
}

// Where there is one slot, everybody may have it.
func TestLimiterOfOne(t *testing.T) {
	l := New("things", Size{Slots: 1})
	for range 2 {
		release, err := l.Acquire(t.Context(), "a", 1)
		if err != nil {
			t.Fatal(err)
		}
		release()
	}
}

// queue makes calls that wait, one after the other, and tells in which order they got
// their slot, or that they did not. Who has got one releases it at once.
type queue struct {
	t       *testing.T
	l       *Limiter
	results chan string
}

func (q queue) call(ctx context.Context, lane int, name string) {
	go func() {
		release, err := q.l.AcquireIn(ctx, lane, name, 1)
		if err != nil {
			q.results <- name + ": " + err.Error()
			return
		}
		q.results <- name
		release()
	}()
	synctest.Wait()
}

// wants lets those who wait have their turns, and compares these.
func (q queue) wants(release func(), want ...string) {
	q.t.Helper()
	release()
	synctest.Wait()
	close(q.results)
	var got []string
	for result := range q.results {
		got = append(got, result)
	}
	if !slices.Equal(got, want) {
		q.t.Errorf("the turns were\n%q, want\n%q", got, want)
	}
}

// queued runs a test on a limiter of one slot, which is taken.
func queued(t *testing.T, lanes, maxWaiting int, test func(q queue, release func())) {
	synctest.Test(t, func(t *testing.T) {
		l := New("things", Size{Slots: 1, PerUser: 1, Waiting: maxWaiting, Lanes: lanes})
		release, err := l.Acquire(t.Context(), "first", 1)
		if err != nil {
			t.Fatal(err)
		}
		test(queue{t, l, make(chan string, 100)}, release)
		if l.free != 1 || len(l.lanes[0].users) > 0 {
			t.Errorf("%d slots are free, and left is %+v", l.free, l.lanes[0])
		}
	})
}

// Promise 40: users take turns, however many calls one of them has made before.
func TestUsersTakeTurns(t *testing.T) {
	queued(t, 1, 9, func(q queue, release func()) {
		for _, name := range []string{"a", "a", "a", "b", "c", "b"} {
			q.call(q.t.Context(), 0, name)
		}
		q.wants(release, "a", "b", "c", "a", "b", "a")
	})
}

// Who waits with most calls makes room for others; and who alone waits fills the room.
func TestMostMakesRoom(t *testing.T) {
	busy := ": " + ErrBusy.Error() + ": things"
	queued(t, 1, 3, func(q queue, release func()) {
		for _, name := range []string{"a", "a", "a", "a", "b", "b", "c", "c", "d"} {
			q.call(q.t.Context(), 0, name)
		}
		if err := q.l.Check(0, "e"); !errors.Is(err, ErrBusy) {
			q.t.Errorf("each waits with one call, and another finds room: %v", err)
		}
		q.wants(release, "a"+busy, "a"+busy, "b"+busy, "a"+busy, "c"+busy, "d"+busy, "a", "b", "c")
	})
}

// Promise 38: lanes take turns, and none leaves the other without room.
func TestLanesTakeTurns(t *testing.T) {
	queued(t, 2, 2, func(q queue, release func()) {
		for _, name := range []string{"a", "b"} {
			q.call(q.t.Context(), 0, name)
		}
		if q.l.Check(0, "c") == nil || q.l.Check(1, "c") != nil {
			t.Error("the lanes do not have rooms of their own")
		}
		for _, name := range []string{"x", "x"} {
			q.call(q.t.Context(), 1, name)
		}
		q.wants(release, "a", "x", "b", "x")
	})
}

// Who gives up leaves his turn to the next.
func TestGivenUpTurn(t *testing.T) {
	queued(t, 1, 9, func(q queue, release func()) {
		ctx, giveUp := context.WithCancel(q.t.Context())
		q.call(ctx, 0, "a")
		q.call(q.t.Context(), 0, "b")
		giveUp()
		synctest.Wait()
		q.wants(release, "a: context canceled", "b")
	})
}

// Promise 41: calls take as many slots as they need, half of all for one user; who waits
// for many is not passed by those who need few, until he gives up.
func TestShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New("bytes", Size{Slots: 10, PerUser: 5, Waiting: 9})
		got := make(chan string, 9)
		call := func(ctx context.Context, name string, slots int) {
			go func() {
				release, err := l.Acquire(ctx, name, slots)
				if err == nil {
					got <- name
					<-t.Context().Done()
					release()
				}
			}()
			synctest.Wait()
		}
		wants := func(what string, names ...string) {
			t.Helper()
			for _, name := range names {
				if len(got) == 0 || <-got != name {
					t.Errorf("%s: %s has none", what, name)
				}
			}
			if len(got) > 0 {
				t.Errorf("%s: %s has some", what, <-got)
			}
		}
		call(t.Context(), "a", 3)
		call(t.Context(), "a", 3)
		wants("half of all are one user's", "a")
		call(t.Context(), "b", 5)
		call(t.Context(), "b", 1)
		wants("also of another", "b")
		ctx, giveUp := context.WithCancel(t.Context())
		call(ctx, "c", 99)
		call(t.Context(), "d", 1)
		call(t.Context(), "a", 1)
		wants("who waits for five is passed by nobody")
		giveUp()
		synctest.Wait()
		wants("he gives up", "d")
	})
}
