package mongostore

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Promise 24: wherever the deletion of a database stops, nobody can use the
// database any more from its first step on, and the same call completes it.
func TestDeleteDBInterruptedAnywhere(t *testing.T) {
	gone, stays := officetest.DB(1), officetest.DB(2)
	mongotest.Interruptions(t, func(t *testing.T, i *mongotest.Interruption) {
		store := New(i.Client)
		store.deletionStep = 4
		seed := mongotest.Seed{Client: store.Client}
		user := officetest.User(1, officetest.Allowed(gone.ID, stays.ID))
		officetest.Must(t, errors.Join(seed.AddDB(t.Context(), gone), seed.AddDB(t.Context(), stays), seed.AddUser(t.Context(), user),
			seed.AddPersonnel(t.Context(), officetest.Roster(1, 10, gone.ID)...),
			seed.AddPersonnel(t.Context(), officetest.Roster(11, 15, stays.ID)...)))
		err := i.During(func(ctx context.Context) error {
			_, err := store.DeleteDB(ctx, gone.ID)
			return err
		})
		wantHidden(t, store, gone.ID, err)
		wantNoReference(t, store, gone.ID)
		if _, again := store.DeleteDB(t.Context(), gone.ID); err != nil && !errors.Is(again, office.ErrDBNotFound) {
			officetest.Must(t, again)
		}
		wantGone(t, store, gone.ID)
		left, err := store.Client.Records().Find(t.Context(), bson.M{}, mongodb.Part{})
		officetest.Must(t, err)
		officetest.Equal(t, "the number of records that stay", len(left), 5)
		kept, err := store.UserByID(t.Context(), user.ID)
		officetest.Must(t, err)
		officetest.Equal(t, "what the user may see", kept.AllowedDBs, []office.ID{stays.ID})
	})
}

// A database that holds more than one command deletes.
func TestDeleteDBInSteps(t *testing.T) {
	store, db := New(mongotest.Open(t)), officetest.DB(1)
	store.deletionStep = 3
	seed := mongotest.Seed{Client: store.Client}
	officetest.Must(t, errors.Join(seed.AddDB(t.Context(), db), seed.AddPersonnel(t.Context(), officetest.Roster(1, 10, db.ID)...)))
	deleted, err := store.DeleteDB(t.Context(), db.ID)
	officetest.Must(t, err)
	officetest.Equal(t, "the number of deleted records", deleted, 10)
	wantGone(t, store, db.ID)
}

// A record that is moved to another database just before it would be deleted
// stays there: who moved it was told so.
func TestDeleteDBSparesWhatHasMovedOn(t *testing.T) {
	gone, stays := officetest.DB(1), officetest.DB(2)
	records := officetest.Roster(1, 3, gone.ID)
	store := between(t, mongotest.Named("delete"), func(other Store) {
		_, err := other.Client.Records().Update(t.Context(), bson.M{"_id": records[1].ID}, bson.M{"$set": bson.M{"db_id": stays.ID.Hex()}})
		officetest.Must(t, err)
	})
	seed := mongotest.Seed{Client: store.Client}
	officetest.Must(t, errors.Join(seed.AddDB(t.Context(), gone), seed.AddDB(t.Context(), stays), seed.AddPersonnel(t.Context(), records...)))
	deleted, err := store.DeleteDB(t.Context(), gone.ID)
	officetest.Must(t, err)
	officetest.Equal(t, "the number of deleted records", deleted, 2)
	wantGone(t, store, gone.ID)
	left, err := store.Client.Records().Find(t.Context(), bson.M{}, mongodb.Part{})
	officetest.Must(t, err)
	if len(left) != 1 || left[0].Value().ID != records[1].ID {
		t.Errorf("%+v are left", left)
	}
}

// wantHidden checks that a database whose deletion was interrupted takes
// nothing more, unless nothing of it was deleted either.
func wantHidden(t *testing.T, store Store, db office.ID, interrupted error) {
	t.Helper()
	left, err := store.Client.Records().Find(t.Context(), bson.M{"db_id": db.Hex()}, mongodb.Part{})
	officetest.Must(t, err)
	missing := store.CheckDB(t.Context(), db)
	if isOpen := missing == nil; isOpen && (interrupted == nil || len(left) != 10) {
		t.Errorf("the database takes records, with %d of 10 left, after the error %v", len(left), interrupted)
	}
}

// wantNoReference checks that nobody is allowed a database of which something is
// deleted already: he would see the rest of it.
func wantNoReference(t *testing.T, store Store, db office.ID) {
	t.Helper()
	left, err := store.Client.Records().Find(t.Context(), bson.M{"db_id": db.Hex()}, mongodb.Part{})
	officetest.Must(t, err)
	users, err := store.Client.Users().Find(t.Context(), bson.M{"allowed_dbs": db.Hex()}, mongodb.Part{})
	officetest.Must(t, err)
	if len(left) < 10 && len(users) > 0 {
		t.Errorf("%d users see the %d of 10 records that are left", len(users), len(left))
	}
}

func wantGone(t *testing.T, store Store, db office.ID) {
	t.Helper()
	officetest.WantError(t, store.CheckDB(t.Context(), db), office.ErrDBNotFound)
	found, err := store.Client.DBs().Find(t.Context(), bson.M{"_id": db}, mongodb.Part{})
	officetest.Must(t, err)
	records, err := store.Client.Records().Find(t.Context(), bson.M{"db_id": db.Hex()}, mongodb.Part{})
	officetest.Must(t, err)
	if len(found) > 0 || len(records) > 0 {
		t.Errorf("%d databases and %d records are left", len(found), len(records))
	}
}
