package legacy_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

// all are the documents of a collection, by id.
func all(t *testing.T, db *mongo.Database, collection string) map[any]bson.M {
	t.Helper()
	cursor, err := db.Collection(collection).Find(t.Context(), bson.M{})
	officetest.Must(t, err)
	var docs []bson.M
	officetest.Must(t, cursor.All(t.Context(), &docs))
	byID := make(map[any]bson.M, len(docs))
	for _, doc := range docs {
		byID[doc["_id"]] = doc
	}
	return byID
}

func everything(t *testing.T, db *mongo.Database) map[string]map[any]bson.M {
	return map[string]map[any]bson.M{
		"users": all(t, db, "users"), "dbs": all(t, db, "dbs"), "personnels": all(t, db, "personnels"),
	}
}

// old is a database as the old backend left it, with so many records.
func old(t *testing.T, records int) (mongodb.Config, *mongo.Database) {
	config := mongotest.Config(t)
	db := mongotest.Raw(t, config)
	mongotest.LoadLegacy(t, db, records)
	return config, db
}

// prepare does what a start does, and returns the log.
func prepare(t *testing.T, config mongodb.Config) string {
	t.Helper()
	var log bytes.Buffer
	officetest.Must(t, mongotest.Connect(t, config).Prepare(t.Context(), slog.New(slog.NewTextHandler(&log, nil))))
	return log.String()
}

