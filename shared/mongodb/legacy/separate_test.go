package legacy_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Documents that break a unique index do not keep the services from starting:
// all are served, the first as it was, and the log names the others. What is
// added meets the index.
func TestSeparate(t *testing.T) {
	config := mongotest.Config(t)
	db := mongotest.Raw(t, config)
	for n := range 3 {
		user := document.Of(officetest.User(n, func(u *office.User) { u.ArmyNumber = "N/1" }))
		_, err := db.Collection("users").InsertOne(t.Context(), user)
		officetest.Must(t, err)
		record := document.Of(officetest.Personnel(n, officetest.DB(1).ID, officetest.Numbered("N/1")))
		_, err = db.Collection("personnels").InsertOne(t.Context(), record)
		officetest.Must(t, err)
	}
	log := prepare(t, config)
	for n := range 3 {
		for _, id := range []office.ID{officetest.User(n).ID, officetest.Personnel(n, officetest.DB(1).ID).ID} {
			if named := strings.Contains(log, "later="+id.Hex()); named != (n > 0) {
				t.Errorf("the log names %s: %v\n%s", id.Hex(), named, log)
			}
		}
	}
	officetest.Equal(t, "the log of a second start", prepare(t, config), "")

	client := mongotest.Connect(t, config)
	mongotest.Prepare(t, client)
	found, err := client.Records().Find(t.Context(), bson.M{"army_number": "N/1", "isDeleted": false}, mongodb.Part{})
	officetest.Must(t, err)
	officetest.Equal(t, "the number of records that are served", len(found), 3)
	first, err := client.Users().One(t.Context(), bson.M{"army_number": "N/1"})
	officetest.Must(t, err)
	officetest.Equal(t, "who has the number", first.Value().ID, officetest.User(0).ID)
	seed := mongotest.Seed{Client: client}
	officetest.WantError(t, seed.AddUser(t.Context(), officetest.User(9, func(u *office.User) { u.ArmyNumber = "N/1" })), mongodb.ErrDuplicate)
	officetest.WantError(t, seed.AddPersonnel(t.Context(), officetest.Personnel(9, officetest.DB(1).ID, officetest.Numbered("N/1"))), office.ErrArmyNumberTaken)
	for n := range 3 { // so it is when each was deleted, after the next start
		officetest.WantError(t, seed.AddPersonnel(t.Context(), officetest.Personnel(9, officetest.DB(1).ID, officetest.Numbered("N/1"))), office.ErrArmyNumberTaken)
		officetest.Must(t, seed.DeletePersonnel(t.Context(), office.Now(), officetest.Personnel(n, officetest.DB(1).ID).ID))
		mongotest.Prepare(t, client)
	}
	officetest.Must(t, seed.AddPersonnel(t.Context(), officetest.Personnel(9, officetest.DB(1).ID, officetest.Numbered("N/1"))))
}
