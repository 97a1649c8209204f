// Stack runs what teams deploy on this machine alone, without Docker: Caddy,
// the four services, and, unless MONGO_URI names a MongoDB, the embedded
// server that speaks its wire protocol (for tests, never for real data).
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// services in the order in which they are started.
var services = []string{"auth", "admin", "personnel", "analytics"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, settingsFrom(os.Getenv)); err != nil {
		fmt.Fprintf(os.Stderr, "stack: %v\n", err)
		os.Exit(1)
	}
}

// settings are those of make run, and where the programs are.
type settings struct {
	bin, caddyfile   string
	dataDir          string
	host             string
	port             int
	mongoURI         string
	admin, password  string
	passwordIsChosen bool
}

func settingsFrom(getenv func(string) string) settings {
	or := func(name, standard string) string {
		if value := strings.TrimSpace(getenv(name)); value != "" {
			return value
		}
		return standard
	}
	port, _ := strconv.Atoi(or("PORT", "8080")) // 0 is refused by run
	return settings{
		bin: or("STACK_BIN", "bin"), caddyfile: or("STACK_CADDYFILE", "deploy/Caddyfile"),
		dataDir: or("DATA_DIR", "./data"), host: or("HOST", "127.0.0.1"), port: port,
		mongoURI: or("MONGO_URI", ""), admin: or("ADMIN_ARMY_NUMBER", "ADMIN001"),
		password: or("ADMIN_PASSWORD", strings.ToLower(rand.Text()[:16])), passwordIsChosen: or("ADMIN_PASSWORD", "") != "",
	}
}

// run starts everything, waits, and ends everything in the reverse order.
func run(ctx context.Context, s settings) error {
	if s.port < 1 || s.port > 65535 {
		return errors.New("PORT must be a whole number from 1 to 65535")
	}
	if err := checkFree(s.host, s.port); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dataDir, 0o700); err != nil {
		return fmt.Errorf("cannot make the data directory (DATA_DIR): %w", err)
	}
	running := newProcesses(ctx)
	defer running.stop()
	if err := start(running, s); err != nil {
		return err
	}
	made, err := loggedIn(running.ctx, s)
	if err != nil {
		return errors.Join(err, running.failure())
	}
	greet(s, made)
	<-running.ctx.Done()
	return running.failure()
}

func checkFree(host string, port int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("cannot listen on %s:%d: stop what uses it, or set PORT to another port (%w)", host, port, err)
	}
	return listener.Close()
}

// start starts the processes and waits until each is ready.
func start(running *processes, s settings) error {
	uri, err := database(running, s)
	if err != nil {
		return err
	}
	secret, err := s.secret()
	if err != nil {
		return err
	}
	shared := []string{
		"HOST=127.0.0.1", "MONGO_URI=" + uri, "JWT_SECRET=" + secret, "TRUSTED_PROXIES=127.0.0.0/8,::1",
		"ADMIN_ARMY_NUMBER=" + s.admin, "ADMIN_PASSWORD=" + s.password,
	}
	var upstreams []string
	for _, name := range services {
		port, err := startService(running, s, name, shared)
		if err != nil {
			return err
		}
		upper := strings.ToUpper(name)
		upstreams = append(upstreams, upper+"_HOST=127.0.0.1", upper+"_PORT="+port)
	}
	return startProxy(running, s, upstreams)
}

// startService starts a service on a free port, which it returns.
func startService(running *processes, s settings, name string, env []string) (string, error) {
	port, err := freePort()
	if err != nil {
		return "", err
	}
	if err := running.start(filepath.Join(s.bin, name), nil, append(env, "PORT="+port)...); err != nil {
		return "", err
	}
	if err := waitReady(running.ctx, "http://127.0.0.1:"+port); err != nil {
		return "", errors.Join(fmt.Errorf("%s does not become ready: %w", name, err), running.failure())
	}
	return port, nil
}

func startProxy(running *processes, s settings, upstreams []string) error {
	metrics, err := freePort()
	if err != nil {
		return err
	}
	home := filepath.Join(s.dataDir, "caddy")
	env := append(upstreams, fmt.Sprintf("SITE_ADDRESS=:%d", s.port), "BIND_ADDRESS="+s.host,
		"METRICS_ADDRESS=http://127.0.0.1:"+metrics, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home)
	err = running.start(filepath.Join(s.bin, "caddy"), []string{"run", "--config", s.caddyfile, "--adapter", "caddyfile"}, env...)
	if err != nil {
		return err
	}
	return waitReady(running.ctx, s.origin())
}

// database is the URI of the MongoDB to use; where none is named, it starts
// the embedded server.
func database(running *processes, s settings) (string, error) {
	if s.mongoURI != "" {
		return s.mongoURI, nil
	}
	dir := filepath.Join(s.dataDir, "testdb")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	out, err := running.startPiped(filepath.Join(s.bin, "testdb"), "-dir", dir)
	if err != nil {
		return "", err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", errors.Join(fmt.Errorf("the embedded database did not start: %w", err), running.failure())
	}
	return strings.TrimSpace(line), nil
}

// secret is the one that signs tokens: as set, or kept in the data directory
// where make run keeps it too.
func (s settings) secret() (string, error) {
	if set := strings.TrimSpace(os.Getenv("JWT_SECRET")); set != "" {
		return set, nil
	}
	path := filepath.Join(s.dataDir, "jwt-secret")
	kept, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	made := rand.Text() + rand.Text()
	return made, os.WriteFile(path, []byte(made+"\n"), 0o600)
}

func (s settings) origin() string {
	host := s.host
	if host == "0.0.0.0" {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(s.port))
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), nil
}

func greet(s settings, adminMade bool) {
	database := s.mongoURI
	if database == "" {
		database = "the embedded test server, in " + s.dataDir + " (not for real data)"
	} else {
		database = "MONGO_URI"
	}
	fmt.Printf("\n  Office Payment Management: Caddy and four services\n\n  address        %s\n  database       %s\n", s.origin(), database)
	if adminMade && !s.passwordIsChosen {
		fmt.Printf("\n  The first admin was made. The password is shown only now:\n\n  army number    %s\n  password       %s\n", s.admin, s.password)
	}
	fmt.Println()
}
