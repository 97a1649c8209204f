package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"officepay.example/shared/serve/version"
)

// installation is one under test: a data directory and settings.
type installation struct {
	t        testing.TB
	settings map[string]string
}

func newInstallation(t testing.TB) *installation {
	return &installation{t, map[string]string{
		"DATA_DIR": filepath.Join(t.TempDir(), "data"), "BCRYPT_COST": "4", "PORT": "0",
		"GOGC": "100", // no ballast: the race detector touches all of it
	}}
}

// run runs a command and returns what it printed.
func (o *installation) run(ctx context.Context, stdin string, args ...string) (string, error) {
	var out bytes.Buffer
	err := run(ctx, args, o.environment(stdin, &out))
	return out.String(), err
}

func (o *installation) environment(stdin string, out io.Writer) environment {
	return environment{
		getenv: func(name string) string { return o.settings[name] },
		stdin:  strings.NewReader(stdin), stdout: out, stderr: out,
	}
}

// must is run for what has to succeed.
func (o *installation) must(stdin string, args ...string) string {
	o.t.Helper()
	out, err := o.run(o.t.Context(), stdin, args...)
	if err != nil {
		o.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

// fails is run for what has to fail with these words. A server that starts all
// the same is stopped.
func (o *installation) fails(words string, args ...string) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), time.Minute)
	defer cancel()
	out, err := o.run(ctx, "", args...)
	if err == nil || !strings.Contains(out+err.Error(), words) {
		o.t.Errorf("%v: got %v, want an error with %q\n%s", args, err, words, out)
	}
}

func (o *installation) data(name string) string { return filepath.Join(o.settings["DATA_DIR"], name) }

// serveBriefly starts the server, lets it come up and stops it.
func (o *installation) serveBriefly() string {
	o.t.Helper()
	o.settings["PORT"] = strconv.Itoa(freePort(o.t))
	ctx, cancel := context.WithTimeout(o.t.Context(), time.Minute)
	defer cancel()
	greeting := &greeting{whole: cancel}
	err := run(ctx, []string{"serve"}, o.environment("", greeting))
	if err != nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		o.t.Fatalf("serve: %v\n%s", err, greeting.text.String())
	}
	return greeting.text.String()
}

// greeting is what a server prints, and calls whole after the empty line that
// ends it: however long a start takes, it is up then.
type greeting struct {
	text  bytes.Buffer
	whole func()
}

func (g *greeting) Write(printed []byte) (int, error) {
	n, err := g.text.Write(printed)
	if bytes.HasSuffix(g.text.Bytes(), []byte("\n\n")) {
		g.whole()
	}
	return n, err
}

func freePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func TestFirstStartShowsThePasswordOnce(t *testing.T) {
	o := newInstallation(t)
	first, second := o.serveBriefly(), o.serveBriefly()
	if !strings.Contains(first, "army number    ADMIN001") || !strings.Contains(first, "password       ") {
		t.Errorf("the first start does not show the admin:\n%s", first)
	}
	if strings.Contains(second, "password       ") || !strings.Contains(second, o.settings["DATA_DIR"]) {
		t.Errorf("a later start must show where the data is, and no password:\n%s", second)
	}
}

// Who sets nothing serves this machine alone.
func TestOnlyThisMachineCanConnect(t *testing.T) {
	unset := environment{getenv: func(string) string { return "" }}
	config, err := loadConfig(unset, dataDir(t.TempDir()))
	if err != nil || config.Host != "127.0.0.1" {
		t.Errorf("without settings it listens on %q (%v)", config.Host, err)
	}
	if out := newInstallation(t).serveBriefly(); !strings.Contains(out, "address        http://127.0.0.1:") {
		t.Errorf("the address is not one of this machine alone:\n%s", out)
	}
}

func TestChosenPasswordIsNotShown(t *testing.T) {
	o := newInstallation(t)
	o.settings["ADMIN_PASSWORD"] = "chosen by the operator"
	if out := o.serveBriefly(); strings.Contains(out, "chosen by") {
		t.Errorf("the password is on the screen:\n%s", out)
	}
}

func TestSecretsAreForTheOwnerAlone(t *testing.T) {
	o := newInstallation(t)
	o.serveBriefly()
	for _, name := range []string{databaseFile, secretFile} {
		info, err := os.Stat(o.data(name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode().Perm())
		}
	}
}

func TestBadStartsSayWhatIsWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ name, value, words string }{
		"port in use":          {"PORT", port, "is in use"},
		"port no number":       {"PORT", "http", "PORT must be"},
		"data dir is a file":   {"DATA_DIR", file, "data directory"},
		"short secret":         {"JWT_SECRET", "short", "JWT_SECRET must be"},
		"well-known secret":    {"JWT_SECRET", "supersecret-supersecret-supersecret", "JWT_SECRET is a well-known"},
		"short admin password": {"ADMIN_PASSWORD", "12345", "ADMIN_PASSWORD must be"},
		"admin army number":    {"ADMIN_ARMY_NUMBER", "N\t1", "ADMIN_ARMY_NUMBER must"},
		"cost":                 {"BCRYPT_COST", "3", "BCRYPT_COST must be"},
		"log level":            {"LOG_LEVEL", "loud", "LOG_LEVEL must be"},
		"proxies":              {"TRUSTED_PROXIES", "caddy", "TRUSTED_PROXIES must be"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := newInstallation(t)
			o.settings["PORT"] = strconv.Itoa(freePort(t))
			o.settings[tt.name] = tt.value
			o.t = t
			o.fails(tt.words, "serve")
		})
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	o := newInstallation(t)
	o.settings["PORT"], o.settings["JWT_SECRET"], o.settings["ACCESS_EXPIRES"] = "0x", "short", "never"
	for _, name := range []string{"PORT", "JWT_SECRET", "ACCESS_EXPIRES"} {
		o.fails(name, "serve")
	}
}

