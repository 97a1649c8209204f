package mongodb_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office/officetest"
)

// What somebody writes by another door while the services run is in nobody's
// way: a list leaves out what cannot be taken, and whoever meets it has it set
// aside, or repaired.
func TestOddDocumentsThatAppearLater(t *testing.T) {
	config := mongotest.Config(t)
	client, raw := mongotest.Connect(t, config), mongotest.Raw(t, config).Collection("personnels")
	mongotest.Prepare(t, client)
	record := officetest.Personnel(1, officetest.DB(1).ID)
	_, err := raw.InsertMany(t.Context(), []any{
		document.Of(record),
		bson.M{"_id": officetest.Personnel(2, record.DBID).ID, "army_number": "N/2", "isDeleted": false, "acct_number": 77},
		bson.M{"_id": officetest.Personnel(3, record.DBID).ID, "army_number": "N/3", "isDeleted": false, "first_name": true},
	})
	officetest.Must(t, err)
	find := func() int {
		docs, err := client.Records().Find(t.Context(), bson.M{"isDeleted": false}, mongodb.Part{})
		officetest.Must(t, err)
		return len(docs)
	}
	officetest.Equal(t, "how many are served at first", find(), 1)
	page, total, err := client.Records().Page(t.Context(), bson.M{}, mongodb.Part{Limit: 2, Sort: mongodb.Ascending("_id")})
	officetest.Must(t, err)
	if len(page) != 1 || total != 3 {
		t.Errorf("a page with one that is left out has %d of %d", len(page), total)
	}
	var log bytes.Buffer
	officetest.Must(t, mongodb.RepairOdd(client, t.Context(), slog.New(slog.NewTextHandler(&log, nil))))
	officetest.Equal(t, "how many are served then", find(), 2)
	n, err := raw.CountDocuments(t.Context(), bson.M{})
	officetest.Must(t, err)
	officetest.Equal(t, "how many are counted", n, 2)
	if want := "id=" + officetest.Personnel(3, record.DBID).ID.Hex() + " field=first_name"; !strings.Contains(log.String(), want) {
		t.Errorf("the log lacks %q:\n%s", want, &log)
	}
}

// A database whose document cannot be read is no deleted one: records that were just moved to
// it would be removed.
func TestDatabaseThatCannotBeRead(t *testing.T) {
	config := mongotest.Config(t)
	client, id := mongotest.Connect(t, config), officetest.DB(1).ID
	mongotest.Prepare(t, client)
	_, err := mongotest.Raw(t, config).Collection("dbs").InsertOne(t.Context(), bson.M{"_id": id, "name": true})
	officetest.Must(t, err)
	officetest.Must(t, mongodb.Common{Client: client}.CheckDB(t.Context(), id))
}
