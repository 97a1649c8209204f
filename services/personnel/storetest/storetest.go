// Package storetest is the contract of personnel.Store as tests. Every
// implementation passes it, so that the service behaves the same on each.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Fixture is a store under test. Its Seed must add users, and add and
// delete databases; the store itself adds and deletes personnel.
type Fixture = officetest.Fixture[personnel.Store]

type cases = officetest.Cases[personnel.Store]

// Run checks the whole contract. Open must return a fresh, empty store each
// time, and close it when the test that it is given ends.
func Run(t *testing.T, open func(t testing.TB) Fixture) {
	complete := func(t testing.TB) Fixture {
		f := open(t)
		f.Seed = Seed(f.Store, f.Seed)
		f.AddDBs(t, one, two, three)
		return f
	}
	officetest.Run(t, complete,
		officetest.UserCases[personnel.Store](),
		readCases, pageCases, afterCases, createCases, updateCases, moveCases, deleteCases, historyCases, raceCases, checkCases)
}

// The databases that every case has.
var one, two, three = officetest.DB(1), officetest.DB(2), officetest.DB(3)

var everywhere = office.Scope{All: true}

// Seed adds and deletes personnel through the store, and users and databases
// through rest.
func Seed(store personnel.Store, rest officetest.Seed) officetest.Seed { return seed{rest, store} }

type seed struct {
	officetest.Seed
	store personnel.Store
}

func (s seed) AddPersonnel(ctx context.Context, records ...office.Personnel) error {
	byDB := map[office.ID][]office.Personnel{}
	for _, record := range records {
		byDB[record.DBID] = append(byDB[record.DBID], record)
	}
	for _, batch := range byDB {
		taken, err := s.store.Create(ctx, batch, office.Edit{By: edit.By, At: batch[0].CreatedAt})
		if err != nil {
			return err
		}
		if len(taken) > 0 {
			return fmt.Errorf("army number %s is taken", batch[taken[0]].ArmyNumber)
		}
	}
	return nil
}

func (s seed) DeletePersonnel(ctx context.Context, at time.Time, ids ...office.ID) error {
	deleted, err := s.store.Delete(ctx, everywhere, ids, office.Edit{By: edit.By, At: at})
	if err == nil && len(deleted) != len(ids) {
		return errors.New("not all of the records were there to be deleted")
	}
	return err
}

// wantRecord checks that the store holds exactly this record.
func wantRecord(t testing.TB, f Fixture, want office.Personnel) {
	t.Helper()
	got, err := officetest.ReadOne(f.Store.Get(t.Context(), everywhere, want.ID))
	officetest.Must(t, err)
	officetest.Equal(t, "the record", got, want)
}

// wantNoRecord checks that there is no such record in the scope.
func wantNoRecord(t testing.TB, f Fixture, scope office.Scope, id office.ID) {
	t.Helper()
	_, err := f.Store.Get(t.Context(), scope, id)
	officetest.WantError(t, err, office.ErrNotFound)
}

// wantAll checks that the store holds these records and no other live ones.
func wantAll(t testing.TB, f Fixture, want ...office.Personnel) {
	t.Helper()
	officetest.All(t, lister(t, f, personnel.Query{Scope: everywhere}), inOrder(want))
}

// lister lists parts of what a query asks for, and checks that IDs returns their ids.
func lister(t testing.TB, f Fixture, query personnel.Query) officetest.Lister[office.Personnel] {
	return func(offset, limit int) ([]office.Personnel, int, error) {
		query.Offset, query.Limit = offset, limit
		records, total, err := officetest.ReadPage(f.Store.Page(t.Context(), query))
		ids, count, idsErr := f.Store.IDs(t.Context(), query)
		officetest.Must(t, idsErr)
		officetest.Equal(t, "the ids of a page", ids, append([]office.ID{}, officetest.IDs(records)...))
		officetest.Equal(t, "how many ids there are", count, total)
		return records, total, err
	}
}

// inOrder are the records in the order of Page: by database, time of creation
// and, if that is the same, id.
func inOrder(records []office.Personnel) []office.Personnel {
	return slices.SortedFunc(slices.Values(records), func(a, b office.Personnel) int {
		if a.DBID != b.DBID {
			return office.CompareIDs(a.DBID, b.DBID)
		}
		if !a.CreatedAt.Equal(b.CreatedAt) {
			return a.CreatedAt.Compare(b.CreatedAt)
		}
		return office.CompareIDs(a.ID, b.ID)
	})
}
