package mongodb_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"officepay.example/shared/faulttest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// eventually waits until something comes true.
func eventually(t *testing.T, what string, isTrue func() bool) {
	t.Helper()
	for begin := time.Now(); !isTrue(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// Promise 28: the database gone, in each way that it can go.
func TestOutage(t *testing.T) {
	for name, fail := range map[string]struct{ begin, end func(*faulttest.Relay) }{
		"refused":    {(*faulttest.Relay).Cut, (*faulttest.Relay).Start},
		"black hole": {func(r *faulttest.Relay) { r.Swallow(true) }, func(r *faulttest.Relay) { r.Swallow(false) }},
		"black hole, then cut": {func(r *faulttest.Relay) { r.Swallow(true) }, func(r *faulttest.Relay) {
			r.Cut()
			r.Swallow(false)
			r.Start()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits most of the time
			r, config := mongotest.Relay(t)
			r.Start()
			client := mongotest.Connect(t, config)
			mongotest.Prepare(t, client)
			seed := mongotest.Seed{Client: client}
			officetest.Must(t, seed.AddUser(t.Context(), officetest.User(1)))
			fail.begin(r)
			for range 3 {
				wantUnavailable(t, client)
			}
			fail.end(r)
			eventually(t, "the database is back", func() bool {
				_, err := mongodb.Common{Client: client}.UserByID(t.Context(), officetest.User(1).ID)
				return err == nil
			})
		})
	}
}

// wantUnavailable asks with the deadline of a patient request, which the answer
// does not wait for.
func wantUnavailable(t *testing.T, client *mongodb.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := mongodb.Common{Client: client}.UserByID(ctx, officetest.User(1).ID)
	officetest.WantError(t, err, office.ErrUnavailable)
	officetest.Must(t, ctx.Err())
}

// A client that hangs up is no outage.
func TestCancelled(t *testing.T) {
	client := mongotest.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := mongodb.Common{Client: client}.UserByID(ctx, officetest.User(1).ID)
	if !errors.Is(err, context.Canceled) || errors.Is(err, office.ErrUnavailable) {
		t.Errorf("the error is %v", err)
	}
}
