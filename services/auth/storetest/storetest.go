// Package storetest is the contract of auth.Store as tests. Every
// implementation passes it, so that the service behaves the same on each.
package storetest

import (
	"testing"

	"officepay.example/services/auth"
	"officepay.example/shared/office/officetest"
)

// Fixture is a store under test. Its Seed must add users and databases, but no
// personnel.
type Fixture = officetest.Fixture[auth.Store]

type cases = officetest.Cases[auth.Store]

// Run checks the whole contract. Open must return a fresh, empty store each
// time, and close it when the test that it is given ends.
func Run(t *testing.T, open func(t testing.TB) Fixture) {
	officetest.Run(t, open,
		officetest.UserCases[auth.Store](), officetest.DBCases[auth.Store](),
		armyNumberCases, passwordCases, hashCases, attemptCases, swapCases)
}
