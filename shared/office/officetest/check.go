package officetest

import (
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"

	"officepay.example/shared/office"
)

// Must ends the test if a step failed that the rest depends on.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

// WantError checks that an error is the one that the contract names.
func WantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	}
}

// Equal checks that two values are the same to the last detail: an empty list
// is not nil, and a time is in UTC.
func Equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is\n  %#v, want\n  %#v", what, got, want)
	}
}

// SameIDs checks that two lists hold the same ids, in any order. The first
// must not be nil.
func SameIDs(t testing.TB, what string, got, want []office.ID) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is nil", what)
	}
	if !slices.Equal(sorted(got), sorted(want)) {
		t.Errorf("%s is\n  %v, want in any order\n  %v", what, got, want)
	}
}

func sorted(ids []office.ID) []office.ID {
	return slices.SortedFunc(slices.Values(ids), office.CompareIDs)
}

// Race makes n calls that begin together, and returns their errors.
func Race(n int, call func(i int) error) []error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			<-begin
			errs[i] = call(i)
		})
	}
	close(begin)
	calls.Wait()
	return errs
}

// OneWins checks that exactly one call of a race succeeded and that the others failed with
// lost, and returns the index of the winner.
func OneWins(t testing.TB, errs []error, lost error) int {
	t.Helper()
	winners := []int{}
	for i, err := range errs {
		if err == nil {
			winners = append(winners, i)
			continue
		}
		WantError(t, err, lost)
	}
	if len(winners) != 1 {
		t.Fatalf("%d calls of %d won, want one", len(winners), len(errs))
	}
	return winners[0]
}

// WantEach checks that every call of a race succeeded or failed with an allowed error.
func WantEach(t testing.TB, errs []error, allowed ...error) {
	t.Helper()
	for _, err := range errs {
		is := func(one error) bool { return errors.Is(err, one) }
		if err != nil && !slices.ContainsFunc(allowed, is) {
			t.Errorf("unexpected error: %v", err)
		}
	}
}
