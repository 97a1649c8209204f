package mongostore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"officepay.example/shared/faulttest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var goes, stays = officetest.DB(1), officetest.DB(2)

// addGoesAndStays fills both databases.
func addGoesAndStays(t *testing.T, store Store) {
	t.Helper()
	seed := mongotest.Seed{Client: store.Client}
	officetest.Must(t, errors.Join(seed.AddDB(t.Context(), goes), seed.AddDB(t.Context(), stays),
		seed.AddUser(t.Context(), officetest.User(1, officetest.Allowed(goes.ID, stays.ID))),
		seed.AddPersonnel(t.Context(), officetest.Roster(1, 10, goes.ID)...),
		seed.AddPersonnel(t.Context(), officetest.Roster(11, 15, stays.ID)...)))
}

// stopped is a database in the middle of a deletion whose process died: three
// of ten records are gone.
func stopped(t *testing.T) Store {
	t.Helper()
	config := mongotest.Config(t)
	client := mongotest.Connect(t, config)
	mongotest.Prepare(t, client)
	store := New(client)
	addGoesAndStays(t, store)
	ctx, die := context.WithCancel(t.Context())
	config.Monitor = &event.CommandMonitor{Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
		if e.CommandName == "delete" {
			die()
		}
	}}
	client = mongotest.Connect(t, config)
	mongotest.Prepare(t, client)
	dying := New(client)
	dying.deletionStep = 3
	_, err := dying.DeleteDB(ctx, goes.ID)
	officetest.WantError(t, err, context.Canceled)
	return store
}

// complete completes deletions, and returns the log.
func complete(t *testing.T, store Store) string {
	t.Helper()
	var log bytes.Buffer
	officetest.Must(t, store.CompleteDeletions(t.Context(), slog.New(slog.NewTextHandler(&log, nil))))
	return log.String()
}

// wantOnlyStays checks that one database is gone and the other is whole.
func wantOnlyStays(t *testing.T, store Store) {
	t.Helper()
	wantGone(t, store, goes.ID)
	officetest.Must(t, store.CheckDB(t.Context(), stays.ID))
	left, err := store.Client.Records().Find(t.Context(), bson.M{}, mongodb.Part{})
	officetest.Must(t, err)
	officetest.Equal(t, "the number of records that stay", len(left), 5)
}

// Promise 24: who starts completes a deletion that has stopped, once.
func TestCompleteDeletions(t *testing.T) {
	store := stopped(t)
	want := fmt.Sprintf("database=%s personnel=7", goes.ID.Hex())
	if log := complete(t, store); !strings.Contains(log, want) || strings.Count(log, "\n") != 1 {
		t.Errorf("the log is %q, want a line with %q", log, want)
	}
	wantOnlyStays(t, store)
	officetest.Equal(t, "the log of a second start", complete(t, store), "")
}

// Promise 24: nobody is given a database whose deletion has stopped.
func TestStoppedDeletionIsHidden(t *testing.T) {
	reader := stopped(t)
	exist, err := reader.DBsByID(t.Context(), []office.ID{goes.ID, stays.ID})
	officetest.Must(t, err)
	officetest.Equal(t, "the databases that exist", exist, []office.DB{stays})
	officetest.WantError(t, reader.CheckDB(t.Context(), goes.ID), office.ErrDBNotFound)
}

// Promise 24: who starts does no harm to a deletion that another has in hand,
// wherever that is, and both succeed.
func TestCompleteDeletionsOfOthers(t *testing.T) {
	for _, before := range []string{"update on users", "find on personnels", "delete on personnels", "delete on dbs"} {
		t.Run(before, func(t *testing.T) {
			name, collection, _ := strings.Cut(before, " on ")
			isIt := func(command bson.Raw) bool {
				on, _ := command.Lookup(name).StringValueOK()
				return on == collection
			}
			var log string
			store := between(t, isIt, func(other Store) { log = complete(t, other) })
			store.deletionStep = 3
			addGoesAndStays(t, store)
			deleted, err := store.DeleteDB(t.Context(), goes.ID)
			officetest.Must(t, err)
			if want := fmt.Sprintf("personnel=%d", 10-deleted); !strings.Contains(log, want) {
				t.Errorf("the log is %q, want %q beside the %d that the other has deleted", log, want, deleted)
			}
			wantOnlyStays(t, store)
		})
	}
}

