package storetest

import (
	"errors"
	"testing"

	"officepay.example/services/analytics"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var freshCases = cases{
	"read your writes/one after the other": readYourWrites,
	"read your writes/concurrent":          readYourWritesAtOnce,
}

func readYourWrites(t *testing.T, f Fixture) {
	f.AddDBs(t, one)
	for n := 1; n <= 12; n++ {
		f.AddUsers(t, officetest.User(n))
		f.AddDBs(t, officetest.DB(n+1))
		f.AddPersonnel(t, officetest.Roster(10*n, 10*n+2, one.ID)...)
		want := analytics.Dashboard{
			Users: before(n), Databases: before(n + 1), Personnel: before(2*n + 1), DeletedPersonnel: before(n - 1),
		}
		wantDashboard(t, f, later, want)
		f.DeletePersonnel(t, officetest.At(0), officetest.Personnel(10*n, one.ID).ID)
		want.Personnel.Total--
		want.DeletedPersonnel.Total++
		wantDashboard(t, f, later, want)
		wantFigures(t, f, one, later, analytics.DBFigures{
			ByStatus: byStatus{office.StatusActive: before(2 * n)}, Deleted: before(n),
		})
	}
}

// errUnread: a figure does not include a write that was answered before.
var errUnread = errors.New("a write that was answered is not in the figures")

// readYourWritesAtOnce has several writers: each sees at least its own
// writes, and in the end all are counted once.
func readYourWritesAtOnce(t *testing.T, f Fixture) {
	f.AddDBs(t, one)
	const writers, each = 6, 6
	officetest.WantEach(t, officetest.Race(writers, func(i int) error {
		for n := range each {
			err := f.Seed.AddPersonnel(t.Context(), officetest.Personnel(100*i+n, one.ID))
			if err != nil {
				return err
			}
			got, err := f.Store.DBFigures(t.Context(), one.ID, later)
			if err != nil {
				return err
			}
			if got.ByStatus[office.StatusActive].Total <= n {
				return errUnread
			}
		}
		return nil
	}))
	wantFigures(t, f, one, later, analytics.DBFigures{ByStatus: byStatus{office.StatusActive: before(writers * each)}})
}
