package mongodb_test

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
func addGoesAndStays(t *testing.T, client *mongodb.Client) {
	t.Helper()
	seed := mongotest.Seed{Client: client}
	officetest.Must(t, errors.Join(seed.AddDB(t.Context(), goes), seed.AddDB(t.Context(), stays),
		seed.AddUser(t.Context(), officetest.User(1, officetest.Allowed(goes.ID, stays.ID))),
		seed.AddPersonnel(t.Context(), officetest.Roster(1, 10, goes.ID)...),
		seed.AddPersonnel(t.Context(), officetest.Roster(11, 15, stays.ID)...)))
}

// stopped is a database in the middle of a deletion whose process died: three
// of ten records are gone.
func stopped(t *testing.T) *mongodb.Client {
	t.Helper()
	config := mongotest.Config(t)
	client := mongotest.Connect(t, config)
	mongotest.Prepare(t, client)
	addGoesAndStays(t, client)
	ctx, die := context.WithCancel(t.Context())
	config.Monitor = &event.CommandMonitor{Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
		if e.CommandName == "delete" {
			die()
		}
	}}
	dying := mongotest.Connect(t, config)
	mongotest.Prepare(t, dying)
	dying.SetDeleteStep(3)
	_, err := dying.DeleteDB(ctx, goes.ID)
	officetest.WantError(t, err, context.Canceled)
	return client
}

// complete completes deletions, and returns the log.
func complete(t *testing.T, client *mongodb.Client) string {
	t.Helper()
	var log bytes.Buffer
	officetest.Must(t, client.CompleteDeletions(t.Context(), slog.New(slog.NewTextHandler(&log, nil))))
	return log.String()
}

// wantOnlyStays checks that one database is gone and the other is whole.
func wantOnlyStays(t *testing.T, client *mongodb.Client) {
	t.Helper()
	wantGone(t, client, goes.ID)
	officetest.Must(t, mongodb.Reader{Client: client}.CheckDB(t.Context(), stays.ID))
	left, err := client.Records().Find(t.Context(), bson.M{}, mongodb.Part{})
	officetest.Must(t, err)
	officetest.Equal(t, "the number of records that stay", len(left), 5)
}

// Promise 24: who starts completes a deletion that has stopped, once.
func TestCompleteDeletions(t *testing.T) {
	client := stopped(t)
	want := fmt.Sprintf("database=%s personnel=7", goes.ID.Hex())
	if log := complete(t, client); !strings.Contains(log, want) || strings.Count(log, "\n") != 1 {
		t.Errorf("the log is %q, want a line with %q", log, want)
	}
	wantOnlyStays(t, client)
	officetest.Equal(t, "the log of a second start", complete(t, client), "")
}

// Promise 24: nobody is given a database whose deletion has stopped.
func TestStoppedDeletionIsHidden(t *testing.T) {
	reader := mongodb.Reader{Client: stopped(t)}
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
			var other *mongodb.Client
			var log string
			client, other := mongotest.Between(t, isIt, func() { log = complete(t, other) })
			client.SetDeleteStep(3)
			addGoesAndStays(t, other)
			deleted, err := client.DeleteDB(t.Context(), goes.ID)
			officetest.Must(t, err)
			if want := fmt.Sprintf("personnel=%d", 10-deleted); !strings.Contains(log, want) {
				t.Errorf("the log is %q, want %q beside the %d that the other has deleted", log, want, deleted)
			}
			wantOnlyStays(t, client)
		})
	}
}

// Promise 24: what somebody else completes meanwhile is no failure.
func TestCompletedByOthersMeanwhile(t *testing.T) {
	var other *mongodb.Client
	client, other := mongotest.Between(t, mongotest.Named("update"), func() {
		_, err := other.DeleteDB(t.Context(), goes.ID)
		officetest.Must(t, err)
	})
	addGoesAndStays(t, other)
	_, err := other.DBs().Update(t.Context(), bson.M{"_id": goes.ID}, bson.M{"$set": bson.M{"deleting": true}})
	officetest.Must(t, err)
	officetest.Equal(t, "the log", complete(t, client), "")
	wantOnlyStays(t, client)
}

// Promise 24: of several replicas that start at once, none fails, and each
// record is deleted by one.
func TestCompleteDeletionsAtOnce(t *testing.T) {
	client := stopped(t)
	client.SetDeleteStep(2)
	var log faulttest.Log
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	officetest.WantEach(t, officetest.Race(4, func(int) error { return client.CompleteDeletions(t.Context(), logger) }))
	wantOnlyStays(t, client)
	sum := 0
	for line := range strings.Lines(log.String()) {
		var fields struct{ Personnel int }
		officetest.Must(t, json.Unmarshal([]byte(line), &fields))
		sum += fields.Personnel
	}
	officetest.Equal(t, "the number of records that all have deleted", sum, 7)
}
