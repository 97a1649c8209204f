package mongodb_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/faulttest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/serve/version"
	"officepay.example/shared/web"
)

// within checks that something comes true in time.
func within(t *testing.T, limit time.Duration, what string, isTrue func() bool) {
	t.Helper()
	for begin := time.Now(); !isTrue(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > limit {
			t.Fatalf("not within %v: %s", limit, what)
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
			within(t, 10*time.Second, "the database is back", func() bool {
				_, err := mongodb.Reader{Client: client}.UserByID(t.Context(), officetest.User(1).ID)
				return err == nil
			})
		})
	}
}

// wantUnavailable asks with the deadline of a request, which is later.
func wantUnavailable(t *testing.T, client *mongodb.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), web.DefaultTimeout)
	defer cancel()
	begin := time.Now()
	_, err := mongodb.Reader{Client: client}.UserByID(ctx, officetest.User(1).ID)
	officetest.WantError(t, err, office.ErrUnavailable)
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("the error comes after %v", took)
	}
}

// A client that hangs up is no outage.
func TestCancelled(t *testing.T) {
	client := mongotest.Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := mongodb.Reader{Client: client}.UserByID(ctx, officetest.User(1).ID)
	if !errors.Is(err, context.Canceled) || errors.Is(err, office.ErrUnavailable) {
		t.Errorf("the error is %v", err)
	}
}

func TestArguments(t *testing.T) {
	err := mongodb.Run(t.Context(), exampleService(nothing), []string{"halthcheck"}, settings(nil), new(faulttest.Log))
	if err == nil || !strings.Contains(err.Error(), "halthcheck") {
		t.Errorf("an unknown command: %v", err)
	}
}

func TestFaultsOfSettings(t *testing.T) {
	for name, c := range map[string]struct {
		values map[string]string
		faults []string
	}{
		"nothing set":     {nil, []string{"MONGO_URI", "JWT_SECRET"}},
		"not a MongoDB":   {map[string]string{"MONGO_URI": "postgres://a:hidden@b"}, []string{"MONGO_URI"}},
		"password":        {map[string]string{"MONGO_URI": "mongodb://a:hid/den@b"}, []string{"MONGO_URI"}},
		"name of the db":  {map[string]string{"MONGO_URI": "mongodb://a", "MONGO_DB": "a.b"}, []string{"MONGO_DB"}},
		"length of it":    {map[string]string{"MONGO_URI": "mongodb://a", "MONGO_DB": strings.Repeat("a", 64)}, []string{"MONGO_DB"}},
		"several at once": {map[string]string{"MONGO_DB": "a b", "PORT": "x"}, []string{"MONGO_URI", "MONGO_DB", "PORT"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := mongodb.Run(t.Context(), exampleService(nothing), nil, settings(c.values), new(faulttest.Log))
			for _, fault := range c.faults {
				if err == nil || !strings.Contains(err.Error(), fault) {
					t.Errorf("the error does not name %s: %v", fault, err)
				}
			}
			if err != nil && strings.Contains(err.Error(), "hid") {
				t.Errorf("the error holds a password: %v", err)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	var out bytes.Buffer
	err := mongodb.Run(t.Context(), mongodb.Service{Name: "example"}, []string{"-version"}, func(string) string { return "" }, &out)
	if err != nil || out.String() != "example "+version.String()+"\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}
