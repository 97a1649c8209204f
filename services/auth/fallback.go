package auth

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"officepay.example/shared/office"
)

// maxInMemory is how many counters are in memory at once, some 10 MB. Each
// attempt takes the time of a hash, so at the default cost not a tenth of them
// are in use before the first are forgotten.
const maxInMemory = 50_000

// memoryFallback keeps the attempts in their store and, for those that find no
// room there, in the memory of this process: on a full disk people log in and
// guessing is slowed, only by each replica for itself.
type memoryFallback struct {
	AttemptStore
	mu       sync.Mutex
	inMemory map[string]Attempts
}

func newMemoryFallback(store AttemptStore) *memoryFallback {
	return &memoryFallback{AttemptStore: store, inMemory: map[string]Attempts{}}
}

// Attempts implements AttemptStore. What is in memory is the newer.
func (f *memoryFallback) Attempts(ctx context.Context, keys ...string) (map[string]Attempts, error) {
	kept, err := f.AttemptStore.Attempts(ctx, keys...)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range keys {
		if attempts, found := f.inMemory[key]; found {
			kept[key] = attempts
		}
	}
	return kept, nil
}

// SwapAttempts implements AttemptStore. It returns office.ErrStorageFull only
// when there is no room in memory either: no counter makes way for another.
func (f *memoryFallback) SwapAttempts(ctx context.Context, key string, old, new Attempts) (bool, error) {
	if swapped, found, err := f.swapInMemory(key, old, new); found {
		return swapped, err
	}
	swapped, err := f.AttemptStore.SwapAttempts(ctx, key, old, new)
	if !errors.Is(err, office.ErrStorageFull) {
		return swapped, err
	}
	if new == (Attempts{}) {
		return true, nil // what cannot be removed now is forgotten later
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, came := f.inMemory[key]; came {
		return false, nil // another attempt was first
	}
	if len(f.inMemory) >= maxInMemory {
		return false, err
	}
	f.inMemory[key] = new
	return true, nil
}

// swapInMemory is SwapAttempts for a counter in memory, and tells whether this is
// one.
func (f *memoryFallback) swapInMemory(key string, old, new Attempts) (swapped, found bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	current, found := f.inMemory[key]
	switch {
	case !found || current != old:
		return false, found, nil
	case new == (Attempts{}):
		delete(f.inMemory, key)
	default:
		f.inMemory[key] = new
	}
	return true, true, nil
}

// ForgetAttempts implements AttemptStore. That a full store cannot remove anything
// is no reason to refuse a login.
func (f *memoryFallback) ForgetAttempts(ctx context.Context, now time.Time) error {
	f.mu.Lock()
	maps.DeleteFunc(f.inMemory, func(_ string, a Attempts) bool { return !a.ForgetAt().After(now) })
	f.mu.Unlock()
	err := f.AttemptStore.ForgetAttempts(ctx, now)
	if errors.Is(err, office.ErrStorageFull) {
		return nil
	}
	return err
}
