package legacy_test

import (
	"context"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// The old backend goes on working after this one: what it then deletes
// gets a time of deletion.
func TestMigrateLaterDeletion(t *testing.T) {
	config := mongotest.Config(t)
	client := mongotest.Connect(t, config)
	mongotest.Prepare(t, client)
	record := officetest.Personnel(1, officetest.DB(1).ID)
	officetest.Must(t, mongotest.Seed{Client: client}.AddPersonnel(t.Context(), record))
	records := mongotest.Raw(t, config).Collection("personnels")
	_, err := records.UpdateByID(t.Context(), record.ID, bson.M{"$set": bson.M{"isDeleted": true}})
	officetest.Must(t, err)
	mongotest.Prepare(t, client)
	doc := all(t, records.Database(), "personnels")[record.ID]
	if at, ok := doc["deleted_at"].(bson.DateTime); !ok || time.Since(at.Time()).Abs() > time.Minute {
		t.Errorf("the record was deleted at %v", doc["deleted_at"])
	}
}

// few is a number of records, where each is like any other.
const few = 10

// Of two replicas that start, one is slow: what it has read of a record was
// migrated by the other meanwhile, and then deleted. It stays deleted.
func TestMigrateSparesWhatWasMigrated(t *testing.T) {
	config, db := old(t, few)
	records := db.Collection("personnels")
	live := bson.M{"isDeleted": false, "deleted_at": nil}
	isDone, deleted := false, bson.M{}
	slow := config
	slow.Monitor = &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		if name, _ := e.Command.Lookup("update").StringValueOK(); name != "personnels" || isDone {
			return
		}
		isDone = true
		other := mongotest.Connect(t, config)
		mongotest.Prepare(t, other)
		officetest.Must(t, records.FindOne(t.Context(), live).Decode(&deleted))
		officetest.Must(t, mongotest.Seed{Client: other}.DeletePersonnel(t.Context(), office.Now(), deleted["_id"].(office.ID)))
	}}
	mongotest.Prepare(t, mongotest.Connect(t, slow))
	if doc := all(t, db, "personnels")[deleted["_id"]]; doc["isDeleted"] != true || doc["deleted_at"] == nil {
		t.Errorf("the record is deleted: %v, at %v", doc["isDeleted"], doc["deleted_at"])
	}
}
