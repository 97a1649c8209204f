package stack

import (
	"errors"
	"testing"
)

// Who kills a stack while it starts leaves nothing behind that outlives it.
func TestNothingStartsAfterKill(t *testing.T) {
	s := New(Settings{Bin: t.TempDir(), MongoURI: "mongodb://127.0.0.1:1/"})
	s.Kill()
	if err := s.Start(t.Context()); !errors.Is(err, errKilled) {
		t.Errorf("started after a kill: %v", err)
	}
}
