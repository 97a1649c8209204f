package storetest

import (
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var afterCases = cases{
	"After/none":                       afterNone,
	"After/everything once, in order":  afterEverything,
	"After/created together":           afterCreatedTogether,
	"After/a record deleted meanwhile": afterDeleted,
	"After/a record added meanwhile":   afterAdded,
}

func after(t testing.TB, f Fixture, scope office.Scope, last office.Personnel, limit int) []office.Personnel {
	t.Helper()
	records, err := officetest.ReadAfter(f.Store.After(t.Context(), scope, last, limit))
	officetest.Must(t, err)
	return records
}

// wantWalk reads on from the first record to the last, and checks what it
// sees.
func wantWalk(t testing.TB, f Fixture, scope office.Scope, limit int, want []office.Personnel) {
	t.Helper()
	seen := []office.Personnel{}
	last := office.Personnel{}
	for len(seen) <= len(want) {
		step := after(t, f, scope, last, limit)
		if len(step) == 0 {
			break
		}
		if len(step) > limit {
			t.Fatalf("%d records at once, want at most %d", len(step), limit)
		}
		seen, last = append(seen, step...), step[len(step)-1]
	}
	officetest.Equal(t, "what reading on sees", seen, append([]office.Personnel{}, want...))
}

func afterNone(t *testing.T, f Fixture) {
	none := []office.Personnel{}
	officetest.Equal(t, "an empty store", after(t, f, everywhere, office.Personnel{}, 5), none)
	record := officetest.Personnel(1, one.ID)
	f.AddPersonnel(t, record)
	officetest.Equal(t, "what follows the last", after(t, f, everywhere, record, 5), none)
	officetest.Equal(t, "an empty scope", after(t, f, office.Scope{}, office.Personnel{}, 5), none)
}

func afterEverything(t *testing.T, f Fixture) {
	live := inOrder(addRandom(t, f, []office.DB{one, two, three}, 24))
	for _, scope := range []office.Scope{
		everywhere, {}, office.ScopeOf(two.ID), {DBs: []office.ID{three.ID, officetest.Missing, one.ID}},
	} {
		var want []office.Personnel
		for _, record := range live {
			if scope.Allows(record.DBID) {
				want = append(want, record)
			}
		}
		for _, limit := range []int{1, 2, 7, len(live), 500} {
			wantWalk(t, f, scope, limit, want)
		}
	}
}

func afterCreatedTogether(t *testing.T, f Fixture) {
	created := officetest.Created(officetest.At(0))
	records := append(officetest.Roster(1, 7, one.ID, created), officetest.Roster(8, 14, two.ID, created)...)
	f.AddPersonnel(t, records...)
	for _, limit := range []int{1, 3, 7, 14} {
		wantWalk(t, f, everywhere, limit, inOrder(records))
	}
}

// afterDeleted: the last record may be gone when reading goes on.
func afterDeleted(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 6, one.ID)
	f.AddPersonnel(t, records...)
	step := after(t, f, everywhere, office.Personnel{}, 3)
	f.DeletePersonnel(t, officetest.At(9), records[2].ID, records[0].ID, records[3].ID)
	officetest.Equal(t, "what follows", after(t, f, everywhere, step[len(step)-1], 5), records[4:])
}

func afterAdded(t *testing.T, f Fixture) {
	records := officetest.Roster(10, 13, two.ID)
	f.AddPersonnel(t, records...)
	step := after(t, f, everywhere, office.Personnel{}, 2)
	late, early := officetest.Personnel(20, two.ID), officetest.Personnel(1, two.ID)
	f.AddPersonnel(t, late, early)
	officetest.Equal(t, "what follows", after(t, f, everywhere, step[len(step)-1], 5), append(records[2:], late))
}