func TestAdminCommands(t *testing.T) {
	o := newInstallation(t)
	o.fails("there is no database", "reset-password", "N/1")
	if out := o.must("from the pipe\n", "create-admin", "-password-stdin", "N/1"); strings.Contains(out, "from the pipe") {
		t.Errorf("the given password is repeated:\n%s", out)
	}
	o.fails("already belongs to a user", "create-admin", "N/1")
	o.fails("there is no user", "reset-password", "N/2")
	if out := o.must("", "reset-password", "N/1"); !strings.Contains(out, "password       ") {
		t.Errorf("the made password is not shown:\n%s", out)
	}
	o.fails("at least 6", "reset-password", "-password-stdin", "N/1") // nothing on standard input
	o.fails("needs 1 argument", "reset-password")
}

// A DATA_DIR that is mistyped is noticed: a command that needs data says where
// there is none and makes nothing, and one that may begin says that it did.
func TestCommandsSayWhereTheyFindNoDatabase(t *testing.T) {
	for _, args := range [][]string{
		{"reset-password", "N/1"}, {"backup", filepath.Join(t.TempDir(), "backup.db")}, {"export", filepath.Join(t.TempDir(), "out")},
	} {
		o := newInstallation(t)
		o.fails("there is no database in "+o.settings["DATA_DIR"]+"; set DATA_DIR", args...)
		for _, path := range []string{o.settings["DATA_DIR"], args[1]} {
			if _, err := os.Stat(path); err == nil {
				t.Errorf("%s has made %s", args[0], path)
			}
		}
	}
	for _, args := range [][]string{{"create-admin", "N/1"}, {"import", legacyDump}} {
		o := newInstallation(t)
		made := "There was no database in " + o.settings["DATA_DIR"] + " (DATA_DIR): office.db was created.\n"
		if out := o.must("", args...); !strings.HasPrefix(out, made) {
			t.Errorf("%v does not say that it made a database:\n%s", args, out)
		}
		if out := o.must("", "create-admin", "N/2"); strings.Contains(out, "made") {
			t.Errorf("a database is said to be made where there was one:\n%s", out)
		}
	}
}

func TestMistypedCommandsSayWhatToDo(t *testing.T) {
	o := newInstallation(t)
	o.must("", "create-admin", "N/1")
	dir := t.TempDir()
	file, missing := filepath.Join(dir, "backup.db"), filepath.Join(dir, "missing")
	for _, c := range []struct {
		words string
		args  []string
	}{
		{"-password-stdin must come before", []string{"create-admin", "N/2", "-password-stdin"}},
		{"for flag -first-name: must not be blank", []string{"create-admin", "-first-name", " ", "N/2"}},
		{"for flag -last-name: must not contain control characters", []string{"create-admin", "-last-name", "a\x1bb", "N/2"}},
		{"-v must come before", []string{"backup", file, "-v"}},
		{"office-payment backup -h shows", []string{"backup", file, "-v"}},
		{"not defined: -v; office-payment backup -h shows", []string{"backup", "-v", file}},
		{"needs 1 argument(s), not 2; office-payment export -h shows", []string{"export", dir, dir}},
		{"there is no directory " + missing + ": create it first", []string{"backup", filepath.Join(missing, "backup.db")}},
		{dir + " is a directory: name a file", []string{"backup", dir}},
	} {
		o.fails(c.words, c.args...)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("%v were made (%v)", names, err)
	}
	o.fails("there is no user", "reset-password", "N/2")
}

func TestVersion(t *testing.T) {
	o := newInstallation(t)
	if out := o.must("", "-version"); out != "office-payment "+version.Number+"\n" {
		t.Errorf("got %q", out)
	}
}

func TestHelp(t *testing.T) {
	o := newInstallation(t)
	for _, c := range commands {
		out, err := o.run(t.Context(), "", c.name, "-h")
		if !errors.Is(err, flag.ErrHelp) || !strings.Contains(out, "usage: office-payment "+c.name) {
			t.Errorf("%s -h: %v\n%s", c.name, err, out)
		}
	}
	o.fails("there is no command", "bogus")
}

// Promise 46: a second server on one data directory ends at once, and says who has it;
// commands work beside the first, and the next start finds nothing in its way.
func TestSecondServerIsRefused(t *testing.T) {
	o := newInstallation(t)
	o.settings["PORT"] = strconv.Itoa(freePort(t))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	up, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"serve"}, o.environment("", &greeting{whole: sync.OnceFunc(func() { close(up) })}))
	}()
	select {
	case <-up:
	case err := <-ended:
		t.Fatal(err)
	}
	o.fails("uses "+o.settings["DATA_DIR"]+": process "+strconv.Itoa(os.Getpid())+", at http://127.0.0.1:"+o.settings["PORT"], "serve")
	o.must("", "verify")
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if left := files(t, o.settings["DATA_DIR"]); len(left) != 2 {
		t.Errorf("the server has left %d files", len(left))
	}
	o.serveBriefly()
}
