package faults

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
)

// Promise 33: a second SIGTERM ends a process at once, whatever is in flight.
func TestSecondSignal(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t)
		db := r.NewDB()
		for _, process := range r.Serving {
			slow := converse(t, r.Address(process))
			slow.beginSlow(t, r, process.Name, db, 800*time.Millisecond) // either way, of each of two commands
			process.Signal(syscall.SIGTERM)
			eventually(t, refusalLimit, refusal(r.Address(process)))
			process.Signal(syscall.SIGTERM)
			wantCutOff(t, process, slow)
		}
	})
}

// wantCutOff checks that a process ends at once. If it waited for what is in flight, that
// would be answered, and it would end without an error.
func wantCutOff(t *testing.T, process *stack.Process, inFlight *conversation) {
	t.Helper()
	select {
	case <-process.Done():
	case <-time.After(atOnceLimit):
		t.Errorf("%s still runs long after another SIGTERM", process.Name)
		return
	}
	var exit *exec.ExitError
	if err := process.Err(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("%s ended with %v, want status 1", process.Name, err)
	}
	if _, err := inFlight.reader.ReadByte(); err == nil {
		t.Errorf("%s has answered what was in flight", process.Name)
	}
}

// atOnceLimit is how soon a process that is told twice ends, on a busy machine: sooner
// than any of them would give up what is in flight.
const atOnceLimit = 5 * time.Second

// Promise 33: a second signal to the program that runs the services ends all
// of them with it, at once, even if one of them is still starting.
func TestSecondSignalToStack(t *testing.T) {
	t.Run("starting", func(t *testing.T) {
		t.Parallel()
		s := startStack(t, true)
		eventually(t, patience, func() error { return s.checkBegun("auth") })
		s.wantEndAtOnce(t)
	})
	t.Run("serving", func(t *testing.T) {
		t.Parallel()
		s := startStack(t, false)
		if err := s.AwaitReady(t.Context(), s.origin); err != nil {
			t.Fatal(err)
		}
		c := converse(t, s.origin)
		c.want(t, c.ask(t, login+"Content-Length: 100\r\nExpect: 100-continue\r\n\r\n"), http.StatusContinue, false)
		s.wantEndAtOnce(t)
	})
}

// stackProgram is the program that runs the services.
type stackProgram struct {
	*stack.Process
	origin string
	bin    string        // what it runs: each notes its id in a file beside it
	gone   chan struct{} // closed when the last process has ended that can write to the log
}

// startStack starts the program. Where it is to be stuck, auth is never ready
// and ignores SIGTERM.
func startStack(t *testing.T, isStuck bool) stackProgram {
	t.Helper()
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	s := stackProgram{origin: "http://127.0.0.1:" + port, bin: t.TempDir(), gone: make(chan struct{})}
	for _, name := range append([]string{stack.Proxy, stack.Database}, stack.Services...) {
		s.substitute(t, name, "", fmt.Sprintf(`%q "$@"`, rig.Program(t, name)))
	}
	if isStuck {
		s.substitute(t, "auth", `trap "" TERM`, "sleep 60")
	}
	log := s.log(t)
	s.Process = stack.NewProcess(rig.Program(t, "stack"), nil, []string{
		"HOST=127.0.0.1", "PORT=" + port, "DATA_DIR=" + t.TempDir(), "JWT_SECRET=" + rig.Secret, "BCRYPT_COST=4",
		"ADMIN_PASSWORD=" + rig.AdminPassword, "STACK_BIN=" + s.bin, "STACK_CADDYFILE=../../Caddyfile", "MONGO_URI="}, log)
	err = s.Start()
	log.Close() // here; those that were started still have it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.endAll(t) })
	return s
}

// substitute makes a program that notes its id and becomes another.
func (s stackProgram) substitute(t *testing.T, name, before, command string) {
	t.Helper()
	path := filepath.Join(s.bin, name)
	script := fmt.Sprintf("#!/bin/sh\n%s\necho $$ > %q\nexec %s\n", before, path+".pid", command)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
}

// log is a pipe, whose end tells that nobody holds it open any more.
func (s stackProgram) log(t *testing.T) *os.File {
	t.Helper()
	output, input, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, output)
		close(s.gone)
	}()
	return input
}

// endAll ends the program, and when it has failed also what it has left behind.
func (s stackProgram) endAll(t *testing.T) {
	s.Kill()
	if !t.Failed() {
		return
	}
	notes, _ := filepath.Glob(filepath.Join(s.bin, "*.pid"))
	for _, note := range notes {
		if pid, err := strconv.Atoi(strings.TrimSpace(read(t, note))); err == nil {
			syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// checkBegun checks that one of the programs runs.
func (s stackProgram) checkBegun(name string) error {
	_, err := os.Stat(filepath.Join(s.bin, name+".pid"))
	return err
}

// wantEndAtOnce tells the program to stop until it has ended, more than twice
// because signals that come together are one, and checks that nothing that it
// has started is left.
func (s stackProgram) wantEndAtOnce(t *testing.T) {
	t.Helper()
	s.untilEnd(t)
	select {
	case <-s.gone:
	case <-time.After(atOnceLimit):
		t.Error("what it has started still runs")
	}
}

func (s stackProgram) untilEnd(t *testing.T) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < atOnceLimit; {
		s.Signal(syscall.SIGTERM)
		select {
		case <-s.Done():
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Errorf("it still runs %v after the first of many signals", atOnceLimit)
}
