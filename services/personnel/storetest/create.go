package storetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var createCases = cases{
	"Create/missing database, none kept":   createInMissing,
	"Create/numbers that are taken":        createTaken,
	"Create/letter case tells apart":       createInOtherCase,
	"Create/same number, other database":   createInOtherDB,
	"Create/number of a deleted record":    createAfterDelete,
	"Create/again and again, at one time":  createAgainAtOnce,
	"Create/number given up":               createAfterUpdate,
	"Create/some hundreds in one step":     createMany,
	"Create/the same again adds nothing":   createSameAgain,
	"Create/number as text, not a pattern": createPatterns,
	"Create/interrupted, then repeated":    createInterrupted,
}

func createInMissing(t *testing.T, f Fixture) {
	f.AddPersonnel(t, officetest.Personnel(1, one.ID))
	for _, db := range []office.ID{officetest.Missing, {}} {
		_, err := f.Store.Create(t.Context(), officetest.Roster(2, 4, db), edit)
		officetest.WantError(t, err, office.ErrDBNotFound)
	}
	wantAll(t, f, officetest.Personnel(1, one.ID))
}

// roster is officetest.Roster with these army numbers.
func roster(first int, db office.ID, numbers ...string) []office.Personnel {
	records := officetest.Roster(first, first+len(numbers)-1, db)
	for i, number := range numbers {
		records[i].ArmyNumber = number
	}
	return records
}

func createTaken(t *testing.T, f Fixture) {
	for i, c := range []struct {
		name    string
		numbers []string // of new records; x and y are taken
		taken   []int
	}{
		{"none", []string{"a", "b"}, nil},
		{"by the store", []string{"a", "x", "b"}, []int{1}},
		{"by one further up", []string{"a", "b", "a"}, []int{2}},
		{"by one further up, twice", []string{"a", "a", "b", "a"}, []int{1, 3}},
		{"by both", []string{"x", "a", "x", "a", "y"}, []int{0, 2, 3, 4}},
		{"all", []string{"x", "y", "x"}, []int{0, 1, 2}},
		{"the only one", []string{"y"}, []int{0}},
		{"the first and the last", []string{"y", "a", "b", "c", "x"}, []int{0, 4}},
		{"in another database", []string{"z"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			there := append(roster(100*i, one.ID, "x", "y"), roster(100*i+2, two.ID, "z")...)
			f.AddPersonnel(t, there...)
			wantTaken(t, f, roster(100*i+3, one.ID, c.numbers...), c.taken, there)
		})
	}
}

// wantTaken creates records, checks which are refused and that the others
// now stand beside those that were there, and deletes all.
func wantTaken(t *testing.T, f Fixture, records []office.Personnel, want []int, there []office.Personnel) {
	t.Helper()
	taken, err := f.Store.Create(t.Context(), records, edit)
	officetest.Must(t, err)
	if slices.Sort(taken); !slices.Equal(taken, want) {
		t.Errorf("taken: %v, want %v", taken, want)
	}
	all := slices.Clone(there)
	for i, record := range records {
		if !slices.Contains(want, i) {
			all = append(all, record)
		}
	}
	wantAll(t, f, all...)
	f.DeletePersonnel(t, officetest.At(99), officetest.IDs(all)...)
}

func createInOtherCase(t *testing.T, f Fixture) {
	records := roster(1, one.ID, "NÉ/K", "né/k", "Né/K", "NÉ /K")
	f.AddPersonnel(t, records...)
	wantAll(t, f, records...)
}

func createInOtherDB(t *testing.T, f Fixture) {
	number := officetest.Numbered("N/1")
	records := []office.Personnel{
		officetest.Personnel(1, one.ID, number), officetest.Personnel(2, two.ID, number), officetest.Personnel(3, three.ID, number),
	}
	f.AddPersonnel(t, records...)
	wantAll(t, f, records...)
}

func createAfterDelete(t *testing.T, f Fixture) {
	recreate(t, f, func(n int) time.Time { return officetest.At(100 + n) })
}

// createAgainAtOnce: the clocks of several replicas may show the same time,
// so the times of deletion cannot tell records apart.
func createAgainAtOnce(t *testing.T, f Fixture) {
	recreate(t, f, func(int) time.Time { return officetest.At(100) })
}

// recreate creates and deletes a record of one number several times.
func recreate(t *testing.T, f Fixture, deletedAt func(n int) time.Time) {
	for n := range 4 {
		record := officetest.Personnel(n, one.ID, officetest.Numbered("N/1"))
		f.AddPersonnel(t, record)
		wantAll(t, f, record)
		f.DeletePersonnel(t, deletedAt(n), record.ID)
		wantAll(t, f)
	}
}

func createAfterUpdate(t *testing.T, f Fixture) {
	first := officetest.Personnel(1, one.ID, officetest.Numbered("N/1"))
	f.AddPersonnel(t, first)
	mustUpdate(t, f, &first, office.PersonnelPatch{ArmyNumber: new("N/2")})
	second := officetest.Personnel(2, one.ID, officetest.Numbered("N/1"))
	f.AddPersonnel(t, second)
	wantAll(t, f, first, second)
}

func createMany(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 300, one.ID)
	f.AddPersonnel(t, records...)
	wantAll(t, f, records...)
}

func createSameAgain(t *testing.T, f Fixture) {
	f.AddPersonnel(t, officetest.Roster(1, 20, one.ID)...)
	again := officetest.Roster(101, 120, one.ID)
	indexes := []int{}
	for i := range again {
		again[i].ArmyNumber = officetest.Personnel(i+1, one.ID).ArmyNumber
		indexes = append(indexes, i)
	}
	wantTaken(t, f, again, indexes, officetest.Roster(1, 20, one.ID))
}

func createPatterns(t *testing.T, f Fixture) {
	records := roster(1, one.ID, "N/1", "N_1", "N%", ".*", "N /1", "N/1'", `{"$ne":""}`, "$ne")
	f.AddPersonnel(t, records...)
	wantAll(t, f, records...)
}

// createInterrupted, promise 23: an upload that is stopped at any moment may
// have gone in or not. The same again brings in what is missing, each row once.
func createInterrupted(t *testing.T, f Fixture) {
	officetest.Interrupted(t, func(ctx context.Context, round int) error {
		first := 10 * round
		rows, again := officetest.Roster(first, first+4, one.ID), officetest.Roster(first+5, first+9, one.ID)
		_, err := f.Store.Create(ctx, rows, edit)
		for i := range again {
			again[i].ArmyNumber = rows[i].ArmyNumber
		}
		taken, repeated := f.Store.Create(t.Context(), again, edit)
		officetest.Must(t, repeated)
		if err == nil && len(taken) != len(rows) {
			t.Errorf("%d of %d rows that were acknowledged were there", len(taken), len(rows))
		}
		all := again
		for _, i := range taken {
			all[i] = rows[i]
		}
		wantAll(t, f, all...)
		f.DeletePersonnel(t, officetest.At(5000+round), officetest.IDs(all)...)
		return err
	})
}
