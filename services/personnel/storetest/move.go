package storetest

import (
	"errors"
	"testing"

	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// deletedDB: a database takes all its records with it, for every method.
func deletedDB(t *testing.T, f Fixture) {
	gone, stays := officetest.Roster(1, 4, one.ID), officetest.Roster(5, 7, two.ID)
	f.AddPersonnel(t, append(gone, stays...)...)
	f.DeletePersonnel(t, changed, gone[0].ID)
	f.DeleteDB(t, one.ID)
	officetest.WantError(t, f.Store.CheckDB(t.Context(), one.ID), office.ErrDBNotFound)
	_, err := f.Store.Create(t.Context(), officetest.Roster(8, 9, one.ID), edit)
	officetest.WantError(t, err, office.ErrDBNotFound)
	wantRefused(t, f, stays[0], office.PersonnelPatch{DBID: &one.ID}, office.ErrDBNotFound)
	wantNoRecord(t, f, everywhere, gone[1].ID)
	wantPage(t, f, personnel.Query{Scope: office.ScopeOf(one.ID)})
	wantWalk(t, f, everywhere, 2, stays)
	wantDeleted(t, f, everywhere, officetest.IDs(gone), nil)
	wantAll(t, f, stays...)
}

func move(t *testing.T, f Fixture) {
	record, there := officetest.Personnel(1, one.ID), officetest.Personnel(2, two.ID)
	f.AddPersonnel(t, record, there)
	mustUpdate(t, f, &record, office.PersonnelPatch{DBID: &two.ID})
	wantAll(t, f, record, there)
	wantNoRecord(t, f, office.ScopeOf(one.ID), record.ID)
	wantPage(t, f, personnel.Query{Scope: office.ScopeOf(two.ID)}, record, there)

	// Its number is free where it was, and taken where it is.
	successor := officetest.Personnel(3, one.ID, officetest.Numbered(record.ArmyNumber))
	f.AddPersonnel(t, successor)
	wantRefused(t, f, there, office.PersonnelPatch{ArmyNumber: &record.ArmyNumber}, office.ErrArmyNumberTaken)
	wantAll(t, f, record, there, successor)
}

func moveToMissing(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	for _, db := range []office.ID{officetest.Missing, {}} {
		wantRefused(t, f, record, office.PersonnelPatch{DBID: &db, Rank: new("Major")}, office.ErrDBNotFound)
	}
	wantAll(t, f, record)
}

func moveTaken(t *testing.T, f Fixture) {
	number := officetest.Numbered("N/1")
	record, there := officetest.Personnel(1, one.ID, number), officetest.Personnel(2, two.ID, number)
	f.AddPersonnel(t, record, there)
	wantRefused(t, f, record, office.PersonnelPatch{DBID: &two.ID, Rank: new("Major")}, office.ErrArmyNumberTaken)
	wantAll(t, f, record, there)
	f.DeletePersonnel(t, changed, there.ID)
	mustUpdate(t, f, &record, office.PersonnelPatch{DBID: &two.ID})
	wantAll(t, f, record)
}

func moveRenumbered(t *testing.T, f Fixture) {
	number := officetest.Numbered("N/1")
	record, there := officetest.Personnel(1, one.ID, number), officetest.Personnel(2, two.ID, number)
	neighbour := officetest.Personnel(3, one.ID, officetest.Numbered("N/2"))
	f.AddPersonnel(t, record, there, neighbour)
	mustUpdate(t, f, &record, office.PersonnelPatch{DBID: &two.ID, ArmyNumber: new("N/2")})
	wantAll(t, f, record, there, neighbour)
}

func moveNowhere(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	mustUpdate(t, f, &record, office.PersonnelPatch{DBID: &one.ID, Rank: new("Major")})
	wantAll(t, f, record)
}

// moveOutside: callers who may not see a record cannot tell it from one that
// does not exist, wherever they try to move it.
func moveOutside(t *testing.T, f Fixture) {
	hidden := officetest.Personnel(1, two.ID)
	f.AddPersonnel(t, hidden, officetest.Personnel(2, one.ID, officetest.Numbered(hidden.ArmyNumber)))
	for _, db := range []office.ID{one.ID, two.ID, officetest.Missing} {
		for _, scope := range outside {
			update := func(id office.ID) error {
				_, _, err := f.Store.Update(t.Context(), scope, id, office.PersonnelPatch{DBID: &db}, edit)
				return err
			}
			got, want := update(hidden.ID), update(officetest.Personnel(99, one.ID).ID)
			if got == nil || errors.Is(got, office.ErrNotFound) != errors.Is(want, office.ErrNotFound) {
				t.Errorf("moving a hidden record: %v, moving one that does not exist: %v", got, want)
			}
			wantRecord(t, f, hidden)
		}
	}
}
