package officetest

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"officepay.example/shared/office"
)

// Lister reads a part of a list, and how long it is in all.
type Lister[T any] func(offset, limit int) ([]T, int, error)

// everything is the largest page that the API has, and farthest the largest
// offset that it can ask for.
const (
	everything = 10000
	farthest   = (math.MaxInt32 - 1) * everything
)

// Pages checks that each part of a list is the same part of want.
func Pages[T any](t testing.TB, list Lister[T], want []T) {
	t.Helper()
	n := len(want)
	parts := [][2]int{{0, everything}, {0, 1}, {1, 2}, {2, n}, {max(0, n-1), 5}, {n, 5}, {farthest, everything}}
	for _, part := range parts {
		offset, limit := part[0], part[1]
		got, total, err := list(offset, limit)
		Must(t, err)
		wantPart(t, fmt.Sprintf("offset %d, limit %d", offset, limit), got, total, want, offset, limit)
	}
}

// All checks the whole of a list.
func All[T any](t testing.TB, list Lister[T], want []T) {
	t.Helper()
	got, total, err := list(0, everything)
	Must(t, err)
	wantPart(t, "the whole list", got, total, want, 0, everything)
}

func wantPart[T any](t testing.TB, what string, got []T, total int, whole []T, offset, limit int) {
	t.Helper()
	low := min(offset, len(whole))
	high := min(low+limit, len(whole))
	Equal(t, what+": the total", total, len(whole))
	Equal(t, what+": the part", got, append([]T{}, whole[low:high]...))
}

// Only is the list of the item, or the empty one.
func Only[T any](there bool, item T) []T {
	if there {
		return []T{item}
	}
	return nil
}

// EachOnce checks that a list that is read page by page shows each id once.
func EachOnce[T any](t testing.TB, list Lister[T], id func(T) office.ID, want []office.ID) {
	t.Helper()
	const step = 2
	seen := []office.ID{}
	for offset := 0; offset < len(want)+step; offset += step {
		page, _, err := list(offset, step)
		Must(t, err)
		for _, item := range page {
			seen = append(seen, id(item))
		}
	}
	SameIDs(t, "what the pages show", seen, want)
}

// Search compares a store's search with the rule that it must agree with.
type Search[Q, T any] struct {
	All     []T            // in the order of the list
	Text    func(T) string // in which words are looked for
	Ask     func(rng *rand.Rand, offset, limit int) Q
	Matches func(query Q, item T, text string) bool
	List    func(ctx context.Context, query Q) ([]T, int, error)
}

// Check asks the store that many random questions.
func (s Search[Q, T]) Check(t testing.TB, questions int) {
	t.Helper()
	rng := Rand()
	texts := make([]string, len(s.All)) // to make them for each question takes longer than to search them
	for i, item := range s.All {
		texts[i] = s.Text(item)
	}
	for i := range questions {
		offset, limit := rng.IntN(4)*rng.IntN(4), 1+rng.IntN(len(s.All))>>rng.IntN(6) // mostly few: all are compared
		query := s.Ask(rng, offset, limit)
		got, total, err := s.List(t.Context(), query)
		Must(t, err)
		wantPart(t, fmt.Sprintf("question %d, %+v", i, query), got, total, s.matching(query, texts), offset, limit)
		if t.Failed() {
			return
		}
	}
	t.Logf("promise 4: %d random questions answered as by a plain loop", questions)
}

func (s Search[Q, T]) matching(query Q, texts []string) []T {
	var matching []T
	for i, item := range s.All {
		if s.Matches(query, item, texts[i]) {
			matching = append(matching, item)
		}
	}
	return matching
}
