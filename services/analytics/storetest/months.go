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
var calendar = map[string]analytics.Months{
	"within a year":   {Previous: day(2023, 5), This: day(2023, 6), Next: day(2023, 7)},
	"after New Year":  {Previous: day(2023, 12), This: day(2024, 1), Next: day(2024, 2)},
	"before New Year": {Previous: day(2024, 11), This: day(2024, 12), Next: day(2025, 1)},
	"a leap day":      {Previous: day(2024, 2), This: day(2024, 3), Next: day(2024, 4)},
}

// day is the first of a month.
func day(year int, month time.Month) time.Time {
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// monthCases are two cases for each of the calendar.
func monthCases() cases {
	all := cases{}
	for name, months := range calendar {
		all["Dashboard/by month, "+name] = func(t *testing.T, f Fixture) { dashboardByMonth(t, f, months) }
		all["DBFigures/by month, "+name] = func(t *testing.T, f Fixture) { figuresByMonth(t, f, months) }
	}
	return all
}

// moments are times at the edges of the months and within: one before both,
// two of the previous, three of this and one after it.
func moments(m analytics.Months) []time.Time {
	last := func(next time.Time) time.Time { return next.Add(-time.Millisecond) }
	return []time.Time{
		last(m.Previous), m.Previous, last(m.This), m.This, m.This.Add(40 * time.Hour), last(m.Next), m.Next,
	}
}

// atMoments is how often something counts that is there once for each of the
// moments.
var atMoments = analytics.Count{Total: 7, This: 3, Previous: 2}

// addAtMoments adds to database one, for each moment, a live record created
// then and one that is deleted then, all of the status.
func addAtMoments(t *testing.T, f Fixture, months analytics.Months, status office.Status) {
	for i, at := range moments(months) {
		n := 100*slices.Index(office.Statuses, status) + 2*i
		live := officetest.Personnel(n, one.ID, officetest.Created(at))
		gone := officetest.Personnel(n+1, one.ID, officetest.Created(months.Previous))
		live.Status, gone.Status = status, status
		f.AddPersonnel(t, live, gone)
		f.DeletePersonnel(t, at, gone.ID)
	}
}

func dashboardByMonth(t *testing.T, f Fixture, months analytics.Months) {
	for n, at := range moments(months) {
		f.AddUsers(t, officetest.User(n, func(u *office.User) { u.CreatedAt = at }))
		f.AddDBs(t, officetest.DB(n, func(db *office.DB) { db.CreatedAt = at }))
	}
	addAtMoments(t, f, months, office.StatusActive)
	wantDashboard(t, f, months, analytics.Dashboard{
		Users: atMoments, Databases: atMoments, Personnel: atMoments, DeletedPersonnel: atMoments,
	})
}

func figuresByMonth(t *testing.T, f Fixture, months analytics.Months) {
	f.AddDBs(t, one)
	addAtMoments(t, f, months, office.StatusAWOL)
	addAtMoments(t, f, months, office.StatusCSE)
	wantFigures(t, f, one, months, analytics.DBFigures{
		ByStatus: byStatus{office.StatusAWOL: atMoments, office.StatusCSE: atMoments},
		Deleted:  analytics.Count{Total: 14, This: 6, Previous: 4},
	})
}
