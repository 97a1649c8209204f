// Package storetest is the contract of analytics.Store as tests. Every
// implementation passes it, so that the service behaves the same on each.
package storetest

import (
	"testing"

	"officepay.example/services/analytics"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Fixture is a store under test, with a complete Seed.
type Fixture = officetest.Fixture[analytics.Store]

type cases = officetest.Cases[analytics.Store]

// Run checks the whole contract. Open must return a fresh, empty store each
// time, and close it when the test that it is given ends.
func Run(t *testing.T, open func(t testing.TB) Fixture) {
	officetest.Run(t, open,
		officetest.UserCases[analytics.Store](), dashboardCases, figureCases, monthCases(), freshCases, breakdownCases, flowCases)
}

// The databases of the tests.
var one, two = officetest.DB(1), officetest.DB(2)

// later is a month after all that is created without another time.
const later = analytics.Month("2031-01")

// before is the count of n things that were all created before later and the month before it.
func before(n int) analytics.Count { return analytics.Count{Total: n} }

// byStatus are figures of which none is deleted.
type byStatus = map[office.Status]analytics.Count

func wantDashboard(t testing.TB, f Fixture, this analytics.Month, want analytics.Dashboard) {
	t.Helper()
	got, err := f.Store.Dashboard(t.Context(), this)
	officetest.Must(t, err)
	officetest.Equal(t, "the dashboard", got, want)
}

// wantFigures checks every status: one that is not in want counts zero.
func wantFigures(t testing.TB, f Fixture, db office.DB, this analytics.Month, want analytics.DBFigures) {
	t.Helper()
	got, err := f.Store.DBFigures(t.Context(), db.ID, this)
	officetest.Must(t, err)
	officetest.Equal(t, "deleted", got.Deleted, want.Deleted)
	for _, status := range office.Statuses {
		officetest.Equal(t, string(status), got.ByStatus[status], want.ByStatus[status])
	}
	for status := range got.ByStatus {
		if !status.Valid() {
			t.Errorf("%q is counted as a status", status)
		}
	}
}
