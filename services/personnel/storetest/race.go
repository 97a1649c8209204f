package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var raceCases = cases{
	"Create/concurrent, 50 of one number":         createRace,
	"Create/concurrent, the same uploads":         createUploadRace,
	"Update/concurrent, different fields":         updateFieldsRace,
	"Update/concurrent, to one number":            updateNumberRace,
	"Update/concurrent, moves of one number":      moveRace,
	"Update/concurrent with a deletion":           updateWhileDeleted,
	"Delete/concurrent, each marked once":         deleteRace,
	"Delete/concurrent with a new one":            deleteWhileCreated,
	"Create and Update/concurrent, to one number": createWhileUpdated,
}

// errTaken stands for the indexes that Create returns.
var errTaken = errors.New("taken")

func create(t testing.TB, f Fixture, record office.Personnel) error {
	taken, err := f.Store.Create(t.Context(), []office.Personnel{record}, edit)
	if err == nil && len(taken) > 0 {
		return errTaken
	}
	return err
}

func update(t testing.TB, f Fixture, id office.ID, patch office.PersonnelPatch) error {
	_, _, err := f.Store.Update(t.Context(), everywhere, id, patch, edit)
	return err
}

// createRace: promise 22.
func createRace(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 50, one.ID, officetest.Numbered("N/1"))
	errs := officetest.Race(len(records), func(i int) error { return create(t, f, records[i]) })
	wantAll(t, f, records[officetest.OneWins(t, errs, errTaken)])
}

// createUploadRace: each row of concurrent uploads goes in once, and all
// uploads but one report it as taken.
func createUploadRace(t *testing.T, f Fixture) {
	const uploads, rows = 5, 20
	batches := make([][]office.Personnel, uploads)
	taken := make([][]int, uploads)
	for i := range batches {
		batches[i] = officetest.Roster(100*i, 100*i+rows-1, one.ID)
		for j := range batches[i] {
			batches[i][j].ArmyNumber = fmt.Sprint("N/", j)
		}
	}
	officetest.WantEach(t, officetest.Race(uploads, func(i int) (err error) {
		taken[i], err = f.Store.Create(t.Context(), batches[i], edit)
		return err
	}))
	var kept []office.Personnel
	for i, batch := range batches {
		for j, record := range batch {
			if !slices.Contains(taken[i], j) {
				kept = append(kept, record)
			}
		}
	}
	officetest.Equal(t, "the number of rows that went in", len(kept), rows)
	wantAll(t, f, kept...)
}

// updateFieldsRace: promise 25.
func updateFieldsRace(t *testing.T, f Fixture) {
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	rounds := 25
	if f.Slow {
		rounds = 10
	}
	for round := range rounds {
		patches := []office.PersonnelPatch{
			{FirstName: new(fmt.Sprint("First", round))},
			{BankSortCode: new(fmt.Sprint("00-", round))},
			{ArmyNumber: new(fmt.Sprint("N/1-", round))},
			{Status: new(office.Statuses[round%len(office.Statuses)]), Remark: new(fmt.Sprint("round ", round))},
		}
		officetest.WantEach(t, officetest.Race(len(patches), func(i int) error {
			return update(t, f, record.ID, patches[i])
		}))
		for _, patch := range patches {
			record, _ = edit.Patch(record, patch)
		}
		wantRecord(t, f, record)
	}
	wantAll(t, f, record)
}

// raceTo makes one change to all records at once, which only one can have.
func raceTo(t *testing.T, f Fixture, records []office.Personnel, patch office.PersonnelPatch) {
	f.AddPersonnel(t, records...)
	errs := officetest.Race(len(records), func(i int) error { return update(t, f, records[i].ID, patch) })
	winner := &records[officetest.OneWins(t, errs, office.ErrArmyNumberTaken)]
	*winner, _ = edit.Patch(*winner, patch)
	wantAll(t, f, records...)
}

func updateNumberRace(t *testing.T, f Fixture) {
	raceTo(t, f, officetest.Roster(1, 20, one.ID), office.PersonnelPatch{ArmyNumber: new("N/1000")})
}

func moveRace(t *testing.T, f Fixture) {
	var records []office.Personnel
	for n := range 12 {
		db := officetest.DB(10 + n)
		f.AddDBs(t, db)
		records = append(records, officetest.Personnel(n, db.ID, officetest.Numbered("N/1")))
	}
	raceTo(t, f, records, office.PersonnelPatch{DBID: &one.ID})
}

func createWhileUpdated(t *testing.T, f Fixture) {
	for round := range 10 {
		old, fresh := officetest.Personnel(2*round, one.ID), officetest.Personnel(2*round+1, one.ID)
		f.AddPersonnel(t, old)
		errs := officetest.Race(2, func(i int) error {
			if i == 0 {
				return create(t, f, fresh)
			}
			err := update(t, f, old.ID, office.PersonnelPatch{ArmyNumber: &fresh.ArmyNumber})
			if errors.Is(err, office.ErrArmyNumberTaken) {
				return errTaken
			}
			return err
		})
		if officetest.OneWins(t, errs, errTaken) == 0 {
			wantRecord(t, f, fresh)
			wantRecord(t, f, old)
		} else {
			wantNoRecord(t, f, everywhere, fresh.ID)
		}
	}
}

// updateWhileDeleted: whichever comes first, the record stays deleted.
func updateWhileDeleted(t *testing.T, f Fixture) {
	for n := range 15 {
		record := officetest.Personnel(n, one.ID)
		f.AddPersonnel(t, record)
		errs := officetest.Race(2, func(i int) error {
			if i == 0 {
				return update(t, f, record.ID, office.PersonnelPatch{Rank: new("Major"), DBID: &two.ID})
			}
			deleted, err := f.Store.Delete(t.Context(), everywhere, []office.ID{record.ID}, edit)
			officetest.SameIDs(t, "what was deleted", deleted, []office.ID{record.ID})
			return err
		})
		officetest.WantEach(t, errs[:1], office.ErrNotFound)
		officetest.WantEach(t, errs[1:])
		wantNoRecord(t, f, everywhere, record.ID)
	}
	wantAll(t, f)
}

func deleteRace(t *testing.T, f Fixture) {
	ids := officetest.IDs(officetest.Roster(1, 10, one.ID))
	f.AddPersonnel(t, officetest.Roster(1, 11, one.ID)...)
	deleted := make([][]office.ID, 10)
	officetest.WantEach(t, officetest.Race(len(deleted), func(i int) (err error) {
		deleted[i], err = f.Store.Delete(t.Context(), everywhere, ids, edit)
		return err
	}))
	officetest.SameIDs(t, "what all calls together deleted", slices.Concat(deleted...), ids)
	wantAll(t, f, officetest.Personnel(11, one.ID))
}

// deleteWhileCreated: a number is taken or free, and nothing in between.
func deleteWhileCreated(t *testing.T, f Fixture) {
	for round := range 10 {
		number := officetest.Numbered(fmt.Sprint("N/", round))
		old, fresh := officetest.Personnel(2*round, one.ID, number), officetest.Personnel(2*round+1, one.ID, number)
		f.AddPersonnel(t, old)
		errs := officetest.Race(2, func(i int) error {
			if i == 0 {
				return create(t, f, fresh)
			}
			return f.Seed.DeletePersonnel(t.Context(), changed, old.ID)
		})
		officetest.WantEach(t, errs[:1], errTaken)
		officetest.WantEach(t, errs[1:])
		if errs[0] == nil {
			wantAll(t, f, fresh)
			f.DeletePersonnel(t, changed, fresh.ID)
		}
		wantAll(t, f)
	}
}
