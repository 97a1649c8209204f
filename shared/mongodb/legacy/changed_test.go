package legacy_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office/officetest"
)

// meanwhile are fields of a record as they are read, and as somebody else leaves
// them before the repair writes.
var meanwhile = map[string]struct{ was, is bson.M }{
	"a text":                     {bson.M{"rank": "Sgt "}, bson.M{"rank": "Maj"}},
	"missing":                    {bson.M{"first_name": nil}, bson.M{"first_name": "Musa"}},
	"a number":                   {bson.M{"acct_number": 7}, bson.M{"acct_number": "0000000007"}},
	"a document":                 {bson.M{"rank": bson.M{"is": 1}}, bson.M{"rank": "Maj"}},
	"a document, by another one": {bson.M{"rank": bson.M{"is": 1}}, bson.M{"rank": bson.M{"is": 2}}},
	"a list of documents":        {bson.M{"rank": bson.A{bson.M{"is": 1}}}, bson.M{"rank": bson.A{bson.M{"is": 2}}}},
	"a database":                 {bson.M{"db_id": bson.M{"of": "B"}}, bson.M{"db_id": alpha.ID.Hex()}},
	"a bank":                     {bson.M{"bank": "WEMA"}, bson.M{"bank": bson.D{{Key: "name", Value: "GTB"}, {Key: "sort_code", Value: "058152036"}}}},
	"a pattern":                  {bson.M{"rank": bson.Regex{Pattern: "a"}}, bson.M{"rank": "Maj"}},
	"a time":                     {bson.M{"created_at": "2025-11-28"}, bson.M{"created_at": officetest.At(7)}},
}

// A repair never writes over what somebody else has mended since it was read, and
// takes none of it away; the next one finds it good.
func TestRepairSparesWhatChanges(t *testing.T) {
	if os.Getenv("MONGO_URI") != "" {
		meanwhile["very deep"] = struct{ was, is bson.M }{bson.M{"rank": deep(85)}, bson.M{"rank": "Maj"}}
	}
	for name, test := range meanwhile {
		t.Run(name, func(t *testing.T) {
			config := mongotest.Config(t)
			db := mongotest.Raw(t, config)
			record := officetest.Personnel(1, alpha.ID)
			odd := oddly(t, document.Of(record), test.was)
			for field, was := range test.was {
				if was == nil {
					delete(odd, field)
				}
			}
			_, err := db.Collection("dbs").InsertOne(t.Context(), document.Of(alpha))
			officetest.Must(t, err)
			_, err = db.Collection("personnels").InsertOne(t.Context(), odd)
			officetest.Must(t, err)
			var once sync.Once
			slow := config
			slow.Monitor = &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
				collection, _ := e.Command.Index(0).Value().StringValueOK()
				if e.CommandName != "find" && strings.HasPrefix(collection, "personnels") && e.CommandName != "createIndexes" && e.CommandName != "listIndexes" {
					once.Do(func() {
						_, err := db.Collection("personnels").UpdateByID(t.Context(), record.ID, bson.M{"$set": test.is})
						officetest.Must(t, err)
					})
				}
			}}
			mongotest.Prepare(t, mongotest.Connect(t, slow))
			found := all(t, db, "personnels")[record.ID]
			want := oddly(t, oddly(t, found, test.is), nil)
			officetest.Equal(t, "the record", bson.M(found), want)
		})
	}
}
