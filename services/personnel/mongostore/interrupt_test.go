package mongostore

import (
	"context"
	"errors"
	"slices"
	"testing"

	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Promise 23: wherever an upload is interrupted, no row is reported as in that
// is not, and the same upload again brings in what is missing, each row once.
func TestUploadInterruptedAnywhere(t *testing.T) {
	mongotest.Interruptions(t, func(t *testing.T, i *mongotest.Interruption) {
		store := New(i.Client)
		officetest.Must(t, mongotest.Seed{Client: i.Client}.AddDB(t.Context(), home))
		rows := officetest.Roster(1, 30, home.ID)
		err := i.During(func(ctx context.Context) error {
			taken, err := store.Create(ctx, rows, office.Edit{})
			if err == nil && len(taken) > 0 {
				t.Errorf("%v are taken in an empty database", taken)
			}
			return err
		})
		in := numbers(t, store)
		if len(in) != 0 && len(in) != len(rows) || err == nil && len(in) == 0 {
			t.Errorf("%d of %d rows are in after the error %v", len(in), len(rows), err)
		}
		again := officetest.Roster(101, 130, home.ID)
		for n := range again {
			again[n].ArmyNumber = rows[n].ArmyNumber
		}
		taken, err := store.Create(t.Context(), again, office.Edit{})
		officetest.Must(t, err)
		officetest.Equal(t, "the number of rows that were in", len(taken), len(in))
		officetest.Equal(t, "the number of rows", len(numbers(t, store)), len(rows))
	})
}

// Promise 24: wherever an addition to a database that is gone is interrupted,
// nothing of it stays.
func TestCreateInNoDatabaseInterruptedAnywhere(t *testing.T) {
	mongotest.Interruptions(t, func(t *testing.T, i *mongotest.Interruption) {
		store := New(i.Client)
		_ = i.During(func(ctx context.Context) error { // may say what it is, or that the database does not answer
			_, err := store.Create(ctx, officetest.Roster(1, 3, target.ID), office.Edit{})
			if errors.Is(err, office.ErrDBNotFound) {
				return nil
			}
			return err
		})
		wantNothingIn(t, store)
	})
}

// numbers are the army numbers of the live records, each of which must be
// there once.
func numbers(t *testing.T, store Store) []string {
	t.Helper()
	records, err := officetest.ReadAfter(store.After(t.Context(), office.Scope{All: true}, office.Personnel{}, 1000))
	officetest.Must(t, err)
	all := make([]string, len(records))
	for n, record := range records {
		all[n] = record.ArmyNumber
	}
	slices.Sort(all)
	if once := slices.Compact(slices.Clone(all)); len(once) != len(all) {
		t.Errorf("of %d records, %d have a number of their own", len(all), len(once))
	}
	return all
}

// A bulk deletion that was interrupted is completed by the same call.
func TestBulkDeleteInterruptedAnywhere(t *testing.T) {
	mongotest.Interruptions(t, func(t *testing.T, i *mongotest.Interruption) {
		store := New(i.Client)
		officetest.Must(t, mongotest.Seed{Client: i.Client}.AddDB(t.Context(), home))
		rows := officetest.Roster(1, 30, home.ID)
		_, err := store.Create(t.Context(), rows, office.Edit{})
		officetest.Must(t, err)
		ids := officetest.IDs(rows[:20])
		remove := func(ctx context.Context) error {
			_, err := store.Delete(ctx, office.Scope{All: true}, ids, office.Edit{At: officetest.At(100)})
			return err
		}
		_ = i.During(remove) // may have done its work or not
		officetest.Must(t, remove(t.Context()))
		officetest.Equal(t, "the number of records that stay", len(numbers(t, store)), 10)
	})
}
