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

// Promise 29: a request that needs many answers of a slow database ends when
// its time is up.
func TestDeadline(t *testing.T) {
	t.Parallel()
	const deadline = 10 * time.Second // of a route that says nothing else
	r := rig.Services(t)
	r.Relay.Delay(700 * time.Millisecond)
	a := call{"POST", "/auth/login", credentials}.send(t.Context(), r.Admin, true)
	if err := a.checkFailed(http.StatusServiceUnavailable); err != nil {
		t.Error(err)
	}
	if a.took > deadline+outageLimit {
		t.Errorf("it took %v", a.took)
	}
	rig.Report(t, 29, "a login that needs more than %v is given up after %v", deadline, a.took)
}

// Promise 29: a client that hangs up ends what it asked for.
func TestHangUp(t *testing.T) {
	t.Run("stack", func(t *testing.T) { hangUpOnServices(t, rig.Services(t)) })
	t.Run("one machine", func(t *testing.T) { hangUpOnOneMachine(t, rig.OneMachine(t)) })
}

// oneWay is how long everything takes to the database, and back: a new
// connection and a question on it are well within the time of one command.
const oneWay = 400 * time.Millisecond

// hangUpOnServices hangs up during the first question to the database, and
// where there is a body, which is read after that, during a later one.
func hangUpOnServices(t *testing.T, r *rig.Rig) {
	first, later := []time.Duration{oneWay, oneWay, oneWay}, []time.Duration{}
	for questions := 1; questions < 8; questions++ {
		later = append(later, time.Duration(questions)*oneWay)
	}
	calls := eachRoute(t, r)
	r.Relay.Delay(oneWay)
	atOnce(t, len(calls), func(i int) error {
		switch c := calls[i]; {
		case c.body == nil:
			return c.hangUpOnce(t, r, first)
		case c.path == "/personnels" || c.path == "/personnels/upload":
			return c.hangUpOnce(t, r, later)
		}
		return nil
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

// hangUp makes the call, and checks that it ends when its client has no more
// patience.
func (c call) hangUp(t *testing.T, r *rig.Rig, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	id := c.send(ctx, r.Admin, false).id
	const limit = 10 * time.Second
	for begin := time.Now(); time.Since(begin) < limit; time.Sleep(20 * time.Millisecond) {
		for _, line := range linesOf(r, id) {
			if line.Message != "request" {
				continue
			}
			if late := line.took() - patience; line.Status != 499 || late > oneWay*7/8 {
				return fmt.Errorf("%v: it ended with %d, %v after its client hung up", c, line.Status, late)
			}
			return nil
		}
	}
	return fmt.Errorf("%v: it has not ended", c)
}

// hangUpOnOneMachine hangs up ever later until a query is met while it runs.
func hangUpOnOneMachine(t *testing.T, r *rig.Rig) {
	db := r.NewDB()
	r.Upload(rig.Records(db, 20000))
	search := call{"GET", longSearch(db), nil}
	ended, tries := 0, 0
	for patience := time.Millisecond; ended < 3 && patience < 200*time.Millisecond; patience += time.Millisecond {
		tries++
		if search.hangUp(t, r, patience) == nil {
			ended++
		}
	}
	if ended == 0 {
		t.Error("no search has ended early")
	}
	rig.Report(t, 29, "%d of %d searches ended when their clients hung up", ended, tries)
}
