package mongodb_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"officepay.example/shared/document"
	"officepay.example/shared/environ"
	"officepay.example/shared/faulttest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/serve"
	"officepay.example/shared/web"
)

// example is a service that looks for a user. It runs until it is stopped or the
// test ends.
type example struct {
	settings func(string) string
	stop     func()
	address  string
	log      faulttest.Log
}

func runExample(t *testing.T, config mongodb.Config, start func() error) *example {
	t.Helper()
	port := freePort(t)
	e := &example{address: "http://127.0.0.1:" + port, settings: settings(map[string]string{
		"HOST": "127.0.0.1", "PORT": port, "JWT_SECRET": strings.Repeat("0123456789abcdef", 4),
	})}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.run(ctx, config, start) }()
	e.stop = sync.OnceFunc(func() {
		cancel()
		officetest.Must(t, <-ended)
	})
	t.Cleanup(e.stop)
	return e
}

// run does what the command of a service does.
func (e *example) run(ctx context.Context, config mongodb.Config, start func() error) error {
	env := environ.New(e.settings)
	settings := serve.LoadConfig(env, "", 1)
	client, err := mongodb.Connect(config, "example")
	if err := errors.Join(env.Err(), err); err != nil {
		return err
	}
	defer client.Close()
	logger := settings.Logger(&e.log)
	go client.KeepPreparing(ctx, logger, func(context.Context) error { return start() })
	user := web.On("GET", "/user", nil, func(ctx context.Context, _ *web.Request) (*web.Answer, error) {
		_, err := mongodb.Common{Client: client}.UserByID(ctx, officetest.Missing)
		return nil, err
	})
	return serve.Run(ctx, settings, settings.Keys(), logger, client.Ready, []web.Route{user})
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

// answers is whether a path is answered with a status.
func (e *example) answers(path string, status int) func() bool {
	return func() bool {
		response, err := http.Get(e.address + path)
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == status
	}
}

// Promise 34: a service that is started before its database waits for it.
func TestStartsWithoutDatabase(t *testing.T) {
	r, config := mongotest.Relay(t)
	started := 0
	e := runExample(t, config, func() error { started++; return nil })
	eventually(t, "the process is up", e.answers("/healthz", 200))
	eventually(t, "it is not ready", e.answers("/readyz", 503))
	eventually(t, "it says so to clients", e.answers("/user", 503))
	eventually(t, "its log says what it waits for", func() bool { return strings.Contains(e.log.String(), "trying again") })
	if serve.Healthcheck(e.settings, 1) == nil {
		t.Error("the healthcheck succeeds before the service is ready")
	}
	r.Start()
	eventually(t, "it is ready", e.answers("/readyz", 200))
	eventually(t, "it answers", e.answers("/user", 404))
	officetest.Must(t, serve.Healthcheck(e.settings, 1))
	r.Cut()
	eventually(t, "it is not ready any more", e.answers("/readyz", 503))
	e.stop()
	officetest.Equal(t, "how often it began", started, 1)
}

// Promise 34: a service is not ready before what it does at its start has
// succeeded, and does that again until then.
func TestStartThatFails(t *testing.T) {
	started, again := make(chan bool), make(chan error)
	e := runExample(t, mongotest.Config(t), func() error { started <- true; return <-again })
	for _, outcome := range []error{errors.New("not now"), nil} {
		select {
		case <-started:
		case <-time.After(time.Minute):
			t.Fatal("it does not begin again")
		}
		eventually(t, "it is not ready", e.answers("/readyz", 503))
		again <- outcome
	}
	eventually(t, "it is ready", e.answers("/readyz", 200))
	if log := e.log.String(); !strings.Contains(log, "not now") {
		t.Errorf("the log does not say why it began again:\n%s", log)
	}
}

// Promise 34: nothing is written or read before the database is prepared, and
// nobody is told that the service is ready.
func TestUseBeforePreparation(t *testing.T) {
	config := mongotest.Config(t)
	client := mongotest.Connect(t, config)
	user := officetest.User(1)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	officetest.WantError(t, client.Users().Insert(ctx, document.Of(user)), office.ErrUnavailable)
	stored, err := mongotest.Raw(t, config).Collection("users").CountDocuments(t.Context(), bson.M{})
	officetest.Must(t, err)
	officetest.Equal(t, "the number of users", stored, 0)
	if client.Ready(t.Context()) == nil {
		t.Error("it is ready")
	}
	mongotest.Prepare(t, client)
	officetest.Must(t, client.Users().Insert(t.Context(), document.Of(user)))
}
