package storetest

import (
	"slices"
	"testing"
	"time"

	"officepay.example/services/analytics"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// calendar are months that are easy to get wrong.
var calendar = map[string]analytics.Month{
	"within a year":   "2023-06",
	"after New Year":  "2024-01",
	"before New Year": "2024-12",
	"a leap day":      "2024-03",
}

// day is the first of a month.
func day(year int, month time.Month) time.Time {
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// monthCases are two cases for each of the calendar.
func monthCases() cases {
	all := cases{}
	for name, this := range calendar {
		all["Dashboard/by month, "+name] = func(t *testing.T, f Fixture) { dashboardByMonth(t, f, this) }
		all["DBFigures/by month, "+name] = func(t *testing.T, f Fixture) { figuresByMonth(t, f, this) }
	}
	return all
}

// moments are times at the edges of the months and within: one before both,
// two of the previous, three of this and one after it.
func moments(this analytics.Month) []time.Time {
	var edges []time.Time
	for _, month := range []analytics.Month{this.Add(-1), this, this.Add(1)} {
		edges = append(edges, month.Start().Add(-time.Millisecond), month.Start())
	}
	return append(edges, this.Start().Add(40*time.Hour))
}

// atMoments is the count of what is there once for each of the moments.
var atMoments = analytics.Count{Total: 7, This: 3, Previous: 2}

// addAtMoments adds to database one, for each moment, a live record created
// then and one that is deleted then, all of the status.
func addAtMoments(t *testing.T, f Fixture, this analytics.Month, status office.Status) {
	for i, at := range moments(this) {
		n := 100*slices.Index(office.Statuses, status) + 2*i
		live := officetest.Personnel(n, one.ID, officetest.Created(at))
		gone := officetest.Personnel(n+1, one.ID, officetest.Created(this.Add(-1).Start()))
		live.Status, gone.Status = status, status
		f.AddPersonnel(t, live, gone)
		f.DeletePersonnel(t, at, gone.ID)
	}
}

func dashboardByMonth(t *testing.T, f Fixture, this analytics.Month) {
	for n, at := range moments(this) {
		f.AddUsers(t, officetest.User(n, func(u *office.User) { u.CreatedAt = at }))
		f.AddDBs(t, officetest.DB(n, func(db *office.DB) { db.CreatedAt = at }))
	}
	addAtMoments(t, f, this, office.StatusActive)
	wantDashboard(t, f, this, analytics.Dashboard{
		Users: atMoments, Databases: atMoments, Personnel: atMoments, DeletedPersonnel: atMoments,
	})
}

func figuresByMonth(t *testing.T, f Fixture, this analytics.Month) {
	f.AddDBs(t, one)
	addAtMoments(t, f, this, office.StatusAWOL)
	addAtMoments(t, f, this, office.StatusCSE)
	wantFigures(t, f, one, this, analytics.DBFigures{
		ByStatus: byStatus{office.StatusAWOL: atMoments, office.StatusCSE: atMoments},
		Deleted:  analytics.Count{Total: 14, This: 6, Previous: 4},
	})
}
