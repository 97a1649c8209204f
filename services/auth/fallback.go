package auth

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"officepay.example/shared/office"
)

// maxInMemory is how many counters are kept in memory at once: about 10 MB. At the default
// cost of a hash, the first are forgotten before a tenth of them are in use.
const maxInMemory = 50_000

// memoryFallback keeps the attempts in the store or, when it has no room, in memory. So on a
// full disk people can still log in, and guessing is slowed, though by each replica separately.
type memoryFallback struct {
	Store
	mu       sync.Mutex
	inMemory map[string]Attempts
}

func newMemoryFallback(store Store) *memoryFallback {
	return &memoryFallback{Store: store, inMemory: map[string]Attempts{}}
}

// Attempts implements Store. What is in memory is newer than what is in the store.
func (f *memoryFallback) Attempts(ctx context.Context, keys ...string) (map[string]Attempts, error) {
	kept, err := f.Store.Attempts(ctx, keys...)
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

// SwapAttempts implements Store. It returns office.ErrStorageFull only when there
// is no room in memory either: no counter is dropped in favour of another.
func (f *memoryFallback) SwapAttempts(ctx context.Context, key string, old, new Attempts) (bool, error) {
	if swapped, found := f.swapInMemory(key, old, new); found {
		return swapped, nil
	}
	swapped, err := f.Store.SwapAttempts(ctx, key, old, new)
	if !errors.Is(err, office.ErrStorageFull) {
		return swapped, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, isThere := f.inMemory[key]; isThere {
		return false, nil // another attempt was first
	}
	if len(f.inMemory) >= maxInMemory {
		return false, err
	}
	f.inMemory[key] = new
	return true, nil
}

// swapInMemory is SwapAttempts for a counter in memory. Found tells whether it is one.
func (f *memoryFallback) swapInMemory(key string, old, new Attempts) (swapped, found bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	current, found := f.inMemory[key]
	if !found || current != old {
		return false, found
	}
	f.inMemory[key] = new
	return true, true
}

// ForgetAttempts implements Store. No login is refused because a full store
// cannot remove anything.
func (f *memoryFallback) ForgetAttempts(ctx context.Context, now time.Time) error {
	f.mu.Lock()
	maps.DeleteFunc(f.inMemory, func(_ string, a Attempts) bool { return !a.CountUntil.After(now) })
	f.mu.Unlock()
	err := f.Store.ForgetAttempts(ctx, now)
	if errors.Is(err, office.ErrStorageFull) {
		return nil
	}
	return err
}
