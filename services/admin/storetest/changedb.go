package storetest

import (
	"fmt"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var createDBCases = cases{
	"CreateDB/taken in any letter case":   createDBTaken,
	"CreateDB/almost the same":            createDBAlmostTaken,
	"CreateDB/code given up":              createDBAfterUpdate,
	"CreateDB/50 of one code at one time": createDBRace,
}

var updateDBCases = cases{
	"UpdateDB/each field alone":             updateDBFields,
	"UpdateDB/missing":                      updateDBMissing,
	"UpdateDB/taken, nothing changes":       updateDBTaken,
	"UpdateDB/its own code":                 updateDBOwnCode,
	"UpdateDB/concurrent, different fields": updateDBFieldsRace,
	"UpdateDB/concurrent, to one code":      updateDBCodeRace,
}

// sameCodes are short codes that differ only in letter case.
var sameCodes = [][2]string{
	{"HQ-1", "HQ-1"}, {"HQ-1", "hq-1"}, {"Éa", "éA"}, {"S", "ſ"}, {"İ", "i"}, {"Σ", "ς"}, {"ẞ", "ß"},
}

func createDBTaken(t *testing.T, f Fixture) {
	for i, codes := range sameCodes {
		first := officetest.DB(2*i, officetest.Coded(fmt.Sprint(i, codes[0])))
		second := officetest.DB(2*i+1, officetest.Coded(fmt.Sprint(i, codes[1])))
		f.AddDBs(t, first)
		err := f.Store.CreateDB(t.Context(), second)
		officetest.WantError(t, err, office.ErrShortCodeTaken)
		wantDBs(t, f, admin.DBQuery{Scope: office.Scope{DBs: []office.ID{first.ID, second.ID}}}, first)
	}
}

func createDBAlmostTaken(t *testing.T, f Fixture) {
	codes := []string{"HQ_1", "HQ-1", "HQ -1", "HQ-%", "E", "É", "ß", "SS", "ı", "I", ".*", "HQ"}
	dbs := officetest.DBs(len(codes))
	for i, code := range codes {
		dbs[i].ShortCode = code
	}
	f.AddDBs(t, dbs...)
	wantDBs(t, f, admin.DBQuery{Scope: everywhere}, dbs...)
}

func createDBAfterUpdate(t *testing.T, f Fixture) {
	f.AddDBs(t, officetest.DB(1, officetest.Coded("Hq")))
	_, err := f.Store.UpdateDB(t.Context(), officetest.DB(1).ID, office.DBPatch{ShortCode: new("Other")})
	officetest.Must(t, err)
	f.AddDBs(t, officetest.DB(2, officetest.Coded("hQ")))
	wantDBs(t, f, admin.DBQuery{Scope: everywhere},
		officetest.DB(1, officetest.Coded("Other")), officetest.DB(2, officetest.Coded("hQ")))
}

func createDBRace(t *testing.T, f Fixture) {
	dbOf := func(n int) office.DB {
		return officetest.DB(n, officetest.Coded([]string{"Éq", "éq", "ÉQ", "éQ"}[n%4]))
	}
	errs := officetest.Race(50, func(n int) error { return f.Store.CreateDB(t.Context(), dbOf(n)) })
	winner := officetest.OneWins(t, errs, office.ErrShortCodeTaken)
	wantDBs(t, f, admin.DBQuery{Scope: everywhere}, dbOf(winner))
}

func mustUpdateDB(t *testing.T, f Fixture, db *office.DB, patch office.DBPatch) {
	t.Helper()
	got, err := f.Store.UpdateDB(t.Context(), db.ID, patch)
	officetest.Must(t, err)
	patch.Apply(db)
	officetest.Equal(t, "what the change returns", got, *db)
}

func updateDBFields(t *testing.T, f Fixture) {
	db, other := officetest.DB(1), officetest.DB(2)
	f.AddDBs(t, db, other)
	for _, patch := range []office.DBPatch{
		{},
		{Name: new("O'Brien \"%_\\")},
		{ShortCode: new("É/7")},
		{Description: new("")},
		{Description: new("Everybody else")},
		{Name: new("Sector 9"), ShortCode: new("SEC-9"), Description: new("New")},
	} {
		mustUpdateDB(t, f, &db, patch)
		wantDBs(t, f, admin.DBQuery{Scope: everywhere}, db, other)
	}
}

func updateDBMissing(t *testing.T, f Fixture) {
	f.AddDBs(t, officetest.DB(1))
	for _, patch := range []office.DBPatch{{}, {Name: new("Sector 9")}, {ShortCode: new("SEC-9")}} {
		_, err := f.Store.UpdateDB(t.Context(), officetest.Missing, patch)
		officetest.WantError(t, err, office.ErrDBNotFound)
	}
	wantDBs(t, f, admin.DBQuery{Scope: everywhere}, officetest.DB(1))
}

func updateDBTaken(t *testing.T, f Fixture) {
	for i, codes := range sameCodes {
		first := officetest.DB(2*i, officetest.Coded(fmt.Sprint(i, codes[0])))
		second := officetest.DB(2*i + 1)
		f.AddDBs(t, first, second)
		patch := office.DBPatch{Name: new("Sector 9"), ShortCode: new(fmt.Sprint(i, codes[1])), Description: new("")}
		_, err := f.Store.UpdateDB(t.Context(), second.ID, patch)
		officetest.WantError(t, err, office.ErrShortCodeTaken)
		wantDBs(t, f, admin.DBQuery{Scope: office.Scope{DBs: []office.ID{first.ID, second.ID}}}, first, second)
	}
}

func updateDBOwnCode(t *testing.T, f Fixture) {
	db := officetest.DB(1, officetest.Coded("Éq"))
	f.AddDBs(t, db)
	for _, code := range []string{"Éq", "éQ", "Éq"} {
		mustUpdateDB(t, f, &db, office.DBPatch{ShortCode: &code})
		wantDBs(t, f, admin.DBQuery{Scope: everywhere}, db)
	}
}

func updateDBFieldsRace(t *testing.T, f Fixture) {
	db := officetest.DB(1)
	f.AddDBs(t, db)
	for round := range 20 {
		patches := []office.DBPatch{
			{Name: new(fmt.Sprint("Name ", round))},
			{ShortCode: new(fmt.Sprint("CODE-", round))},
			{Description: new(fmt.Sprint("Description ", round))},
		}
		officetest.WantEach(t, officetest.Race(len(patches), func(i int) error {
			_, err := f.Store.UpdateDB(t.Context(), db.ID, patches[i])
			return err
		}))
		for _, patch := range patches {
			patch.Apply(&db)
		}
		wantDBs(t, f, admin.DBQuery{Scope: everywhere}, db)
	}
}

func updateDBCodeRace(t *testing.T, f Fixture) {
	dbs := officetest.DBs(12)
	f.AddDBs(t, dbs...)
	patchOf := func(n int) office.DBPatch { return office.DBPatch{ShortCode: new([]string{"Hq", "hQ"}[n%2])} }
	errs := officetest.Race(len(dbs), func(n int) error {
		_, err := f.Store.UpdateDB(t.Context(), dbs[n].ID, patchOf(n))
		return err
	})
	winner := officetest.OneWins(t, errs, office.ErrShortCodeTaken)
	patchOf(winner).Apply(&dbs[winner])
	wantDBs(t, f, admin.DBQuery{Scope: everywhere}, dbs...)
}
