package storetest

import (
	"testing"

	"officepay.example/services/analytics"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var dashboardCases = cases{
	"Dashboard/empty":           dashboardEmpty,
	"Dashboard/over everything": dashboardOverall,
}

var figureCases = cases{
	"DBFigures/missing":         figuresMissing,
	"DBFigures/empty":           figuresEmpty,
	"DBFigures/by status":       figuresByStatus,
	"DBFigures/of one database": figuresOfOne,
	"DBFigures/deleted records": figuresOfDeleted,
	"both/a deleted database":   figuresOfDeletedDB,
}

func dashboardEmpty(t *testing.T, f Fixture) {
	for _, months := range calendar {
		wantDashboard(t, f, months, analytics.Dashboard{})
	}
}

func dashboardOverall(t *testing.T, f Fixture) {
	f.AddUsers(t, officetest.User(1), officetest.User(2, officetest.Admin), officetest.User(3, officetest.InSession))
	f.AddDBs(t, one, two)
	for n, status := range office.Statuses {
		edit := func(p *office.Personnel) { p.Status = status }
		f.AddPersonnel(t, officetest.Personnel(n, one.ID, edit), officetest.Personnel(50+n, two.ID, edit))
	}
	f.DeletePersonnel(t, officetest.At(9), officetest.Personnel(0, one.ID).ID, officetest.Personnel(53, two.ID).ID)
	wantDashboard(t, f, later, analytics.Dashboard{
		Users: before(3), Databases: before(2), Personnel: before(12), DeletedPersonnel: before(2),
	})
}

func figuresMissing(t *testing.T, f Fixture) {
	f.AddDBs(t, one)
	for _, db := range []office.ID{officetest.Missing, {}, two.ID} {
		_, err := f.Store.DBFigures(t.Context(), db, later)
		officetest.WantError(t, err, office.ErrDBNotFound)
	}
}

func figuresEmpty(t *testing.T, f Fixture) {
	f.AddDBs(t, one, two)
	f.AddPersonnel(t, officetest.Personnel(1, two.ID))
	for _, months := range calendar {
		wantFigures(t, f, one, months, analytics.DBFigures{})
	}
}

// figuresByStatus has one record of the first status, two of the second and so
// on.
func figuresByStatus(t *testing.T, f Fixture) {
	f.AddDBs(t, one)
	wantFigures(t, f, one, later, analytics.DBFigures{})
	want := byStatus{}
	for i, status := range office.Statuses {
		f.AddPersonnel(t, officetest.Roster(10*i, 11*i, one.ID, func(p *office.Personnel) { p.Status = status })...)
		want[status] = before(i + 1)
		wantFigures(t, f, one, later, analytics.DBFigures{ByStatus: want})
	}
}

func figuresOfOne(t *testing.T, f Fixture) {
	f.AddDBs(t, one, two)
	f.AddPersonnel(t, officetest.Roster(1, 5, one.ID)...)
	f.AddPersonnel(t, officetest.Roster(6, 8, two.ID)...)
	f.DeletePersonnel(t, officetest.At(9), officetest.Personnel(6, two.ID).ID)
	wantFigures(t, f, one, later, analytics.DBFigures{ByStatus: byStatus{office.StatusActive: before(5)}})
	wantFigures(t, f, two, later, analytics.DBFigures{
		ByStatus: byStatus{office.StatusActive: before(2)}, Deleted: before(1),
	})
}

// figuresOfDeleted: a number that was deleted and given again counts both as
// deleted and as live.
func figuresOfDeleted(t *testing.T, f Fixture) {
	f.AddDBs(t, one)
	for n := range 4 {
		record := officetest.Personnel(n, one.ID, officetest.Numbered("N/1"), officetest.Created(later.Add(-1).Start()))
		f.AddPersonnel(t, record)
		wantFigures(t, f, one, later, analytics.DBFigures{
			ByStatus: byStatus{office.StatusActive: {Total: 1, Previous: 1}},
			Deleted:  analytics.Count{Total: n, This: n},
		})
		f.DeletePersonnel(t, later.Start(), record.ID)
	}
	wantFigures(t, f, one, later, analytics.DBFigures{Deleted: analytics.Count{Total: 4, This: 4}})
}

// figuresOfDeletedDB: what was in the database counts nowhere any more.
func figuresOfDeletedDB(t *testing.T, f Fixture) {
	f.AddDBs(t, one, two)
	f.AddPersonnel(t, officetest.Roster(1, 5, one.ID)...)
	f.AddPersonnel(t, officetest.Roster(6, 8, two.ID)...)
	f.DeletePersonnel(t, later.Start(), officetest.Personnel(1, one.ID).ID, officetest.Personnel(6, two.ID).ID)
	f.DeleteDB(t, one.ID)
	_, err := f.Store.DBFigures(t.Context(), one.ID, later)
	officetest.WantError(t, err, office.ErrDBNotFound)
	wantDashboard(t, f, later, analytics.Dashboard{
		Databases: before(1), Personnel: before(2), DeletedPersonnel: analytics.Count{Total: 1, This: 1},
	})
	f.AddDBs(t, one)
	wantFigures(t, f, one, later, analytics.DBFigures{})
}
