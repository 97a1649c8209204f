package stack

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func mustStart(t *testing.T, p *Process) {
	t.Helper()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
}

func TestProcessStartsAgain(t *testing.T) {
	p := NewProcess("sleep", []string{"60"}, nil, io.Discard)
	mustStart(t, p)
	first := p.PID()
	if p.Kill(); p.Err() == nil {
		t.Error("a killed process ended well")
	}
	mustStart(t, p)
	if p.PID() == first {
		t.Error("it is still the same process")
	}
	if err := p.Stop(); err == nil || !strings.Contains(err.Error(), "sleep ended badly") {
		t.Errorf("stopped: %v", err) // it does not know SIGTERM
	}
}

// A start that fails leaves what was there before it.
func TestProcessThatCannotStartAgain(t *testing.T) {
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexec sleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p := NewProcess(program, nil, nil, io.Discard)
	mustStart(t, p)
	p.Kill()
	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err == nil {
		t.Error("a program that is not there was started")
	}
	p.Kill()
}

// Waiting for a process reports that it has ended, and which it was.
func TestAwaitProcessThatEnds(t *testing.T) {
	p := NewProcess("false", nil, nil, io.Discard)
	mustStart(t, p)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := p.AwaitReady(ctx, "http://127.0.0.1:1")
	if err == nil || !strings.Contains(err.Error(), "false has ended") || ctx.Err() != nil {
		t.Errorf("got %v", err)
	}
}

// A process that ends without an error does so even if others that it started still hold
// its log open.
func TestProcessThatOthersOutlive(t *testing.T) {
	p := NewProcess("sh", []string{"-c", "sleep 5 &"}, nil, io.Discard)
	mustStart(t, p)
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}
