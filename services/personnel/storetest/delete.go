package storetest

import (
	"maps"
	"slices"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var deleteCases = cases{
	"Delete/which were marked":         deleteMarked,
	"Delete/within scope":              deleteWithin,
	"Delete/outside of scope":          deleteOutside,
	"Delete/twice":                     deleteTwice,
	"Delete/as many ids as a call has": deleteMany,
}

// wantDeleted deletes and checks the ids that come back.
func wantDeleted(t testing.TB, f Fixture, scope office.Scope, ids, want []office.ID) {
	t.Helper()
	got, err := f.Store.Delete(t.Context(), scope, ids, edit)
	officetest.Must(t, err)
	officetest.SameIDs(t, "what was deleted", got, want)
}

func deleteMarked(t *testing.T, f Fixture) {
	records := officetest.Roster(1, 5, one.ID)
	elsewhere := officetest.Personnel(6, two.ID)
	f.AddPersonnel(t, append(records, elsewhere)...)
	id := officetest.IDs(records)
	for _, c := range []struct {
		name      string
		ids, want []office.ID
	}{
		{"no ids", nil, nil},
		{"an empty list", []office.ID{}, nil},
		{"missing ones", []office.ID{officetest.Missing, {}, one.ID}, nil},
		{"one", id[:1], id[:1]},
		{"one, again", id[:1], nil},
		{"some, one twice", []office.ID{id[2], officetest.Missing, id[0], id[1], id[2]}, id[1:3]},
		{"of two databases", []office.ID{elsewhere.ID, id[3]}, []office.ID{elsewhere.ID, id[3]}},
	} {
		t.Run(c.name, func(t *testing.T) { wantDeleted(t, f, everywhere, c.ids, c.want) })
	}
	wantAll(t, f, records[4])
}

func deleteWithin(t *testing.T, f Fixture) {
	for n, name := range slices.Sorted(maps.Keys(within)) {
		t.Run(name, func(t *testing.T) {
			ids := []office.ID{officetest.Personnel(n, two.ID).ID}
			f.AddPersonnel(t, officetest.Personnel(n, two.ID))
			wantDeleted(t, f, within[name], ids, ids)
			wantAll(t, f)
		})
	}
}

func deleteOutside(t *testing.T, f Fixture) {
	hidden, seen := officetest.Personnel(1, two.ID), officetest.Personnel(2, one.ID)
	f.AddPersonnel(t, hidden, seen)
	for name, scope := range outside {
		t.Run(name, func(t *testing.T) {
			wantDeleted(t, f, scope, []office.ID{hidden.ID}, nil)
			wantAll(t, f, hidden, seen)
		})
	}
	wantDeleted(t, f, office.ScopeOf(one.ID), []office.ID{hidden.ID, seen.ID}, []office.ID{seen.ID})
	wantAll(t, f, hidden)
}

func deleteTwice(t *testing.T, f Fixture) {
	ids := officetest.IDs(officetest.Roster(1, 3, one.ID))
	f.AddPersonnel(t, officetest.Roster(1, 3, one.ID)...)
	wantDeleted(t, f, office.ScopeOf(one.ID), ids[:2], ids[:2])
	wantDeleted(t, f, office.ScopeOf(one.ID), ids, ids[2:])
	wantDeleted(t, f, office.ScopeOf(one.ID), ids, nil)
	wantAll(t, f)
}

// deleteMany names 10000 records, the most that a client may name; few exist.
func deleteMany(t *testing.T, f Fixture) {
	named := officetest.IDs(officetest.Roster(1, 10000, one.ID))
	there := append(officetest.Roster(1, 10, one.ID), officetest.Roster(9991, 10000, one.ID)...)
	stays := officetest.Personnel(10001, one.ID)
	f.AddPersonnel(t, append(there, stays)...)
	wantDeleted(t, f, everywhere, named, officetest.IDs(there))
	wantAll(t, f, stays)
}
