// Package storetest is the contract of admin.Store as tests. Every
// implementation passes it, so that the service behaves the same on each.
package storetest

import (
	"context"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Fixture is a store under test. Its Seed must add and delete personnel; the store
// itself adds users and databases.
type Fixture = officetest.Fixture[admin.Store]

type cases = officetest.Cases[admin.Store]

// Run checks the whole contract. Open must return a fresh, empty store each
// time, and close it when the test that it is given ends.
func Run(t *testing.T, open func(t testing.TB) Fixture) {
	complete := func(t testing.TB) Fixture {
		f := open(t)
		f.Seed = Seed(f.Store, f.Seed)
		return f
	}
	officetest.Run(t, complete,
		officetest.UserCases[admin.Store](), officetest.DBCases[admin.Store](),
		listUserCases, createUserCases, updateUserCases, deleteUserCases, lastAdminCases, resetCases,
		listDBCases, createDBCases, updateDBCases, deleteDBCases)
}

// Seed adds and deletes users and databases through the store, and personnel
// through rest.
func Seed(store admin.Store, rest officetest.Seed) officetest.Seed { return seed{rest, store} }

type seed struct {
	officetest.Seed
	store admin.Store
}

func (s seed) AddUser(ctx context.Context, user office.User) error {
	return s.store.CreateUser(ctx, user)
}

func (s seed) AddDB(ctx context.Context, db office.DB) error { return s.store.CreateDB(ctx, db) }

func (s seed) DeleteDB(ctx context.Context, id office.ID) error {
	_, err := s.store.DeleteDB(ctx, id)
	return err
}

// boss is an admin who stays, where a test is not about the last one.
var boss = officetest.User(0, officetest.Admin)
