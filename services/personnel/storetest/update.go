package storetest

import (
	"fmt"
	"testing"

	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var updateCases = cases{
	"Update/each field alone":             updateFields,
	"Update/missing":                      updateMissing,
	"Update/outside of scope":             updateOutside,
	"Update/deleted":                      updateDeleted,
	"Update/taken, nothing changes":       updateTaken,
	"Update/number of a deleted record":   updateToFreed,
	"Update/its own number":               updateOwnNumber,
	"Update/optional fields are cleared":  updateClears,
	"Update/number of another database":   updateToNumberElsewhere,
	"Update/letter case of a number only": updateLetterCase,
	"UpdateAll":                           updateAll,
}

var moveCases = cases{
	"Update/move":                               move,
	"Update/move, missing database":             moveToMissing,
	"Update/move, taken there, nothing changes": moveTaken,
	"Update/move with another number":           moveRenumbered,
	"Update/move within its database":           moveNowhere,
	"Update/move of what is out of scope":       moveOutside,
	"all methods/a deleted database":            deletedDB,
}

var changed = officetest.At(500)

// edit is who makes the changes of the tests, and when.
var edit = office.Edit{By: officetest.User(1).Author(), At: changed}

// mustUpdate changes a record in the store, and record likewise.
func mustUpdate(t testing.TB, f Fixture, record *office.Personnel, patch office.PersonnelPatch) {
	t.Helper()
	got, _, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, edit)
	officetest.Must(t, err)
	*record, _ = edit.Patch(*record, patch)
	officetest.Equal(t, "what the change returns", got, *record)
}

// wantRefused checks that a change is refused and that nothing changes.
func wantRefused(t testing.TB, f Fixture, record office.Personnel, patch office.PersonnelPatch, want error) {
	t.Helper()
	got, _, err := f.Store.Update(t.Context(), everywhere, record.ID, patch, edit)
	officetest.WantError(t, err, want)
	if want == office.ErrArmyNumberTaken {
		would, _ := edit.Patch(record, patch)
		officetest.Equal(t, "the record as it would be", got, would)
	}
	wantRecord(t, f, record)
}

func updateFields(t *testing.T, f Fixture) {
	other := officetest.Personnel(0, one.ID)
	f.AddPersonnel(t, other)
	n := 0
	for name, patch := range map[string]office.PersonnelPatch{
		"first name":   {FirstName: new("Zoë \"%_\\")},
		"last name":    {LastName: new("O'Brien")},
		"middle name":  {MiddleName: new("X")},
		"army number":  {ArmyNumber: new("n/9")},
		"phone number": {PhoneNumber: new("+234 1")},
		"rank":         {Rank: new("Sergeant")},
		"bank name":    {BankName: new("Bank & Söhne")},
		"sort code":    {BankSortCode: new("00-00-01")},
		"acct number":  {AcctNumber: new("0000000001")},
		"sub sector":   {SubSector: new("4B")},
		"location":     {Location: new("Yola")},
		"remark":       {Remark: new("none")},
		"database":     {DBID: &two.ID},
		"status":       {Status: new(office.StatusRTU)},
		"several":      {FirstName: new("Musa"), BankName: new("Other"), Status: new(office.StatusDeath), DBID: &three.ID},
	} {
		t.Run(name, func(t *testing.T) {
			n++
			record := officetest.Personnel(n, one.ID)
			f.AddPersonnel(t, record)
			mustUpdate(t, f, &record, patch)
			wantAll(t, f, record, other)
			f.DeletePersonnel(t, changed, record.ID)
		})
	}
}

func updateClears(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	mustUpdate(t, f, &record, office.PersonnelPatch{MiddleName: new(""), Location: new(""), Remark: new("")})
	wantAll(t, f, record)
	mustUpdate(t, f, &record, office.PersonnelPatch{Remark: new("again")})
	wantAll(t, f, record)
}

func updateMissing(t *testing.T, f Fixture) {
	f.AddPersonnel(t, officetest.Personnel(1, one.ID))
	_, _, err := f.Store.Update(t.Context(), everywhere, officetest.Missing, office.PersonnelPatch{Rank: new("Major")}, edit)
	officetest.WantError(t, err, office.ErrNotFound)
	wantAll(t, f, officetest.Personnel(1, one.ID))
}

func updateOutside(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, two.ID)
	f.AddPersonnel(t, record)
	patch := office.PersonnelPatch{Rank: new("Major")}
	for _, scope := range outside {
		_, _, err := f.Store.Update(t.Context(), scope, record.ID, patch, edit)
		officetest.WantError(t, err, office.ErrNotFound)
		wantRecord(t, f, record)
	}
	for _, scope := range within {
		_, _, err := f.Store.Update(t.Context(), scope, record.ID, patch, edit)
		officetest.Must(t, err)
	}
}

