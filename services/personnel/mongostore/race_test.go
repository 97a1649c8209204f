package mongostore

import (
	"testing"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Promise 24: what others put into a database while it is deleted is gone with
// it, and nobody is told that a record is kept which is not.
func TestAddWhileDatabaseIsDeleted(t *testing.T) {
	client := mongotest.Open(t)
	officetest.Must(t, mongotest.Seed{Client: client}.AddDB(t.Context(), home))
	for round := range 10 {
		addWhileDeleted(t, client, officetest.DB(round), 1000*round)
	}
}

// home is where records move from.
var home = officetest.DB(1000)

func addWhileDeleted(t *testing.T, client *mongodb.Client, db office.DB, first int) {
	const creators, movers, each = 4, 4, 10
	store, seed := New(client), mongotest.Seed{Client: client}
	officetest.Must(t, seed.AddDB(t.Context(), db))
	moving := officetest.Roster(first, first+movers-1, home.ID)
	officetest.Must(t, seed.AddPersonnel(t.Context(), moving...))
	errs := officetest.Race(movers+creators+1, func(i int) (err error) {
		switch {
		case i < movers:
			_, _, err = store.Update(t.Context(), office.Scope{All: true}, moving[i].ID, office.PersonnelPatch{DBID: &db.ID}, office.Edit{At: officetest.At(1)})
		case i < movers+creators:
			for n := 0; n < each && err == nil; n++ {
				_, err = store.Create(t.Context(), []office.Personnel{officetest.Personnel(first+each*i+n, db.ID)}, office.Edit{})
			}
		default:
			err = seed.DeleteDB(t.Context(), db.ID)
		}
		return err
	})
	officetest.WantEach(t, errs, office.ErrDBNotFound)
	left, _, err := store.After(t.Context(), office.ScopeOf(db.ID), office.Personnel{}, 100)
	officetest.Must(t, err)
	officetest.Equal(t, "the number of records without a database", len(left), 0)
	for i, record := range moving {
		_, err := store.Get(t.Context(), office.ScopeOf(home.ID), record.ID)
		if stayed, moved := err == nil, errs[i] == nil; stayed == moved {
			t.Errorf("a record was moved: %v, and is where it was: %v", moved, stayed)
		}
	}
}
