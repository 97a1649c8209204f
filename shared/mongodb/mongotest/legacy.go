package mongotest

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// LegacyRecords is how many personnel records the dump of the old backend
// has.
const LegacyRecords = 600

// LoadLegacy makes the database what the old backend left: the dump as it
// is, or the first so many of its records, and that backend's indexes, of which
// one is in the way of this one.
func LoadLegacy(t testing.TB, db *mongo.Database, records int) {
	t.Helper()
	for _, name := range []string{"users", "dbs", "personnels"} {
		docs := legacyDocuments(t, name)
		docs = docs[:min(len(docs), records)]
		if _, err := db.Collection(name).InsertMany(context.Background(), docs); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"users", "personnels"} {
		unique := mongo.IndexModel{Keys: bson.D{{Key: "army_number", Value: 1}}, Options: options.Index().SetUnique(true)}
		if _, err := db.Collection(name).Indexes().CreateOne(context.Background(), unique); err != nil {
			t.Fatal(err)
		}
	}
}

func legacyDocuments(t testing.TB, name string) []any {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(inDeploy("local"), "testdata", "legacy", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var docs []any
	for line := range bytes.Lines(file) {
		var doc bson.D
		if err := bson.UnmarshalExtJSON(line, false, &doc); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc)
	}
	return docs
}