// Promise 24: what somebody else completes meanwhile is no failure.
func TestCompletedByOthersMeanwhile(t *testing.T) {
	var other Store
	client, another := mongotest.Between(t, mongotest.Named("update"), func() {
		_, err := other.DeleteDB(t.Context(), goes.ID)
		officetest.Must(t, err)
	})
	store := New(client)
	other = New(another)
	addGoesAndStays(t, other)
	_, err := other.Client.DBs().Update(t.Context(), bson.M{"_id": goes.ID}, bson.M{"$set": bson.M{"deleting": true}})
	officetest.Must(t, err)
	officetest.Equal(t, "the log", complete(t, store), "")
	wantOnlyStays(t, store)
}

// Promise 24: what a process has put into a database that was gone, before it
// died, is deleted, once the deletion is known to be over. What has come back
// from a backup is not.
func TestCompleteDeletesLateRecords(t *testing.T) {
	store := New(mongotest.Open(t))
	addGoesAndStays(t, store)
	_, err := store.DeleteDB(t.Context(), goes.ID)
	officetest.Must(t, err)
	seed, now := mongotest.Seed{Client: store.Client}, office.Now()
	late, moved, restored := officetest.Personnel(20, goes.ID), officetest.Personnel(21, goes.ID), officetest.Personnel(22, goes.ID)
	late.CreatedAt, moved.UpdatedAt = now, now
	officetest.Must(t, seed.AddPersonnel(t.Context(), late, moved, restored))
	if log := complete(t, store); !strings.Contains(log, "database="+goes.ID.Hex()+" personnel=2") {
		t.Errorf("the log is %q", log)
	}
	left, err := store.Client.Records().Find(t.Context(), bson.M{"db_id": goes.ID.Hex()}, mongodb.Part{})
	officetest.Must(t, err)
	if len(left) != 1 || left[0].Value().ID != restored.ID {
		t.Errorf("%d records are left", len(left))
	}

	officetest.Must(t, seed.AddDB(t.Context(), goes))
	officetest.Must(t, seed.AddPersonnel(t.Context(), late))
	officetest.Equal(t, "the log, when the database is back", complete(t, store), "")
	wantDeletions(t, store, 1)
	_, err = store.deletions().Update(t.Context(), bson.M{"_id": goes.ID}, bson.M{"$set": bson.M{"at": now.Add(-2 * lateAfter)}})
	officetest.Must(t, err)
	officetest.Equal(t, "the log a day later", complete(t, store), "")
	wantDeletions(t, store, 0)
}

// wantDeletions checks how many deletions are noted.
func wantDeletions(t *testing.T, store Store, want int) {
	t.Helper()
	noted, err := store.deletions().Find(t.Context(), bson.M{}, mongodb.Part{})
	officetest.Must(t, err)
	officetest.Equal(t, "the number of deletions that are noted", len(noted), want)
}

// Promise 24: of several replicas that start at once, none fails, and each
// record is deleted by one.
func TestCompleteDeletionsAtOnce(t *testing.T) {
	store := stopped(t)
	store.deletionStep = 2
	var log faulttest.Log
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	officetest.WantEach(t, officetest.Race(4, func(int) error { return store.CompleteDeletions(t.Context(), logger) }))
	wantOnlyStays(t, store)
	sum := 0
	for line := range strings.Lines(log.String()) {
		var fields struct{ Personnel int }
		officetest.Must(t, json.Unmarshal([]byte(line), &fields))
		sum += fields.Personnel
	}
	officetest.Equal(t, "the number of records that all have deleted", sum, 7)
}
