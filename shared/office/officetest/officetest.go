// Package officetest is what the conformance suites of the four stores share:
// how a store is filled from outside, what it is filled with, the checks that
// all suites make, and the cases of the methods that several stores have.
//
// It is for tests only, and knows no service and no store. Everything in it is
// the same on every run: nothing depends on the clock or on chance.
package officetest

import (
	"context"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"officepay.example/shared/office"
)

// Seed fills a store with what the store itself has no method for. What it
// adds must be there for the store as soon as the call returns.
type Seed interface {
	AddUser(ctx context.Context, user office.User) error
	AddDB(ctx context.Context, db office.DB) error
	// DeleteDB deletes a database as an admin does, with all that is in it.
	DeleteDB(ctx context.Context, id office.ID) error
	// AddPersonnel keeps live records, of databases that exist.
	AddPersonnel(ctx context.Context, records ...office.Personnel) error
	// DeletePersonnel marks live records as deleted at that time.
	DeletePersonnel(ctx context.Context, at time.Time, ids ...office.ID) error
}

// Users is what every store can do.
type Users interface {
	// UserByID returns office.ErrNotFound when there is no such user.
	UserByID(ctx context.Context, id office.ID) (office.User, error)
}

// Fixture is a store under test, fresh and empty, and what fills it.
type Fixture[S Users] struct {
	Store S
	Seed  Seed
	// Slow says that each random question takes long, so that only SOAK=1 asks all.
	Slow bool
}

// Questions is how many random questions a store is asked (promise 4).
func (f Fixture[S]) Questions() int {
	if f.Slow && os.Getenv("SOAK") != "1" {
		return 100
	}
	return 2000
}

// Cases are clauses of a store's contract by name: the method and what it is
// about, as in "Get/deleted".
type Cases[S Users] map[string]func(t *testing.T, f Fixture[S])

// Run checks each case on a store of its own.
func Run[S Users](t *testing.T, open func(testing.TB) Fixture[S], groups ...Cases[S]) {
	for _, cases := range groups {
		for _, name := range slices.Sorted(maps.Keys(cases)) {
			t.Run(name, func(t *testing.T) { cases[name](t, open(t)) })
		}
	}
}

// AddUsers adds the users, in that order.
func (f Fixture[S]) AddUsers(t testing.TB, users ...office.User) {
	t.Helper()
	for _, user := range users {
		Must(t, f.Seed.AddUser(t.Context(), user))
	}
}

// AddDBs adds the databases, in that order.
func (f Fixture[S]) AddDBs(t testing.TB, dbs ...office.DB) {
	t.Helper()
	for _, db := range dbs {
		Must(t, f.Seed.AddDB(t.Context(), db))
	}
}

// DeleteDB deletes a database with all that is in it.
func (f Fixture[S]) DeleteDB(t testing.TB, id office.ID) {
	t.Helper()
	Must(t, f.Seed.DeleteDB(t.Context(), id))
}

// AddPersonnel adds live records.
func (f Fixture[S]) AddPersonnel(t testing.TB, records ...office.Personnel) {
	t.Helper()
	Must(t, f.Seed.AddPersonnel(t.Context(), records...))
}

// DeletePersonnel marks live records as deleted at that time.
func (f Fixture[S]) DeletePersonnel(t testing.TB, at time.Time, ids ...office.ID) {
	t.Helper()
	Must(t, f.Seed.DeletePersonnel(t.Context(), at, ids...))
}

// WantUser checks that the store holds exactly this user.
func (f Fixture[S]) WantUser(t testing.TB, want office.User) {
	t.Helper()
	got, err := f.Store.UserByID(t.Context(), want.ID)
	Must(t, err)
	Equal(t, "the user", got, want)
}

// WantNoUser checks that the store holds no such user.
func (f Fixture[S]) WantNoUser(t testing.TB, id office.ID) {
	t.Helper()
	_, err := f.Store.UserByID(t.Context(), id)
	WantError(t, err, office.ErrNotFound)
}
