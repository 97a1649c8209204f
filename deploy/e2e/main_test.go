// Package e2e is the black-box suite of the API: it checks a running origin against the
// contract, whatever it is built from. It needs no store of its own: it makes the
// databases and users that it works with, under unique names, and never assumes that they
// are the only ones.
//
// It builds and starts the all-in-one, unless E2E_PROGRAM names another program
// to start, or E2E_BASE_URL an origin that is already running.
package e2e

import (
	"errors"
	"fmt"
	"os"
	"testing"
)

// target is the origin under test.
var target *origin

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	watched, err := watchAnswers()
	if err == nil {
		target, err = openOrigin()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	code := m.Run()
	// Only now has everything been logged that the tests provoke.
	if err := errors.Join(target.close(watched), watched.faults()); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: after the last test:", err)
		return 1
	}
	return code
}
