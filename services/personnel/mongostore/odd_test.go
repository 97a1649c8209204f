package mongostore

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Whatever somebody writes by another door while the service runs, the stream of
// everything ends, and has every other record once.
func TestStreamPassesOddRecords(t *testing.T) {
	config := mongotest.Config(t)
	client, raw := mongotest.Connect(t, config), mongotest.Raw(t, config).Collection("personnels")
	mongotest.Prepare(t, client)
	db := officetest.DB(1).ID
	good := officetest.Roster(1, 9, db)
	officetest.Must(t, mongotest.Seed{Client: client}.AddPersonnel(t.Context(), good...))
	for n, odd := range []bson.M{
		{"db_id": db.Hex() + " "}, {"db_id": db.Hex() + " "}, {"db_id": db.Hex() + " "}, {"db_id": "ALPHA"}, {"db_id": db}, {"db_id": nil},
		{"db_id": db.Hex(), "created_at": "2025-11-28"}, {"db_id": db.Hex(), "created_at": good[4].CreatedAt, "rank": bson.A{}},
		{"db_id": db.Hex(), "created_at": bson.DateTime(1700000000000000)},
	} {
		odd["_id"], odd["isDeleted"], odd["army_number"] = officetest.Personnel(50+n, db).ID, false, n
		_, err := raw.InsertOne(t.Context(), odd)
		officetest.Must(t, err)
	}
	var got []office.Personnel
	store, last := New(client), office.Personnel{}
	for range 2 * len(good) {
		answers, next, err := store.After(t.Context(), office.Scope{All: true}, last, 2)
		records, err := officetest.ReadAll(answers, err)
		officetest.Must(t, err)
		if len(records) == 0 {
			break
		}
		got, last = append(got, records...), next
	}
	officetest.Equal(t, "the stream", got, good)
}
