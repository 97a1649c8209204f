package mongodb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/faulttest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/serve"
	"officepay.example/shared/version"
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

// exampleService answers with the number of users.
func exampleService(started *int) mongodb.Service {
	return mongodb.Service{Name: "example", Port: 1, Load: func(getenv func(string) string) (mongodb.Setup, error) {
		env := serve.NewEnv(getenv)
		settings := serve.LoadConfig(env, "", 1)
		return mongodb.Setup{
			Settings: settings,
			Handler: func(client *mongodb.Client, options web.Options) http.Handler {
				return web.NewServer(options, []web.Route{web.On("GET", "/user", func(w http.ResponseWriter, r *http.Request) error {
					_, err := mongodb.Reader{Client: client}.UserByID(r.Context(), officetest.Missing)
					return err
				})})
			},
			Start: func(context.Context, *mongodb.Client, *slog.Logger) error { *started++; return nil },
		}, env.Err()
	}}
}

// Promise 34: a service that is started before its database waits for it.
func TestStartsWithoutDatabase(t *testing.T) {
	r, config := mongotest.Relay(t)
	port := freePort(t)
	getenv := settings(map[string]string{
		"HOST": "127.0.0.1", "PORT": port, "MONGO_URI": config.URI, "MONGO_DB": config.Database,
		"JWT_SECRET": strings.Repeat("0123456789abcdef", 4),
	})
	var log faulttest.Log
	started := 0
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- mongodb.Run(ctx, exampleService(&started), nil, getenv, &log) }()
	healthcheck := func() error {
		return mongodb.Run(t.Context(), exampleService(&started), []string{"healthcheck"}, getenv, &log)
	}
	answers := func(path string, status int) func() bool {
		return func() bool { return get("http://127.0.0.1:"+port+path) == status }
	}

	within(t, 10*time.Second, "the process is up", answers("/healthz", 200))
	within(t, 10*time.Second, "it is not ready", answers("/readyz", 503))
	within(t, 10*time.Second, "it says so to clients", answers("/user", 503))
	within(t, 10*time.Second, "its log says what it waits for", func() bool { return strings.Contains(log.String(), "trying again") })
	if healthcheck() == nil {
		t.Error("the healthcheck succeeds before the service is ready")
	}
	r.Start()
	within(t, 10*time.Second, "it is ready", answers("/readyz", 200))
	within(t, 10*time.Second, "it answers", answers("/user", 404))
	officetest.Must(t, healthcheck())
	r.Cut()
	within(t, 10*time.Second, "it is not ready any more", answers("/readyz", 503))
	stop()
	officetest.Must(t, <-ended)
	officetest.Equal(t, "how often it began", started, 1)
}

func get(url string) int {
	response, err := http.Get(url)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	officetest.Must(t, err)
	defer listener.Close()
	return fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
}

func settings(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestArguments(t *testing.T) {
	err := mongodb.Run(t.Context(), exampleService(new(int)), []string{"halthcheck"}, settings(nil), new(faulttest.Log))
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
			err := mongodb.Run(t.Context(), exampleService(new(int)), nil, settings(c.values), new(faulttest.Log))
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
