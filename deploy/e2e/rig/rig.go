// Package rig gives a test an origin of its own, the all-in-one or the stack: one
// that it can kill, cut off from its database, and start again.
//
// It runs the programs that make has built, without the race detector, so that
// times and sizes are those of the product.
package rig

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/stack"
	"officepay.example/shared/faulttest"
)

// The first admin of every rig, and what signs its tokens.
const (
	AdminNumber   = "RIG-ADMIN"
	AdminPassword = "the rig's own password"
	Secret        = "the rig's own secret, known to its tests alone"
)

// secrets are what no log of a rig may hold.
var secrets = map[string]string{
	AdminPassword: "a password", Secret: "the key of the tokens", acctNumber: "an account number",
}

// Rig is an origin of a test's own. It ends with the test.
type Rig struct {
	URL     string
	DataDir string
	Log     *faulttest.Log
	Admin   *client.Client
	// Serving are the processes with the product's code: the all-in-one, or the
	// four services.
	Serving []*stack.Process
	// Stack is nil for the all-in-one, and so are Database and Relay, which
	// stands between it and the services.
	Stack    *stack.Stack
	Database *stack.Process
	Relay    *faulttest.Relay

	t testing.TB
}

// Start starts one kind of origin, with more environment.
type Start func(t testing.TB, env ...string) *Rig

// Each runs a test on the all-in-one and on the stack.
func Each(t *testing.T, test func(t *testing.T, start Start)) {
	t.Run("all-in-one", func(t *testing.T) { test(t, AllInOne) })
	t.Run("stack", func(t *testing.T) { test(t, Stack) })
}

// common is the environment of every origin. Password hashes are cheap, unless
// a test asks for others.
var common = []string{"BCRYPT_COST=4", "LOG_FORMAT=json", "ADMIN_ARMY_NUMBER=" + AdminNumber, "ADMIN_PASSWORD=" + AdminPassword}

// AllInOne starts the all-in-one.
func AllInOne(t testing.TB, env ...string) *Rig {
	t.Helper()
	return Under(t, nil, env...)
}

// Under starts the all-in-one through another program, which then becomes it: the program
// to run is appended to its arguments.
func Under(t testing.TB, wrapper []string, env ...string) *Rig {
	t.Helper()
	r, port := newRig(t), freePort(t)
	command := append(slices.Clone(wrapper), Program(t, "office-payment"))
	process := stack.NewProcess(command[0], command[1:], slices.Concat(common, []string{
		"DATA_DIR=" + r.DataDir, "HOST=127.0.0.1", "PORT=" + port, "JWT_SECRET=" + Secret}, env), r.Log)
	r.URL, r.Serving = "http://127.0.0.1:"+port, []*stack.Process{process}
	must(t, process.Start())
	t.Cleanup(process.Kill)
	r.begin()
	return r
}

// Stack starts Caddy, the four services, and the embedded database, with a relay in front
// of the database. The services give the database all the time that it takes, and notice
// at once when it is gone.
func Stack(t testing.TB, env ...string) *Rig {
	t.Helper()
	return startStack(t, func(address string) string {
		return "mongodb://" + address + "/?directConnection=true&timeoutMS=60000&connectTimeoutMS=60000"
	}, env)
}

// ImpatientStack is a Stack whose services have no more patience with their
// database than the product has.
func ImpatientStack(t testing.TB) *Rig {
	t.Helper()
	return startStack(t, func(address string) string { return "mongodb://" + address + "/?directConnection=true" }, nil)
}

func startStack(t testing.TB, uri func(address string) string, env []string) *Rig {
	t.Helper()
	r := newRig(t)
	database, address, err := stack.NewDatabase(filepath.Dir(Program(t, stack.Database)), filepath.Join(r.DataDir, stack.Database), r.Log)
	must(t, err)
	must(t, database.Start())
	t.Cleanup(database.Kill)
	r.Database = database
	must(t, database.AwaitPort(t.Context(), address))
	r.Relay = faulttest.NewRelay(t, address)
	r.Relay.Start()
	r.startServices(uri(r.Relay.Address()), env)
	r.begin()
	return r
}

func (r *Rig) startServices(uri string, env []string) {
	r.t.Helper()
	r.Stack = stack.New(stack.Settings{
		Bin: filepath.Dir(Program(r.t, stack.Proxy)), Caddyfile: "../../Caddyfile", DataDir: r.DataDir,
		Host: "127.0.0.1", Port: freePort(r.t), Secret: Secret, Log: r.Log,
		MongoURI: uri, Env: slices.Concat(common, env),
	})
	r.t.Cleanup(r.killServices)
	must(r.t, r.Stack.Start(r.t.Context()))
	r.URL = r.Stack.Origin
	for _, name := range stack.Services {
		r.Serving = append(r.Serving, r.Stack.Process(name))
	}
}

func (r *Rig) killServices() {
	for _, name := range append([]string{stack.Proxy}, stack.Services...) {
		if process := r.Stack.Process(name); process != nil {
			process.Kill()
		}
	}
}

func newRig(t testing.TB) *Rig {
	t.Helper()
	r := &Rig{t: t, DataDir: t.TempDir(), Log: new(faulttest.Log)}
	t.Cleanup(func() {
		if err := CheckLog(r.Log.String(), secrets); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the end of the log:\n%s", r.Log.Tail())
		}
	})
	return r
}

// begin waits until the origin is ready and logs the admin in.
func (r *Rig) begin() {
	r.t.Helper()
	if r.Stack == nil {
		r.AwaitReady(time.Minute)
	}
	r.Admin = r.Login(AdminNumber, AdminPassword)
}

// AwaitReady waits until the origin is ready, which it must be in time, and
// returns how long that took.
func (r *Rig) AwaitReady(limit time.Duration) time.Duration {
	r.t.Helper()
	begin := time.Now()
	ctx, cancel := context.WithTimeout(r.t.Context(), limit)
	defer cancel()
	for _, process := range r.Serving {
		must(r.t, process.AwaitReady(ctx, r.Address(process)))
	}
	return time.Since(begin)
}

// Address is where a process of the product is reached by itself.
func (r *Rig) Address(process *stack.Process) string {
	if r.Stack == nil {
		return r.URL
	}
	return r.Stack.Address(process.Name)
}

// Process is a process of the stack, the database among them.
func (r *Rig) Process(name string) *stack.Process {
	if name == stack.Database {
		return r.Database
	}
	return r.Stack.Process(name)
}

// Login logs somebody in.
func (r *Rig) Login(number, password string) *client.Client {
	r.t.Helper()
	caller, _, err := client.New(r.URL).Login(r.t.Context(), number, password)
	must(r.t, err)
	return caller
}

// Program is the path of a program that make has built.
func Program(t testing.TB, name string) string {
	t.Helper()
	bin := os.Getenv("STACK_BIN")
	if bin == "" {
		t.Skip("needs the programs that make test-all builds; STACK_BIN names their folder")
	}
	return filepath.Join(bin, name)
}

func freePort(t testing.TB) string {
	t.Helper()
	port, err := stack.FreePort()
	must(t, err)
	return port
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