// Promise 27: the first start on the old backend's database, and another.
func TestMigrate(t *testing.T) {
	config, db := old(t, mongotest.LegacyRecords)
	before := everything(t, db)
	log := prepare(t, config)
	for _, want := range []string{
		"collection=users documents=13", "collection=dbs documents=4", "collection=personnels documents=600",
		`field=allowed_dbs what="names a database that is gone: removed" documents=1`,
		`field=is_generated what="is missing: taken as false" documents=2`,
		`field=isDeleted what="is missing: taken as false" documents=90`,
		`field=bank what="is the bank's name alone: kept without a sort code" documents=6`,
		`field=status what="is missing: taken as active" documents=40`,
		`field=deleted_at what="is missing: set to the current time" documents=57`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	after := everything(t, db)
	for collection, count := range map[string]int{"users": 13, "dbs": 4, "personnels": 600} {
		officetest.Equal(t, "the number of "+collection, len(after[collection]), count)
	}
	officetest.Equal(t, "the number of deleted records", checkMigrated(t, before, after), 57)
	officetest.Equal(t, "the log of a second start", prepare(t, config), "")
	if !reflect.DeepEqual(everything(t, db), after) {
		t.Error("a second start changes documents")
	}
}

// some is a number of records of which the embedded server, which reads them
// all for each that is migrated, makes short work; there is one of each kind.
const some = 100

// Several replicas start at once.
func TestMigrateAtOnce(t *testing.T) {
	config, db := old(t, some)
	before := everything(t, db)
	officetest.WantEach(t, officetest.Race(3, func(int) error {
		return mongotest.Connect(t, config).Prepare(t.Context(), slog.New(slog.DiscardHandler))
	}))
	checkMigrated(t, before, everything(t, db))
	wantIndexes(t, db, "personnels", "_id_", "db_id_1_army_number_1_deleted_at_1", "db_id_1_updated_at_1__id_1",
		"isDeleted_1_acct_number_1_army_number_1_db_id_1", "isDeleted_1_army_number_1_db_id_1", "isDeleted_1_bank_changed_at_1_db_id_1",
		"isDeleted_1_checks_1_db_id_1_created_at_1__id_1", "isDeleted_1_db_id_1_created_at_1__id_1_search_text_1",
		"isDeleted_1_db_id_1_deleted_at_1__id_1", "isDeleted_1_db_id_1_status_1_created_at_1__id_1", "schema_version_1")
	wantIndexes(t, db, "users", "_id_", "allowed_dbs_1", "army_number_1", "army_number_folded_1", "created_at_1__id_1", "role_1_created_at_1__id_1")
	wantIndexes(t, db, "dbs", "_id_", "created_at_1__id_1", "short_code_folded_1")
	wantIndexes(t, db, "attempts", "_id_", "forget_at_1")
}

// checkMigrated checks every document, and returns how many records are
// deleted.
func checkMigrated(t *testing.T, before, after map[string]map[any]bson.M) (deleted int) {
	t.Helper()
	for collection, docs := range after {
		for id, doc := range docs {
			checkKept(t, collection, before[collection][id], doc)
		}
	}
	for id, doc := range after["personnels"] {
		if before["personnels"][id]["status"] == nil {
			officetest.Equal[any](t, "a status that was missing", doc["status"], "active")
		}
		isDeleted := doc["isDeleted"] == true
		if isDeleted {
			deleted++
		}
		if hasTime := doc["deleted_at"] != nil; hasTime != isDeleted {
			t.Errorf("a record that is deleted: %v, has a time of deletion: %v", isDeleted, hasTime)
		}
	}
	checkReferences(t, after)
	return deleted
}

// checkKept checks that what the old backend wrote is what it reads: apart
// from references to databases that are gone and the oldest form of a bank.
func checkKept(t *testing.T, collection string, before, after bson.M) {
	t.Helper()
	for field, value := range before {
		_, isName := value.(string)
		switch {
		case field == "allowed_dbs":
		case field == "bank" && isName:
			officetest.Equal[any](t, "a bank", after[field], bson.D{{Key: "name", Value: value}})
		default:
			officetest.Equal(t, collection+"."+field, after[field], value)
		}
	}
	for _, field := range map[string][]string{
		"users":      {"search_text", "session", "is_generated", "kept_token"},
		"dbs":        {"search_text", "short_code_folded"},
		"personnels": {"search_text", "schema_version", "status", "isDeleted", "deleted_at"},
	}[collection] {
		if _, ok := after[field]; !ok {
			t.Errorf("%s.%s is missing", collection, field)
		}
	}
}

func checkReferences(t *testing.T, after map[string]map[any]bson.M) {
	t.Helper()
	var exist []string
	for id := range after["dbs"] {
		exist = append(exist, id.(bson.ObjectID).Hex())
	}
	for _, user := range after["users"] {
		for _, reference := range user["allowed_dbs"].(bson.A) {
			if !slices.Contains(exist, reference.(string)) {
				t.Errorf("%v may see %v, which is gone", user["army_number"], reference)
			}
		}
	}
}

func wantIndexes(t *testing.T, db *mongo.Database, collection string, want ...string) {
	t.Helper()
	found, err := db.Collection(collection).Indexes().ListSpecifications(t.Context())
	officetest.Must(t, err)
	var names []string
	for _, index := range found {
		names = append(names, index.Name)
	}
	slices.Sort(names)
	officetest.Equal(t, "the indexes of "+collection, names, want)
}

// A migration that was interrupted goes on.
func TestMigrateInterrupted(t *testing.T) {
	config, db := old(t, some)
	for wait := time.Millisecond; ; wait *= 2 {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		err := mongotest.Connect(t, config).Prepare(ctx, slog.New(slog.DiscardHandler))
		cancel()
		if err == nil {
			break
		}
		if wait > time.Minute {
			t.Fatal(err)
		}
	}
	for collection, docs := range everything(t, db) {
		for _, doc := range docs {
			if doc["search_text"] == nil {
				t.Errorf("a document of %s was not migrated", collection)
			}
		}
	}
}

// Users without a role that there is are users, and stay what else they are.
func TestMigrateRoles(t *testing.T) {
	config := mongotest.Config(t)
	users := mongotest.Raw(t, config).Collection("users")
	roles := []any{nil, "", "Admin", "clerk", "user", "admin"}
	_, err := users.InsertOne(t.Context(), bson.M{"_id": officetest.User(9).ID, "army_number": "without"})
	officetest.Must(t, err)
	for n, role := range roles {
		_, err := users.InsertOne(t.Context(), bson.M{"_id": officetest.User(n).ID, "army_number": fmt.Sprint(n), "role": role})
		officetest.Must(t, err)
	}
	log := prepare(t, config)
	if want := `field=role what="is not a known role: taken as user" documents=5`; !strings.Contains(log, want) {
		t.Errorf("the log lacks %q:\n%s", want, log)
	}
	is := map[any]int{}
	for _, doc := range all(t, users.Database(), "users") {
		is[doc["role"]]++
	}
	officetest.Equal(t, "the roles", is, map[any]int{"user": 6, "admin": 1})
	officetest.Equal(t, "the log of a second start", prepare(t, config), "")
}

// Short codes that the old backend told apart by letter case.
func TestMigrateShortCodes(t *testing.T) {
	config := mongotest.Config(t)
	dbs := mongotest.Raw(t, config).Collection("dbs")
	for n, code := range []string{"HQ", "hq", "Hq", "other"} {
		_, err := dbs.InsertOne(t.Context(), bson.M{"_id": officetest.DB(n).ID, "name": "Sector", "short_code": code})
		officetest.Must(t, err)
	}
	client := mongotest.Connect(t, config)
	mongotest.Prepare(t, client)
	codes := map[any]int{}
	for _, doc := range all(t, dbs.Database(), "dbs") {
		codes[doc["short_code"]]++
		officetest.Equal[any](t, "the time of creation", doc["created_at"], bson.NewDateTimeFromTime(doc["_id"].(office.ID).Timestamp()))
	}
	officetest.Equal(t, "the short codes", slices.Collect(maps.Values(codes)), []int{1, 1, 1, 1})
	again := officetest.DB(9, officetest.Coded("hQ"))
	for range 3 { // whichever of them goes, the others keep the code after the next start
		officetest.WantError(t, mongotest.Seed{Client: client}.AddDB(t.Context(), again), mongodb.ErrDuplicate)
		_, err := dbs.DeleteOne(t.Context(), bson.M{"short_code_folded": "hq"})
		officetest.Must(t, err)
		mongotest.Prepare(t, client)
	}
	officetest.Must(t, mongotest.Seed{Client: client}.AddDB(t.Context(), again))
}
