package mongodb

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// What can never be done costs the server a few attempts, and ends with the
// request: at least one for each of the longest pauses, and not many more than
// two.
func TestRepeatRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const patience = 10 * time.Second
		const least, most = int(patience / longPause), 3 * int(patience/longPause)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		attempts := 0
		err := Repeat(ctx, func() (bool, error) {
			if attempts++; attempts > most {
				return false, errors.New("too many attempts")
			}
			return false, nil
		})
		if !errors.Is(err, context.DeadlineExceeded) || attempts < least {
			t.Errorf("%d attempts in %v, and the error %v", attempts, patience, err)
		}
	})
}

// Nobody waits after the attempt that is done, or that fails.
func TestRepeatEnds(t *testing.T) {
	failure := errors.New("refused")
	for name, end := range map[string]struct {
		done bool
		err  error
	}{"done": {true, nil}, "failed": {false, failure}} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			attempts := 0
			err := Repeat(ctx, func() (bool, error) {
				if attempts++; attempts < 3 {
					return false, nil
				}
				cancel()
				return end.done, end.err
			})
			if !errors.Is(err, end.err) || attempts != 3 {
				t.Errorf("the error is %v after %d attempts", err, attempts)
			}
		})
	}
}
