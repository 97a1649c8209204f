package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/admin"
	"officepay.example/services/admin/mongostore"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/password"
)

// Promise 15: no start without a real secret.
func TestBadSecrets(t *testing.T) { mongotest.RefusesBadSecrets(t, run) }

// Promise 24: a start completes the deletions that have stopped.
func TestStartCompletesDeletions(t *testing.T) {
	client, db := mongotest.Open(t), officetest.DB(1)
	seed := mongotest.Seed{Client: client}
	officetest.Must(t, seed.AddDB(t.Context(), db))
	officetest.Must(t, seed.AddPersonnel(t.Context(), officetest.Roster(1, 3, db.ID)...))
	_, err := client.DBs().Update(t.Context(), bson.M{"_id": db.ID}, bson.M{"$set": bson.M{"deleting": true}})
	officetest.Must(t, err)

	hasher := password.NewHasher(password.MinCost)
	var log bytes.Buffer
	officetest.Must(t, prepare(t.Context(), mongostore.New(client), hasher, admin.Credentials{}, slog.New(slog.NewTextHandler(&log, nil))))
	left, err := client.Records().Find(t.Context(), bson.M{}, mongodb.Part{})
	officetest.Must(t, err)
	officetest.Equal(t, "the number of records that are left", len(left), 0)
	_, err = client.DBs().One(t.Context(), bson.M{"_id": db.ID})
	officetest.WantError(t, err, office.ErrNotFound)
	if want := "database=" + db.ID.Hex() + " personnel=3"; !strings.Contains(log.String(), want) {
		t.Errorf("the log lacks %q:\n%s", want, &log)
	}
}
