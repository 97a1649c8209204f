package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"officepay.example/shared/office"
)

// full is where no attempt finds room.
type full struct{ Store }

func (full) Attempts(context.Context, ...string) (map[string]Attempts, error) {
	return map[string]Attempts{}, nil
}

func (full) SwapAttempts(context.Context, string, Attempts, Attempts) (bool, error) {
	return false, fmt.Errorf("sqlite: %w", office.ErrStorageFull)
}

func (full) ForgetAttempts(context.Context, time.Time) error { return office.ErrStorageFull }

var once = Attempts{Count: 1, CountUntil: noon.Add(window)}

func mustCount(t *testing.T, s *counts, key string, old, new Attempts) {
	t.Helper()
	if swapped, err := s.swap(t.Context(), key, old, new); !swapped || err != nil {
		t.Fatalf("%s: swapped %v, %v", key, swapped, err)
	}
}

func wantCount(t *testing.T, s *counts, key string, want Attempts) {
	t.Helper()
	c := counter{key: key}
	if err := s.read(t.Context(), &c); c.stored != want || err != nil {
		t.Errorf("%s: %+v, %v, want %+v", key, c.stored, err, want)
	}
}

// Promise 11, on a full disk: the memory is bounded, and no counter makes way
// for another.
func TestFallbackIsBounded(t *testing.T) {
	before := heap()
	s := &counts{store: full{}}
	for n := range maxInMemory {
		mustCount(t, s, keyOf(fmt.Sprint(n)), Attempts{}, once)
	}
	const most = 20 << 20
	if grown := int64(heap()) - int64(before); grown > most {
		t.Errorf("%d counters take %d bytes", maxInMemory, grown)
	}
	if swapped, err := s.swap(t.Context(), "one more", Attempts{}, once); swapped || !errors.Is(err, office.ErrStorageFull) {
		t.Errorf("one more: swapped %v, %v", swapped, err)
	}
	wantCount(t, s, keyOf("0"), once)
	if err := s.forget(t.Context(), once.ForgetAt()); err != nil {
		t.Error(err)
	}
	wantCount(t, s, keyOf("0"), Attempts{})
	mustCount(t, s, "one more", Attempts{}, once)
	known := Attempts{KnownUntil: noon.Add(knownFor)} // which is not worth the memory, and may be lost
	mustCount(t, s, "known", Attempts{}, known)
	if err := s.forget(t.Context(), noon); err != nil {
		t.Error(err)
	}
	wantCount(t, s, "known", Attempts{})
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// A counter in memory is swapped as one in a store is.
func TestFallbackSwaps(t *testing.T) {
	s := &counts{store: full{}}
	twice := Attempts{Count: 2, CountUntil: once.CountUntil}
	mustCount(t, s, "key", Attempts{}, once)
	for name, change := range map[string][2]Attempts{
		"the first again": {{}, twice}, "another": {twice, once}, "a removal of another": {twice, {}},
	} {
		if swapped, err := s.swap(t.Context(), "key", change[0], change[1]); swapped || err != nil {
			t.Errorf("%s: swapped %v, %v", name, swapped, err)
		}
	}
	mustCount(t, s, "key", once, twice)
	wantCount(t, s, "key", twice)
	mustCount(t, s, "key", twice, Attempts{})
	wantCount(t, s, "key", Attempts{})
}

// overtaken is full, and somebody else is told so first.
type overtaken struct {
	full
	first func()
}

func (s *overtaken) SwapAttempts(ctx context.Context, key string, old, new Attempts) (bool, error) {
	if first := s.first; first != nil {
		s.first = nil
		first()
	}
	return s.full.SwapAttempts(ctx, key, old, new)
}

// Of two first attempts at once that find no room, one counts at a time.
func TestFallbackAtOnce(t *testing.T) {
	store := &overtaken{}
	s := &counts{store: store}
	store.first = func() { mustCount(t, s, "key", Attempts{}, once) }
	if swapped, err := s.swap(t.Context(), "key", Attempts{}, once); swapped || err != nil {
		t.Errorf("the later: swapped %v, %v", swapped, err)
	}
	wantCount(t, s, "key", once)
}
