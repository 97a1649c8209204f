package storetest

import (
	"context"
	"errors"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var deleteDBCases = cases{
	"DeleteDB/missing":                       deleteDBMissing,
	"DeleteDB/empty":                         deleteDBEmpty,
	"DeleteDB/removes the references":        deleteDBReferences,
	"DeleteDB/removes and counts records":    deleteDBRecords,
	"DeleteDB/its code is free":              deleteDBFreesCode,
	"DeleteDB/interrupted, then completed":   deleteDBInterrupted,
	"DeleteDB/concurrent, gone all the same": deleteDBRace,
}

func deleteDBMissing(t *testing.T, f Fixture) {
	user := officetest.User(1, officetest.Allowed(officetest.Missing, officetest.DB(1).ID))
	f.AddUsers(t, user)
	f.AddDBs(t, officetest.DB(1))
	_, err := f.Store.DeleteDB(t.Context(), officetest.Missing)
	officetest.WantError(t, err, office.ErrDBNotFound)
	wantDBs(t, f, admin.DBQuery{Scope: everywhere}, officetest.DB(1))
}

func deleteDBEmpty(t *testing.T, f Fixture) {
	f.AddDBs(t, officetest.DBs(2)...)
	wantDeleted(t, f, officetest.DB(1), 0)
	wantDBs(t, f, admin.DBQuery{Scope: everywhere}, officetest.DB(2))
	_, err := f.Store.DeleteDB(t.Context(), officetest.DB(1).ID)
	officetest.WantError(t, err, office.ErrDBNotFound)
	_, err = f.Store.UpdateDB(t.Context(), officetest.DB(1).ID, office.DBPatch{Name: new("Back")})
	officetest.WantError(t, err, office.ErrDBNotFound)
}

// wantDeleted deletes a database and checks how many records went with it.
func wantDeleted(t *testing.T, f Fixture, db office.DB, want int) {
	t.Helper()
	got, err := f.Store.DeleteDB(t.Context(), db.ID)
	officetest.Must(t, err)
	officetest.Equal(t, "the number of deleted records", got, want)
}

// wantNoRecords checks that a deleted database has left no record: none comes
// back when a database with its id does.
func wantNoRecords(t *testing.T, f Fixture, gone office.DB) {
	t.Helper()
	f.AddDBs(t, gone)
	wantDeleted(t, f, gone, 0)
}

func deleteDBReferences(t *testing.T, f Fixture) {
	one, two, three := officetest.DB(1).ID, officetest.DB(2).ID, officetest.DB(3).ID
	// Across these two stand the bytes of the second database's id.
	before := office.ID(append([]byte("sixsix"), two[:6]...))
	after := office.ID(append(two[6:], "sixsix"...))
	f.AddDBs(t, officetest.DBs(3)...)
	cases := []struct{ had, has []office.ID }{
		{[]office.ID{three, two, one}, []office.ID{three, one}},
		{[]office.ID{two}, []office.ID{}},
		{[]office.ID{two, officetest.Missing, two}, []office.ID{officetest.Missing}},
		{[]office.ID{one, three}, []office.ID{one, three}},
		{[]office.ID{before, after}, []office.ID{before, after}},
		{[]office.ID{}, []office.ID{}},
	}
	for n, c := range cases {
		f.AddUsers(t, officetest.User(n, officetest.Admin, officetest.InSession, officetest.Allowed(c.had...)))
	}
	wantDeleted(t, f, officetest.DB(2), 0)
	for n, c := range cases {
		f.WantUser(t, officetest.User(n, officetest.Admin, officetest.InSession, officetest.Allowed(c.has...)))
	}
}

func deleteDBRecords(t *testing.T, f Fixture) {
	one, two := officetest.DB(1), officetest.DB(2)
	f.AddDBs(t, one, two)
	records := officetest.Roster(1, 20, one.ID)
	f.AddPersonnel(t, records...)
	f.AddPersonnel(t, officetest.Roster(21, 27, two.ID)...)
	f.DeletePersonnel(t, officetest.At(100), officetest.IDs(records[:8])...)
	f.AddPersonnel(t, officetest.Personnel(30, one.ID, officetest.Numbered(records[0].ArmyNumber)))
	wantDeleted(t, f, one, 21)
	wantNoRecords(t, f, one)
	wantDeleted(t, f, two, 7)
	wantNoRecords(t, f, two)
}

func deleteDBFreesCode(t *testing.T, f Fixture) {
	f.AddDBs(t, officetest.DB(1, officetest.Coded("Hq")))
	wantDeleted(t, f, officetest.DB(1), 0)
	f.AddDBs(t, officetest.DB(2, officetest.Coded("hq")))
	wantDBs(t, f, admin.DBQuery{Scope: everywhere}, officetest.DB(2, officetest.Coded("hq")))
}

// deleteDBInterrupted stops the deletion at many moments and then repeats it.
// A call that was stopped may have completed all the same.
func deleteDBInterrupted(t *testing.T, f Fixture) {
	db := officetest.DB(1)
	officetest.Interrupted(t, func(ctx context.Context, round int) error {
		user := officetest.User(round, officetest.Allowed(db.ID, officetest.DB(2).ID))
		f.AddDBs(t, db)
		f.AddUsers(t, user)
		f.AddPersonnel(t, officetest.Roster(1, 5, db.ID)...)
		_, interrupted := f.Store.DeleteDB(ctx, db.ID)
		if _, err := f.Store.DeleteDB(t.Context(), db.ID); !errors.Is(err, office.ErrDBNotFound) {
			officetest.Must(t, err)
		}
		wantNoRecords(t, f, db)
		user.AllowedDBs = user.AllowedDBs[1:]
		f.WantUser(t, user)
		return interrupted
	})
}

func deleteDBRace(t *testing.T, f Fixture) {
	db := officetest.DB(1)
	f.AddDBs(t, db, officetest.DB(2))
	f.AddUsers(t, officetest.User(1, officetest.Allowed(db.ID)))
	f.AddPersonnel(t, officetest.Roster(1, 20, db.ID)...)
	errs := officetest.Race(8, func(int) error {
		_, err := f.Store.DeleteDB(t.Context(), db.ID)
		return err
	})
	officetest.WantEach(t, errs, office.ErrDBNotFound)
	wantNoRecords(t, f, db)
	f.WantUser(t, officetest.User(1))
	wantDBs(t, f, admin.DBQuery{Scope: everywhere}, officetest.DB(2))
}
