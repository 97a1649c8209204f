package storetest

import (
	"math/rand/v2"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var listDBCases = cases{
	"DBs/none":               listNoDBs,
	"DBs/in order, in parts": listDBsInOrder,
	"DBs/created together":   listDBsCreatedTogether,
	"DBs/by scope":           listDBsByScope,
	"DBs/by words":           listDBsByWords,
	"DBs/after a change":     listDBsAfterChange,
	"DBs/random questions":   listDBsRandom,
}

var everywhere = office.Scope{All: true}

func dbLister(t *testing.T, f Fixture, query admin.DBQuery) officetest.Lister[office.DB] {
	return func(offset, limit int) ([]office.DB, int, error) {
		query.Offset, query.Limit = offset, limit
		return f.Store.DBs(t.Context(), query)
	}
}

func wantDBs(t *testing.T, f Fixture, query admin.DBQuery, want ...office.DB) {
	t.Helper()
	officetest.Pages(t, dbLister(t, f, query), want)
}

func listNoDBs(t *testing.T, f Fixture) {
	wantDBs(t, f, admin.DBQuery{Scope: everywhere})
	f.AddDBs(t, officetest.DB(1))
	wantDBs(t, f, admin.DBQuery{})
	wantDBs(t, f, admin.DBQuery{Scope: everywhere, Words: []string{"nowhere"}})
}

func listDBsInOrder(t *testing.T, f Fixture) {
	dbs := officetest.DBs(14) // crosses a whole second
	f.AddDBs(t, officetest.Shuffled(dbs)...)
	wantDBs(t, f, admin.DBQuery{Scope: everywhere}, dbs...)
}

// listDBsCreatedTogether: in whatever order they come, it is the same for
// every page.
func listDBsCreatedTogether(t *testing.T, f Fixture) {
	ids := []office.ID{}
	for _, db := range officetest.DBs(9) {
		db.CreatedAt = officetest.At(0)
		f.AddDBs(t, db)
		ids = append(ids, db.ID)
	}
	id := func(db office.DB) office.ID { return db.ID }
	officetest.EachOnce(t, dbLister(t, f, admin.DBQuery{Scope: everywhere}), id, ids)
}

func listDBsByScope(t *testing.T, f Fixture) {
	dbs := officetest.DBs(3)
	one, two, three := dbs[0], dbs[1], dbs[2]
	f.AddDBs(t, dbs...)
	for _, c := range []struct {
		name  string
		scope office.Scope
		want  []office.DB
	}{
		{"all", everywhere, dbs},
		{"all, and some", office.Scope{All: true, DBs: []office.ID{two.ID}}, dbs},
		{"none", office.Scope{}, nil},
		{"an empty list", office.Scope{DBs: []office.ID{}}, nil},
		{"one", office.ScopeOf(two.ID), dbs[1:2]},
		{"two in another order", office.Scope{DBs: []office.ID{three.ID, one.ID}}, []office.DB{one, three}},
		{"one twice", office.Scope{DBs: []office.ID{two.ID, two.ID}}, dbs[1:2]},
		{"missing", office.ScopeOf(officetest.Missing), nil},
		{"one and missing", office.Scope{DBs: []office.ID{officetest.Missing, one.ID}}, dbs[:1]},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantDBs(t, f, admin.DBQuery{Scope: c.scope}, c.want...)
		})
	}
}

func listDBsByWords(t *testing.T, f Fixture) {
	db := officetest.DB(1, officetest.Coded("É_7K"), func(db *office.DB) { db.Name = "O'Brien 100%" })
	f.AddDBs(t, officetest.DB(2), db)
	for typed, found := range map[string]bool{
		"é_7": true, "É_7\u212a": true, "e_7": false, "o'b": true, "BRIEN 7k": true, "0%": true, "%0": false,
		".*": false, "é.7": false, "éx7": false, "sector 7k": false, "everybody": false, db.ID.Hex(): false,
	} {
		t.Run(typed, func(t *testing.T) {
			wantDBs(t, f, admin.DBQuery{Scope: everywhere, Words: office.SearchWords(typed)}, officetest.Only(found, db)...)
		})
	}
}

// listDBsAfterChange: a search finds a database by what it is called now.
func listDBsAfterChange(t *testing.T, f Fixture) {
	db := officetest.DB(1)
	f.AddDBs(t, db)
	mustUpdateDB(t, f, &db, office.DBPatch{Name: new("Zoë")})
	mustUpdateDB(t, f, &db, office.DBPatch{ShortCode: new("Z-1")})
	wantDBs(t, f, admin.DBQuery{Scope: everywhere, Words: []string{"z-1", "zoë"}}, db)
	wantDBs(t, f, admin.DBQuery{Scope: everywhere, Words: []string{"sec"}})
}

func listDBsRandom(t *testing.T, f Fixture) {
	rng := officetest.Rand()
	dbs := officetest.DBs(30)
	for i := range dbs {
		dbs[i].Name = officetest.RandomName(rng)
		dbs[i].ShortCode += officetest.RandomName(rng)
	}
	f.AddDBs(t, officetest.Shuffled(dbs)...)
	officetest.Search[admin.DBQuery, office.DB]{
		All: dbs, Text: office.DB.SearchText,
		Ask: func(rng *rand.Rand, offset, limit int) admin.DBQuery {
			scope := officetest.RandomScope(rng, dbs)
			return admin.DBQuery{Scope: scope, Words: officetest.RandomWords(rng), Offset: offset, Limit: limit}
		},
		Matches: func(query admin.DBQuery, db office.DB, text string) bool {
			return query.Scope.Allows(db.ID) && office.MatchesAll(text, query.Words)
		},
		List: f.Store.DBs,
	}.Check(t, f.Questions()/4) // promise 4 is about records
}
