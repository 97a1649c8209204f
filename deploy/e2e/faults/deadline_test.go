package faults

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"officepay.example/deploy/e2e/rig"
)

// deadline is that of a route that names no other, and pageDeadline that of a page.
const (
	deadline     = 10 * time.Second
	pageDeadline = 30 * time.Second
)

// Promise 29: a request that needs many answers of a slow database ends when
// its time is up.
func TestDeadline(t *testing.T) {
	t.Parallel()
	r := rig.Stack(t)
	r.Relay.Delay(900 * time.Millisecond)
	change := rig.Fields{"old_password": rig.AdminPassword, "new_password": "another password"}
	a := call{"POST", "/auth/change-password", change}.send(t.Context(), r.Admin, true)
	if err := a.checkFailed(http.StatusServiceUnavailable); err != nil {
		t.Error(err)
	}
	if a.took > deadline+outageLimit {
		t.Errorf("it took %v", a.took)
	}
	rig.Report(t, 29, "a change of a password that needs more than %v is given up after %v", deadline, a.took)
}

// Promise 29: a client that hangs up ends what it asked for.
func TestHangUp(t *testing.T) {
	t.Parallel()
	t.Run("stack", func(t *testing.T) { hangUpOnServices(t, rig.Stack(t)) })
	t.Run("all-in-one", func(t *testing.T) { hangUpOnAllInOne(t, rig.AllInOne(t)) })
}

// oneWay is how long everything takes to the database, and back: a new
// connection and a question on it are well within the time of one command.
const oneWay = 400 * time.Millisecond

// hangUpOnServices hangs up during the first command to the database or, if there is a
// body, which may be read after that, during that or a later one: a client that is gone
// is noticed when its body has been read.
func hangUpOnServices(t *testing.T, r *rig.Rig) {
	first, each := []time.Duration{oneWay, oneWay, oneWay}, []time.Duration{}
	for questions := 1; questions < 8; questions++ {
		each = append(each, time.Duration(questions)*oneWay)
	}
	calls := eachRoute(t, r)
	r.Relay.Delay(oneWay)
	atOnce(t, len(calls), func(i int) error {
		if calls[i].body == nil {
			return calls[i].hangUpOnce(t, r, first)
		}
		return calls[i].hangUpOnce(t, r, each)
	})
}

// hangUpOnce tries each patience until the call has ended with it: a busy
// machine may miss the moment.
func (c call) hangUpOnce(t *testing.T, r *rig.Rig, patiences []time.Duration) error {
	var errs []error
	for _, patience := range patiences {
		err := c.hangUp(t, r, patience)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// hangUp makes the call, and checks that it ends when its client hangs up.
func (c call) hangUp(t *testing.T, r *rig.Rig, patience time.Duration) error {
	status, took := c.leave(t, r, patience)
	if late := took - patience; status != 499 || late > oneWay*7/8 {
		return fmt.Errorf("%v: it ended with %d, %v after its client hung up", c, status, late)
	}
	return nil
}

// leave makes the call, hangs up when the client has no more patience, and
// returns how the service says that it ended, and when.
func (c call) leave(t *testing.T, r *rig.Rig, patience time.Duration) (status int, took time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return outcome(r, c.send(ctx, r.Admin, false).id)
}

// outcome waits until a request has ended, and returns what the log says of it:
// nothing, if it does not end.
func outcome(r *rig.Rig, id string) (status int, took time.Duration) {
	const limit = 10 * time.Second
	for begin := time.Now(); time.Since(begin) < limit; time.Sleep(20 * time.Millisecond) {
		for _, line := range linesOf(r, id) {
			if line.Message == "request" {
				return line.Status, line.took()
			}
		}
	}
	return 0, limit
}

// hangUpOnAllInOne hangs up in the middle of searches. The query ends then, and not when
// it is complete: a search that did not end before three quarters of its time does not
// count, nor does one that had hardly begun.
func hangUpOnAllInOne(t *testing.T, r *rig.Rig) {
	const enough, most = 3, 100
	search := newLongSearch(t, r)
	whole := timeOf(t, r, search)
	ended, tries := 0, 0
	for ; ended < enough && tries < most; tries++ {
		status, took := search.leave(t, r, whole/2)
		if status == 499 && took > whole/3 && took < whole*3/4 {
			ended++
		}
	}
	if ended < enough {
		t.Errorf("only %d of %d searches, which take %v, ended when their clients hung up", ended, tries, whole)
	}
	rig.Report(t, 29, "%d of %d searches, which take %v, ended when their clients hung up in the middle", ended, tries, whole)
}

// newLongSearch is a search that takes some tens of milliseconds on the all-in-one.
func newLongSearch(t *testing.T, r *rig.Rig) call {
	t.Helper()
	db := r.NewDB()
	r.Upload(rig.Records(db, 40000))
	return call{"GET", longSearch(db), nil}
}

// timeOf is how long a call takes at least.
func timeOf(t *testing.T, r *rig.Rig, c call) time.Duration {
	t.Helper()
	shortest := time.Hour
	for range 10 {
		status, took := outcome(r, c.send(t.Context(), r.Admin, false).id)
		if status != http.StatusOK {
			t.Fatalf("%v: %d", c, status)
		}
		shortest = min(shortest, took)
	}
	return shortest
}

// Promise 29: the deadline also ends a query of the all-in-one. The process is held while
// it searches until the time of the searches is up. One that was just about to be
// answered is still answered: then it is held again.
func TestDeadlineOfQuery(t *testing.T) {
	t.Parallel()
	r := rig.AllInOne(t)
	search := newLongSearch(t, r)
	atBest(t, 4, func() error {
		late := holdWhileSearching(t, r, search)
		if len(late) != 1 || late[http.StatusServiceUnavailable] == 0 {
			return fmt.Errorf("the statuses after the deadline are %v", late)
		}
		return nil
	})
}

// holdWhileSearching begins many searches, of which few are worked on at a time, and,
// when some are answered, holds the process until the deadline. It counts how those ended
// on which it had begun by then.
func holdWhileSearching(t *testing.T, r *rig.Rig, search call) map[int]int {
	t.Helper()
	const searches, some = 40, 5
	ids := make(chan string, searches)
	for range searches {
		go func() { ids <- search.send(t.Context(), r.Admin, false).id }()
	}
	eventually(t, patience, func() error {
		if len(ids) < some {
			return errors.New("no search is answered")
		}
		return nil
	})
	hold(t, r.Serving[0])
	time.Sleep(pageDeadline + 200*time.Millisecond) // and not so long that the connections end
	goOn(t, r.Serving[0])
	late := map[int]int{}
	for range searches {
		if status, took := outcome(r, <-ids); took > pageDeadline {
			late[status]++
		}
	}
	return late
}
