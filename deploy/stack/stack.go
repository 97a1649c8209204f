// Package stack runs, on one machine and without Docker, what teams deploy: Caddy, the
// four services, and, if no MongoDB is named, the embedded server that speaks its wire
// protocol (for tests, never for real data).
//
// Each process can be stopped and started by itself.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Services are the four, in the order in which they are started.
var Services = []string{"auth", "admin", "personnel", "analytics"}

// The other processes of a stack.
const (
	Proxy    = "caddy"
	Database = "testdb"
)

// Settings say what to run. All are needed except MongoURI, Proxies, Env, and Log.
type Settings struct {
	Bin       string // folder of the programs
	Caddyfile string
	DataDir   string
	Host      string
	Port      string
	MongoURI  string // empty for the embedded server
	Proxies   string // in front of Caddy, whose X-Forwarded-For is believed
	Secret    string // signs tokens
	Env       []string
	Log       io.Writer
}

// Stack is what runs. One goroutine at a time may use it, except for Kill.
type Stack struct {
	Origin   string
	settings Settings
	address  map[string]string // of each service and the proxy

	mu       sync.Mutex // held while a process starts; guards what follows
	started  []*Process
	isKilled bool
}

// readyTimeout is how long a process may take to be ready.
const readyTimeout = 60 * time.Second

// New is a stack of which nothing runs yet.
func New(settings Settings) *Stack {
	return &Stack{settings: settings, address: map[string]string{}}
}

// Start starts the processes one after the other, each when the one before is
// ready. When it fails, the caller must stop what it has started.
func (s *Stack) Start(ctx context.Context) error {
	if err := s.startDatabase(ctx); err != nil {
		return err
	}
	var upstreams []string
	for _, name := range Services {
		port, err := s.startService(ctx, name)
		if err != nil {
			return err
		}
		upper := strings.ToUpper(name)
		upstreams = append(upstreams, upper+"_HOST=127.0.0.1", upper+"_PORT="+port)
	}
	return s.startProxy(ctx, upstreams)
}

// URI is that of an embedded server. Its limits are long: there, and on a busy machine,
// neither a slow answer nor a long wait for a connection means that it is gone.
func URI(address string) string {
	return "mongodb://" + address + "/?directConnection=true&timeoutMS=60000&connectTimeoutMS=60000&serverSelectionTimeoutMS=60000"
}

func (s *Stack) startDatabase(ctx context.Context) error {
	if s.settings.MongoURI != "" {
		return nil
	}
	database, address, err := NewDatabase(s.settings.Bin, filepath.Join(s.settings.DataDir, Database), s.settings.Log)
	if err != nil {
		return err
	}
	s.settings.MongoURI = URI(address)
	return s.launch(ctx, database, func(ctx context.Context) error { return database.AwaitPort(ctx, address) })
}

// NewDatabase is an embedded server that keeps its data in a folder, and the
// address at which it will listen.
func NewDatabase(bin, dir string, log io.Writer) (p *Process, address string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", fmt.Errorf("cannot make the data directory (DATA_DIR): %w", err)
	}
	port, err := FreePort()
	if err != nil {
		return nil, "", err
	}
	address = "127.0.0.1:" + port
	return NewProcess(filepath.Join(bin, Database), []string{"-dir", dir, "-listen", address}, nil, log), address, nil
}

// startService starts a service on a free port, which it returns.
func (s *Stack) startService(ctx context.Context, name string) (string, error) {
	port, err := FreePort()
	if err != nil {
		return "", err
	}
	env := append([]string{
		"HOST=127.0.0.1", "MONGO_URI=" + s.settings.MongoURI, "JWT_SECRET=" + s.settings.Secret,
		"TRUSTED_PROXIES=peer " + s.settings.Proxies, "PORT=" + port, "METRICS_ADDR=", // one address is not enough for four
	}, s.settings.Env...)
	s.address[name] = "http://127.0.0.1:" + port
	service := NewProcess(filepath.Join(s.settings.Bin, name), nil, env, s.settings.Log)
	return port, s.launch(ctx, service, s.readiness(service))
}

func (s *Stack) startProxy(ctx context.Context, upstreams []string) error {
	metrics, err := FreePort()
	if err != nil {
		return err
	}
	home := filepath.Join(s.settings.DataDir, Proxy)
	env := append(upstreams, "SITE_ADDRESS=:"+s.settings.Port, "BIND_ADDRESS="+s.settings.Host,
		"TRUSTED_PROXIES="+strings.ReplaceAll(s.settings.Proxies, ",", " "),
		"METRICS_HOST=127.0.0.1", "METRICS_PORT="+metrics, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home)
	s.Origin = originAt(s.settings.Host, s.settings.Port)
	s.address[Proxy] = s.Origin
	proxy := NewProcess(filepath.Join(s.settings.Bin, Proxy),
		[]string{"run", "--config", s.settings.Caddyfile, "--adapter", "caddyfile"}, append(env, s.settings.Env...), s.settings.Log)
	return s.launch(ctx, proxy, s.readiness(proxy))
}

// originAt is where a client on this machine reaches what listens at a host.
func originAt(host, port string) string {
	switch host {
	case "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	origin := url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
	return origin.String()
}

func (s *Stack) readiness(p *Process) func(context.Context) error {
	return func(ctx context.Context) error { return p.AwaitReady(ctx, s.address[p.Name]) }
}

func (s *Stack) launch(ctx context.Context, p *Process, await func(context.Context) error) error {
	if err := s.begin(p); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	return await(ctx)
}

var errKilled = errors.New("the stack was killed")

// begin starts a process so that Kill finds it, and none after Kill.
func (s *Stack) begin(p *Process) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isKilled {
		return errKilled
	}
	if err := p.Start(); err != nil {
		return err
	}
	s.started = append(s.started, p)
	return nil
}

// Process is the process with that name, or nil where there is none.
func (s *Stack) Process(name string) *Process {
	for _, p := range s.started {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Address is where a service, or the proxy, is reached by itself.
func (s *Stack) Address(name string) string { return s.address[name] }

// Wait waits until ctx is done or a process has ended, and returns how the process ended.
func (s *Stack) Wait(ctx context.Context) error {
	ended := make(chan *Process, len(s.started))
	for _, p := range s.started {
		go func() {
			<-p.Done()
			ended <- p
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case p := <-ended:
		return fmt.Errorf("%s has ended: %v", p.Name, p.Err())
	}
}

// Stop ends the processes one after the other, the last one first, so that none is
// gone before those that need it.
func (s *Stack) Stop() error {
	var failed []error
	for _, p := range slices.Backward(s.started) {
		failed = append(failed, p.Stop())
	}
	return errors.Join(failed...)
}

// Kill ends every process at once, for somebody who does not want to wait. It
// may be called at any time, even while Start or Stop runs.
func (s *Stack) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isKilled = true
	for _, p := range s.started {
		p.Signal(os.Kill)
	}
}
