package stack

import (
	"errors"
	"testing"
)

// Killing a stack while it starts leaves no process behind.
func TestNothingStartsAfterKill(t *testing.T) {
	s := New(Settings{Bin: t.TempDir(), MongoURI: "mongodb://127.0.0.1:1/"})
	s.Kill()
	if err := s.Start(t.Context()); !errors.Is(err, errKilled) {
		t.Errorf("started after a kill: %v", err)
	}
}

// The origin is an address that a client can use, whatever the host.
func TestOrigin(t *testing.T) {
	for host, want := range map[string]string{
		"127.0.0.1": "http://127.0.0.1:8080", "0.0.0.0": "http://127.0.0.1:8080", "pay.example": "http://pay.example:8080",
		"::1": "http://[::1]:8080", "::": "http://[::1]:8080", "fe80::1%eth0": "http://[fe80::1%25eth0]:8080",
	} {
		if got := originAt(host, "8080"); got != want {
			t.Errorf("%s: got %s, want %s", host, got, want)
		}
	}
}