func updateDeleted(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	f.DeletePersonnel(t, changed, record.ID)
	_, _, err := f.Store.Update(t.Context(), everywhere, record.ID, office.PersonnelPatch{Rank: new("Major")}, edit)
	officetest.WantError(t, err, office.ErrNotFound)
	wantNoRecord(t, f, everywhere, record.ID)
}

func updateTaken(t *testing.T, f Fixture) {
	first, second := officetest.Personnel(1, one.ID), officetest.Personnel(2, one.ID)
	f.AddPersonnel(t, first, second)
	patch := office.PersonnelPatch{
		Rank: new("Major"), ArmyNumber: &first.ArmyNumber, Status: new(office.StatusAWOL), Remark: new(""),
	}
	wantRefused(t, f, second, patch, office.ErrArmyNumberTaken)
	wantAll(t, f, first, second)
}

func updateToFreed(t *testing.T, f Fixture) {
	first, second := officetest.Personnel(1, one.ID), officetest.Personnel(2, one.ID)
	f.AddPersonnel(t, first, second)
	f.DeletePersonnel(t, changed, first.ID)
	mustUpdate(t, f, &second, office.PersonnelPatch{ArmyNumber: &first.ArmyNumber})
	wantAll(t, f, second)
}

func updateToNumberElsewhere(t *testing.T, f Fixture) {
	record, elsewhere := officetest.Personnel(1, one.ID), officetest.Personnel(2, two.ID)
	f.AddPersonnel(t, record, elsewhere)
	mustUpdate(t, f, &record, office.PersonnelPatch{ArmyNumber: &elsewhere.ArmyNumber})
	wantAll(t, f, record, elsewhere)
}

func updateOwnNumber(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	mustUpdate(t, f, &record, office.PersonnelPatch{ArmyNumber: new(record.ArmyNumber), Rank: new("Major")})
	wantAll(t, f, record)
}

func updateLetterCase(t *testing.T, f Fixture) {
	first, second := officetest.Personnel(1, one.ID, officetest.Numbered("NÉ/1")), officetest.Personnel(2, one.ID)
	f.AddPersonnel(t, first, second)
	mustUpdate(t, f, &second, office.PersonnelPatch{ArmyNumber: new("né/1")})
	wantRefused(t, f, second, office.PersonnelPatch{ArmyNumber: new("NÉ/1")}, office.ErrArmyNumberTaken)
	mustUpdate(t, f, &first, office.PersonnelPatch{ArmyNumber: new("Né/1")})
	wantAll(t, f, first, second)
}

func updateAll(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 150, one.ID) // more than one step has
	elsewhere := officetest.Personnel(400, two.ID)
	f.AddPersonnel(t, append(records, elsewhere)...)
	f.DeletePersonnel(t, officetest.At(9), records[0].ID)
	changes := []personnel.RecordPatch{{ID: records[0].ID}, {ID: elsewhere.ID}, {ID: officetest.Missing}, {ID: records[1].ID}}
	for i := range records[2:] {
		changes = append(changes, personnel.RecordPatch{ID: records[i+2].ID})
	}
	changes = append(changes, personnel.RecordPatch{ID: elsewhere.ID})
	for i := range changes {
		changes[i].Patch = office.PersonnelPatch{FirstName: new(fmt.Sprint("Neu", i)), AcctNumber: new("0123456789")}
	}
	changes[3].Patch = office.PersonnelPatch{FirstName: &records[1].FirstName}
	missing, err := f.Store.UpdateAll(t.Context(), one.ID, changes, edit)
	officetest.Must(t, err)
	officetest.Equal(t, "those that are not there", missing, []int{0, 1, 2, len(changes) - 1})
	for i := range records[2:] {
		var entry office.Entry
		records[i+2], entry = edit.Patch(records[i+2], changes[i+4].Patch)
		if i == 0 {
			recorded, err := f.Store.GetWithHistory(t.Context(), everywhere, records[2].ID)
			officetest.Must(t, err)
			officetest.Equal(t, "the entry", recorded.History[1], entry)
		}
	}
	wantAll(t, f, append(records[1:], elsewhere)...)
	found, _, err := f.Store.Page(t.Context(), personnel.Query{Scope: office.ScopeOf(one.ID), Words: []string{"neu4"}, Limit: 1})
	officetest.Must(t, err)
	officetest.Equal(t, "the first that is found by its new name", found, []office.RecordJSON{records[2].JSON()})

	none, err := f.Store.UpdateAll(t.Context(), officetest.Missing, changes[:1], edit)
	officetest.Must(t, err)
	officetest.Equal(t, "those that are not there in no database", none, []int{0})
}
