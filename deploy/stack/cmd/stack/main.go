// Command stack runs Caddy and the four services on this machine; see package
// stack.
package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"officepay.example/deploy/stack"
	"officepay.example/shared/serve/version"
)

func main() {
	if version.Asked(os.Args[1:]) {
		fmt.Println("stack", version.Number)
		return
	}
	signal.Ignore(syscall.SIGPIPE) // the reader of the log may end before the services do
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	if err := run(signals, settingsFrom(os.Getenv)); err != nil {
		fmt.Fprintf(os.Stderr, "stack: %v\n", err)
		os.Exit(1)
	}
}

// settings are those of make run, and where the programs are.
type settings struct {
	stack.Settings
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
	return settings{
		Settings: stack.Settings{
			Bin: or("STACK_BIN", "bin"), Caddyfile: or("STACK_CADDYFILE", "deploy/Caddyfile"),
			DataDir: or("DATA_DIR", "./data"), Host: or("HOST", "127.0.0.1"), Port: or("PORT", "8080"),
			MongoURI: or("MONGO_URI", ""), Proxies: or("TRUSTED_PROXIES", ""), Secret: or("JWT_SECRET", ""), Log: os.Stderr,
		},
		admin: or("ADMIN_ARMY_NUMBER", "ADMIN001"),
		// Blanks are part of a password.
		password: cmp.Or(getenv("ADMIN_PASSWORD"), strings.ToLower(rand.Text()[:16])), passwordIsChosen: getenv("ADMIN_PASSWORD") != "",
	}
}

// run starts everything, waits, and ends everything.
func run(signals <-chan os.Signal, s settings) error {
	if err := s.prepare(); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	services := stack.New(s.Settings)
	go obey(signals, stop, services)
	err := serve(ctx, s, services)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil // it was told to stop while it started
	}
	return errors.Join(err, services.Stop())
}

// obey stops at the first signal, and ends everything at once at the second, even during
// the start: the processes are in groups of their own, and would outlive this one.
func obey(signals <-chan os.Signal, stop func(), services *stack.Stack) {
	<-signals
	stop()
	<-signals
	services.Kill()
	os.Exit(1)
}

// serve starts the services and returns when they are to stop.
func serve(ctx context.Context, s settings, services *stack.Stack) error {
	if err := services.Start(ctx); err != nil {
		return err
	}
	made, err := loggedIn(ctx, s, services.Origin)
	if err != nil {
		return err
	}
	greet(os.Stdout, s, services.Origin, made)
	return services.Wait(ctx)
}

// prepare checks what an operator may have got wrong, and creates what is missing.
func (s *settings) prepare() error {
	if port, err := strconv.Atoi(s.Port); err != nil || port < 1 || port > 65535 {
		return errors.New("PORT must be a whole number from 1 to 65535")
	}
	if err := checkFree(s.Host, s.Port); err != nil {
		return err
	}
	if err := os.MkdirAll(s.DataDir, 0o700); err != nil {
		return fmt.Errorf("cannot make the data directory (DATA_DIR): %w", err)
	}
	s.Env = []string{"ADMIN_ARMY_NUMBER=" + s.admin, "ADMIN_PASSWORD=" + s.password}
	if s.Secret != "" {
		return nil
	}
	var err error
	s.Secret, err = keptSecret(filepath.Join(s.DataDir, "jwt-secret"))
	return err
}

func checkFree(host, port string) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return fmt.Errorf("cannot listen on %s:%s: stop what uses it, or set PORT to another port (%w)", host, port, err)
	}
	return listener.Close()
}

// keptSecret is the secret in the file where make run keeps it too; the first call
// makes it. The services refuse a damaged one.
func keptSecret(path string) (string, error) {
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

// loggedIn tells whether the admin has the password of the settings, as after the first
// start, which creates the admin.
func loggedIn(ctx context.Context, s settings, origin string) (bool, error) {
	body, err := json.Marshal(map[string]string{"army_number": s.admin, "password": s.password})
	if err != nil {
		return false, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, origin+"/auth/login", bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, err
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK, nil
}

func greet(w io.Writer, s settings, origin string, adminMade bool) {
	fmt.Fprintf(w, "\n  Office Payment Management: Caddy and four services\n\n  address        %s\n  database       %s\n", origin, database(s))
	if adminMade && !s.passwordIsChosen {
		fmt.Fprintf(w, "\n  The first admin was created. The password is shown only now:\n\n  army number    %s\n  password       %s\n", s.admin, s.password)
	}
	fmt.Fprintln(w)
}

// database says where the data is, for a person.
func database(s settings) string {
	if s.MongoURI == "" {
		return "the embedded test server, in " + s.DataDir + " (for tests and a few hundred records, never for real data)"
	}
	// What comes before the last @ may be a password, even if the rest is malformed.
	_, hosts, _ := strings.Cut(s.MongoURI, "://")
	hosts = hosts[strings.LastIndex(hosts, "@")+1:]
	if end := strings.IndexAny(hosts, "/?"); end >= 0 {
		hosts = hosts[:end]
	}
	return "MongoDB at " + hosts + " (MONGO_URI)"
}
