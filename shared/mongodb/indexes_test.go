package mongodb_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

// An index of the old backend that is not the one that is needed.
func TestIndexInTheWay(t *testing.T) {
	config := mongotest.Config(t)
	db := mongotest.Raw(t, config)
	_, err := db.Collection("users").Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "army_number", Value: 1}}})
	officetest.Must(t, err)
	client := mongotest.Connect(t, config)
	mongotest.Prepare(t, client)
	seed := mongotest.Seed{Client: client}
	officetest.Must(t, seed.AddUser(t.Context(), officetest.User(1)))
	twin := officetest.User(2, func(u *office.User) { u.ArmyNumber = officetest.User(1).ArmyNumber })
	officetest.WantError(t, seed.AddUser(t.Context(), twin), mongodb.ErrDuplicate)
}

// Every start asks for every index, since that waits for one that is being
// built; of a replica set no more than a majority has to build it.
func TestIndexesAreAskedFor(t *testing.T) {
	seen := &commands{seen: map[string][]bson.Raw{}}
	config := mongotest.Config(t)
	config.Monitor = seen.monitor()
	mongotest.Prepare(t, mongotest.Connect(t, config))
	first := len(seen.seen["createIndexes"])
	mongotest.Prepare(t, mongotest.Connect(t, config))
	second := len(seen.seen["createIndexes"]) - first
	if first == 0 || first != second {
		t.Errorf("the first start asks for %d indexes, the second for %d", first, second)
	}
	var hello bson.M
	officetest.Must(t, mongotest.Raw(t, config).RunCommand(t.Context(), bson.M{"hello": 1}).Decode(&hello))
	want := bson.RawValue{}
	if hello["setName"] != nil {
		want = bson.RawValue{Type: bson.TypeString, Value: bsoncore.AppendString(nil, "majority")}
	}
	for _, command := range seen.seen["createIndexes"] {
		if quorum := command.Lookup("commitQuorum"); !quorum.Equal(want) {
			t.Errorf("the commit quorum is %v, want %v", quorum, want)
		}
	}
}
