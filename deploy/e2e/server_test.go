package e2e

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The patience with the process under test.
const (
	startPatience = 60 * time.Second
	stopPatience  = 10 * time.Second // Docker's own before it kills
)

// server is the all-in-one, built from this tree and running, or another
// program that serves the same origin with the same settings.
type server struct {
	program string // the other program; empty for the all-in-one
	url     string
	dir     string // all that the process has on disk
	cmd     *exec.Cmd
	exited  chan error
	log     *logBuffer
}

// startServer builds the all-in-one and starts it on a free port with an empty
// data directory. E2E_PROGRAM names another program to start in its place.
func startServer(env map[string]string) (*server, error) {
	dir, err := os.MkdirTemp("", "officepay-e2e-")
	if err != nil {
		return nil, err
	}
	s := &server{program: os.Getenv("E2E_PROGRAM"), dir: dir, exited: make(chan error, 1), log: new(logBuffer)}
	if err := errors.Join(s.build(), s.start(env)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := s.awaitReady(); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *server) binary() string {
	if s.program != "" {
		return s.program
	}
	return filepath.Join(s.dir, "officepay")
}

func (s *server) build() error {
	if s.program != "" {
		return nil
	}
	args := []string{"build", "-o", s.binary()}
	if canDetectRaces() {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Dir = filepath.Join("..", "local")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the all-in-one in %s: %w\n%s", cmd.Dir, err, out)
	}
	return nil
}

// canDetectRaces tells whether go build takes -race, which needs cgo.
func canDetectRaces() bool {
	out, err := exec.Command("go", "env", "CGO_ENABLED", "CC").Output()
	enabled, compiler, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil || enabled != "1" {
		return false
	}
	name, _, _ := strings.Cut(compiler, " ")
	_, err = exec.LookPath(name)
	return err == nil
}

// passedOn are the settings of the other program that only who starts the
// suite knows.
var passedOn = []string{"MONGO_URI", "MONGO_DB", "STACK_BIN", "STACK_CADDYFILE"}

func (s *server) start(env map[string]string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	s.url = "http://127.0.0.1:" + strconv.Itoa(port)
	s.cmd = exec.Command(s.binary())
	s.cmd.Dir = s.dir
	s.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "DATA_DIR=" + filepath.Join(s.dir, "data"),
		"HOST=127.0.0.1", "PORT=" + strconv.Itoa(port), "BCRYPT_COST=4", "LOG_FORMAT=json",
	}
	for _, name := range passedOn {
		s.cmd.Env = append(s.cmd.Env, name+"="+os.Getenv(name))
	}
	for name, value := range env {
		s.cmd.Env = append(s.cmd.Env, name+"="+value)
	}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func() { s.exited <- s.cmd.Wait() }()
	return nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (s *server) awaitReady() error {
	for deadline := time.Now().Add(startPatience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-s.exited:
			s.exited <- err // stop wants to see it too
			return fmt.Errorf("the server ended before it was ready: %w\n%s", err, s.log)
		default:
		}
		if res, err := http.Get(s.url + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
	return fmt.Errorf("the server was not ready within %v\n%s", startPatience, s.log)
}

// stop asks the process to end, and fails unless it does so well and in time.
func (s *server) stop() error {
	defer os.RemoveAll(s.dir)
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-s.exited:
		if err != nil {
			return fmt.Errorf("the server ended badly: %w", err)
		}
		return nil
	case <-time.After(stopPatience):
		return errors.Join(fmt.Errorf("the server still ran %v after SIGTERM", stopPatience), s.cmd.Process.Kill())
	}
}
