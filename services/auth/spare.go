package auth

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"officepay.example/shared/office"
)

// mostSpare is how many counters are kept in memory at once, some 10 MB. Each
// attempt takes a turn at hashing, so at the standard cost not a tenth of them
// are in use before the first are forgotten.
const mostSpare = 50_000

// spareCounts are the attempts where they are always kept, and, for those that
// found no room there, in the memory of this process: on a full disk people
// log in and guessing is slowed, only by each replica for itself.
type spareCounts struct {
	AttemptStore
	mu   sync.Mutex
	kept map[string]Attempts
}

func newSpareCounts(store AttemptStore) *spareCounts {
	return &spareCounts{AttemptStore: store, kept: map[string]Attempts{}}
}

// Attempts implements AttemptStore. What is in memory is the newer.
func (s *spareCounts) Attempts(ctx context.Context, key string) (Attempts, error) {
	s.mu.Lock()
	attempts, spare := s.kept[key]
	s.mu.Unlock()
	if spare {
		return attempts, nil
	}
	return s.AttemptStore.Attempts(ctx, key)
}

// SwapAttempts implements AttemptStore. It returns office.ErrStorageFull only
// when there is no room in memory either: no counter makes way for another.
func (s *spareCounts) SwapAttempts(ctx context.Context, key string, old, new Attempts) (bool, error) {
	if swapped, spare, err := s.swapSpare(key, old, new); spare {
		return swapped, err
	}
	swapped, err := s.AttemptStore.SwapAttempts(ctx, key, old, new)
	if !errors.Is(err, office.ErrStorageFull) {
		return swapped, err
	}
	if new == (Attempts{}) {
		return true, nil // what cannot be removed is forgotten in its time
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, came := s.kept[key]; came {
		return false, nil // another attempt was first
	}
	if len(s.kept) >= mostSpare {
		return false, err
	}
	s.kept[key] = new
	return true, nil
}

// swapSpare is SwapAttempts for a counter in memory, and tells whether this is
// one.
func (s *spareCounts) swapSpare(key string, old, new Attempts) (swapped, spare bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	current, spare := s.kept[key]
	switch {
	case !spare || current != old:
		return false, spare, nil
	case new == (Attempts{}):
		delete(s.kept, key)
	default:
		s.kept[key] = new
	}
	return true, true, nil
}

// ForgetAttempts implements AttemptStore. That a full store cannot forget is no
// reason to refuse anybody.
func (s *spareCounts) ForgetAttempts(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	maps.DeleteFunc(s.kept, func(_ string, a Attempts) bool { return !a.ForgetAt.After(now) })
	s.mu.Unlock()
	err := s.AttemptStore.ForgetAttempts(ctx, now)
	if errors.Is(err, office.ErrStorageFull) {
		return nil
	}
	return err
}
