package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"officepay.example/deploy/stack"
)

// settingsOf are the settings of an environment.
func settingsOf(env map[string]string) settings {
	return settingsFrom(func(name string) string { return env[name] })
}

// Whoever starts a stack sees where the data goes, and nobody who looks on sees a
// password of the database.
func TestGreetingNamesTheDatabase(t *testing.T) {
	for uri, want := range map[string]string{
		"":                              "the embedded test server, in /srv/pay (for tests and a few hundred records, never for real data)",
		"mongodb://db.example":          "MongoDB at db.example (MONGO_URI)",
		"mongodb://db.example:27018/":   "MongoDB at db.example:27018 (MONGO_URI)",
		"mongodb://u:se%40cret@a,b/?x=": "MongoDB at a,b (MONGO_URI)",
		"mongodb+srv://u:secret@db.example?retryWrites=true": "MongoDB at db.example (MONGO_URI)",
		"mongodb://u:se/cr?et@[::1]:27017/":                  "MongoDB at [::1]:27017 (MONGO_URI)",
	} {
		var said strings.Builder
		greet(&said, settingsOf(map[string]string{"MONGO_URI": uri, "DATA_DIR": "/srv/pay"}), "http://127.0.0.1:8080", false)
		if line := "  database       " + want + "\n"; !strings.Contains(said.String(), line) || strings.Contains(said.String(), "secret") {
			t.Errorf("%s: got %s, want %s", uri, &said, line)
		}
	}
}

// A generated password is shown once; one that was chosen is known, and is taken as it
// is.
func TestGreetingShowsThePassword(t *testing.T) {
	chosen := settingsOf(map[string]string{"ADMIN_PASSWORD": " pass word "})
	made := settingsOf(nil)
	if chosen.password != " pass word " || len(made.password) != 16 {
		t.Errorf("the passwords are %q and %q", chosen.password, made.password)
	}
	for _, tt := range []struct {
		s         settings
		adminMade bool
		shown     bool
	}{{made, true, true}, {made, false, false}, {chosen, true, false}} {
		var said strings.Builder
		greet(&said, tt.s, "http://127.0.0.1:8080", tt.adminMade)
		if shown := strings.Contains(said.String(), tt.s.password); shown != tt.shown {
			t.Errorf("%v: shown in %s", tt, &said)
		}
	}
}

// Stopping a stack while it starts is not reported as a failure.
func TestStopWhileItStarts(t *testing.T) {
	bin := t.TempDir()
	up := filepath.Join(bin, "up")
	script := fmt.Sprintf("#!/bin/sh\ntrap 'exit 0' TERM\n: > %q\nwhile :; do sleep 0.05; done\n", up)
	if err := os.WriteFile(filepath.Join(bin, stack.Database), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	signals, ended := make(chan os.Signal), make(chan error, 1)
	s := settings{Settings: stack.Settings{Bin: bin, DataDir: t.TempDir(), Host: "127.0.0.1", Port: port, Log: io.Discard}}
	go func() { ended <- run(signals, s) }()
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(up); err == nil {
			break
		}
		if time.Since(begun) > time.Minute {
			t.Fatal("the database was not started within a minute")
		}
	}
	signals <- syscall.SIGTERM
	if err := <-ended; err != nil {
		t.Errorf("stopped: %v", err)
	}
}
