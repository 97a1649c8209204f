package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stopTimeout is how long a process may take to answer what is in flight.
const stopTimeout = 12 * time.Second

// Process is a program that runs. One goroutine at a time may start and stop
// it.
type Process struct {
	Name    string
	program string
	args    []string
	env     []string
	log     io.Writer

	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; readable then
}

// NewProcess is a program that is not started yet, with the environment of this
// one and more. All that it prints goes to the log.
func NewProcess(program string, args, env []string, log io.Writer) *Process {
	return &Process{Name: filepath.Base(program), program: program, args: args, env: env, log: log}
}

// Start starts the program, or starts it again after it has ended. It runs in a process
// group of its own, so that Ctrl-C does not reach it before its turn to stop.
func (p *Process) Start() error {
	cmd, done := exec.Command(p.program, p.args...), make(chan struct{})
	cmd.Env = append(os.Environ(), p.env...)
	if p.Name == Proxy {
		cmd.Env = withoutEmpty(cmd.Env)
	}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second // for a program whose children outlive it and hold its log open
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd, p.done = cmd, done
	go func() {
		p.err = cmd.Wait()
		if errors.Is(p.err, exec.ErrWaitDelay) {
			p.err = nil // the program ended well
		}
		close(done)
	}()
	return nil
}

// withoutEmpty leaves out variables that are empty. Our own programs then take their
// default; Caddy would take the empty value.
func withoutEmpty(env []string) []string {
	values := map[string]string{} // the last of each name counts
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		values[name] = value
	}
	env = nil
	for name, value := range values {
		if value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// PID is the id of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Signal sends a signal, which has no effect on a process that has ended.
func (p *Process) Signal(signal os.Signal) { _ = p.cmd.Process.Signal(signal) }

// Kill ends the process at once, as a crash does.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.done
}

// Stop tells the process to end, and returns an error unless it does so in time and
// without one.
func (p *Process) Stop() error {
	p.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		if p.err != nil {
			return fmt.Errorf("%s ended badly: %w", p.Name, p.err)
		}
		return nil
	case <-time.After(stopTimeout):
		p.Kill()
		return fmt.Errorf("%s still ran %v after SIGTERM", p.Name, stopTimeout)
	}
}

// AwaitReady waits until the address says that it is ready, or the process
// has ended.
func (p *Process) AwaitReady(ctx context.Context, address string) error {
	return p.await(ctx, func() bool { return isReady(ctx, address) })
}

// AwaitPort waits until the process accepts connections at the address.
func (p *Process) AwaitPort(ctx context.Context, address string) error {
	return p.await(ctx, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
}

func (p *Process) await(ctx context.Context, isThere func() bool) error {
	for !isThere() {
		select {
		case <-p.done:
			return fmt.Errorf("%s has ended: %w", p.Name, errors.Join(p.err, errNotReady))
		case <-ctx.Done():
			return fmt.Errorf("%s: %w: %w", p.Name, errNotReady, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

var errNotReady = errors.New("it did not become ready")

// Err is the error with which the process has ended, or nil.
func (p *Process) Err() error {
	<-p.done
	return p.err
}

func isReady(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// The ports that FreePort gives: below those that systems give to outgoing connections
// (Linux from 32768 on). An outgoing connection could take one of those before the
// process that it was found for listens.
const (
	firstPort = 20000
	lastPort  = 32000
)

var givenPorts sync.Map // no port is given twice

// FreePort is a port of this machine that nobody uses.
func FreePort() (string, error) {
	const tries = 1000
	var inUse error
	for range tries {
		port := strconv.Itoa(firstPort + rand.N(lastPort-firstPort))
		if _, given := givenPorts.LoadOrStore(port, true); given {
			continue
		}
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err == nil {
			return port, listener.Close()
		}
		inUse = err
	}
	return "", fmt.Errorf("no free port was found from %d to %d: %w", firstPort, lastPort, inUse)
}
