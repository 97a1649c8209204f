package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"officepay.example/deploy/stack"
)

// startPatience is how long the process under test may take to be ready.
const startPatience = 60 * time.Second

// server is the all-in-one, built from this tree and running, or another
// program that serves the same origin with the same settings.
type server struct {
	program string // the other program; empty for the all-in-one
	url     string
	dir     string // all that the process has on disk
	process *stack.Process
	log     *serverLog
}

// startServer builds the all-in-one and starts it on a free port with an empty
// data directory. E2E_PROGRAM names another program to start in its place.
func startServer(env map[string]string) (*server, error) {
	dir, err := os.MkdirTemp("", "officepay-e2e-")
	if err != nil {
		return nil, err
	}
	s := &server{program: os.Getenv("E2E_PROGRAM"), dir: dir, log: new(serverLog)}
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
	// The description of the API is beside the program.
	docs := exec.Command("go", "run", ".", "../openapi.yaml", filepath.Join(s.dir, "docs"))
	docs.Dir, docs.Env = filepath.Join("..", "docs"), append(os.Environ(), "GOWORK=off")
	if out, err := docs.CombinedOutput(); err != nil {
		return fmt.Errorf("building the reference in %s: %w\n%s", docs.Dir, err, out)
	}
	cmd := exec.Command("go", "build", "-o", s.binary(), ".")
	cmd.Dir, cmd.Env = filepath.Join("..", "local"), append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building the all-in-one in %s: %w\n%s", cmd.Dir, err, out)
	}
	return nil
}

func (s *server) start(env map[string]string) error {
	port, err := stack.FreePort()
	if err != nil {
		return err
	}
	s.url = "http://127.0.0.1:" + port
	settings := []string{
		"HOME=" + s.dir, "DATA_DIR=" + filepath.Join(s.dir, "data"), "HOST=127.0.0.1", "PORT=" + port, "BCRYPT_COST=4", "LOG_FORMAT=json",
	}
	for name, value := range env {
		settings = append(settings, name+"="+value)
	}
	s.process = stack.NewProcess(s.binary(), nil, settings, s.log)
	return s.process.Start()
}

func (s *server) awaitReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), startPatience)
	defer cancel()
	if err := s.process.AwaitReady(ctx, s.url); err != nil {
		return fmt.Errorf("%w\n%s", err, s.log)
	}
	return nil
}

// stop asks the process to end, and fails unless it does so without an error and in time.
func (s *server) stop() error { return errors.Join(s.process.Stop(), os.RemoveAll(s.dir)) }
