package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// stopTimeout is how long a process may take to answer what is in flight.
const stopTimeout = 12 * time.Second

// processes run until one of them ends or they are told to stop. Then all end.
type processes struct {
	ctx    context.Context // done when one has ended, or the program is told to stop
	cancel context.CancelFunc

	mu      sync.Mutex
	started []*process
	failed  error
}

type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

func newProcesses(ctx context.Context) *processes {
	ctx, cancel := context.WithCancel(ctx)
	return &processes{ctx: ctx, cancel: cancel}
}

// start starts a program with the environment of this one and more.
func (p *processes) start(program string, args []string, env ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return p.launch(cmd)
}

// startPiped starts a program whose standard output is to be read.
func (p *processes) startPiped(program string, args ...string) (io.Reader, error) {
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return out, p.launch(cmd)
}

// launch starts the process in a group of its own, so that Ctrl-C reaches it
// in its turn and not at once.
func (p *processes) launch(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	started := &process{cmd, make(chan struct{})}
	p.mu.Lock()
	p.started = append(p.started, started)
	p.mu.Unlock()
	go p.watch(started)
	return nil
}

// watch notes that a process has ended while nobody told it to.
func (p *processes) watch(started *process) {
	err := started.cmd.Wait()
	close(started.done)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() == nil && p.failed == nil {
		p.failed = fmt.Errorf("%s has ended: %v", filepath.Base(started.cmd.Path), err)
	}
	p.cancel()
}

// failure is why everything ends, or nil when it was told to.
func (p *processes) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}

// stop ends the processes one after the other, last started first: so nothing
// that is asked is gone before what asks it.
func (p *processes) stop() {
	p.cancel()
	for i := len(p.started) - 1; i >= 0; i-- {
		started := p.started[i]
		started.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-started.done:
		case <-time.After(stopTimeout):
			started.cmd.Process.Kill()
		}
	}
}

// readyTimeout is how long a process may take to be ready.
const readyTimeout = 60 * time.Second

// waitReady waits until an address says that it is ready.
func waitReady(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for {
		if status, err := ask(ctx, "GET", address+"/readyz", nil); err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// loggedIn tells whether the admin's password is the one at hand: it is after
// the first start, which made the admin.
func loggedIn(ctx context.Context, s settings) (bool, error) {
	body, err := json.Marshal(map[string]string{"army_number": s.admin, "password": s.password})
	if err != nil {
		return false, err
	}
	status, err := ask(ctx, "POST", s.origin()+"/auth/login", body)
	return status == http.StatusOK, err
}

// ask makes a call and returns its status.
func ask(ctx context.Context, method, address string, body []byte) (int, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	return response.StatusCode, nil
}
