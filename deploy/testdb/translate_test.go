package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// indexes are a unique one and two others.
func indexes() []mongo.IndexModel {
	return []mongo.IndexModel{
		{Keys: is("name", 1), Options: options.Index().SetUnique(true)},
		{Keys: is("rank", 1)},
		{Keys: bson.D{{Key: "rank", Value: 1}, {Key: "name", Value: -1}}},
	}
}

// serveUnique returns a collection of three documents with different names, and
// a unique index on those.
func serveUnique(t *testing.T) *mongo.Collection {
	t.Helper()
	things := serve(t)
	if _, err := things.Indexes().CreateMany(t.Context(), indexes()); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"lamp", "desk", "door"} {
		insert(t, things, bson.D{{Key: "_id", Value: i}, {Key: "name", Value: name}})
	}
	return things
}

func TestDuplicateKey(t *testing.T) {
	things, ctx := serveUnique(t), t.Context()
	desk := set("name", "desk")
	for name, write := range map[string]func() error{
		"insertOne":  func() error { _, err := things.InsertOne(ctx, is("name", "desk")); return err },
		"updateOne":  func() error { _, err := things.UpdateOne(ctx, is("_id", 0), desk); return err },
		"updateMany": func() error { _, err := things.UpdateMany(ctx, is("_id", 0), desk); return err },
	} {
		if err := write(); !mongo.IsDuplicateKeyError(err) || !strings.Contains(err.Error(), "E11000") {
			t.Errorf("%s: %v, want a duplicate key", name, err)
		}
	}
}

func TestDuplicateKeySaysWhichIndex(t *testing.T) {
	things := serveUnique(t)
	_, updateErr := things.UpdateOne(t.Context(), is("_id", 0), set("name", "desk"))
	var write mongo.WriteException
	if !errors.As(updateErr, &write) || len(write.WriteErrors) != 1 {
		t.Fatalf("updateOne: %v, want one write error", updateErr)
	}
	raw := write.WriteErrors[0].Raw
	if n, _ := raw.Lookup("keyPattern", "name").AsInt64OK(); n != 1 {
		t.Errorf("no keyPattern: %s", raw)
	}
	want := "E11000 duplicate key error collection: testdb.things index: name_1"
	if got := raw.Lookup("errmsg").StringValue(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestBulkWrite has the second of three updates fail.
func TestBulkWrite(t *testing.T) {
	for ordered, want := range map[bool]mongo.BulkWriteResult{
		true:  {MatchedCount: 1, ModifiedCount: 1, UpsertedIDs: map[int64]any{}},
		false: {MatchedCount: 2, ModifiedCount: 2, UpsertedIDs: map[int64]any{}},
	} {
		t.Run(fmt.Sprint("ordered=", ordered), func(t *testing.T) {
			got, err := serveUnique(t).BulkWrite(t.Context(), []mongo.WriteModel{
				mongo.NewUpdateOneModel().SetFilter(is("_id", 0)).SetUpdate(set("name", "sofa")),
				mongo.NewUpdateOneModel().SetFilter(is("_id", 1)).SetUpdate(set("name", "door")),
				mongo.NewUpdateOneModel().SetFilter(is("_id", 2)).SetUpdate(set("name", "sink")),
			}, options.BulkWrite().SetOrdered(ordered))
			var bulk mongo.BulkWriteException
			if !errors.As(err, &bulk) || len(bulk.WriteErrors) != 1 || bulk.WriteErrors[0].Index != 1 {
				t.Errorf("%v, want a write error at index 1", err)
			}
			got.Acknowledged = false // set by the driver, and not for every error
			if fmt.Sprint(*got) != fmt.Sprint(want) {
				t.Errorf("%+v, want %+v", *got, want)
			}
		})
	}
}

// TestUpdateErrorsAreKept has FerretDB refuse what no rule sees: an increment of
// a text.
func TestUpdateErrorsAreKept(t *testing.T) {
	things := serveUnique(t)
	_, err := things.UpdateOne(t.Context(), is("_id", 0), inc("name"))
	var write mongo.WriteException
	if !errors.As(err, &write) || write.WriteErrors[0].Code != typeMismatch {
		t.Errorf("%v, want code %d", err, typeMismatch)
	}
}

func indexNames(t *testing.T, things *mongo.Collection) []string {
	t.Helper()
	specs, err := things.Indexes().ListSpecifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, spec := range specs {
		names = append(names, spec.Name)
	}
	slices.Sort(names)
	return names
}

func TestCreateIndexes(t *testing.T) {
	uri, stop := start(t)
	defer stop()
	want := []string{"_id_", "name_1", "rank_1", "rank_1_name_-1"}
	atOnce(t, 4, func(int) error {
		things, disconnect := connect(t, uri)
		defer disconnect()
		for range 2 {
			if _, err := things.Indexes().CreateMany(t.Context(), indexes()); err != nil {
				return err
			}
		}
		return nil
	})
	things, disconnect := connect(t, uri)
	defer disconnect()
	if got := indexNames(t, things); !slices.Equal(got, want) {
		t.Errorf("indexes %q, want %q", got, want)
	}

	// A new one between two that are there.
	models := slices.Insert(indexes(), 1, mongo.IndexModel{Keys: is("age", 1)})
	if _, err := things.Indexes().CreateMany(t.Context(), models); err != nil {
		t.Fatal(err)
	}
	if got := indexNames(t, things); !slices.Contains(got, "age_1") {
		t.Errorf("indexes %q, without age_1", got)
	}
}

func TestCreateIndexOverDuplicates(t *testing.T) {
	things := serve(t)
	insert(t, things, is("name", "lamp"), is("name", "lamp"))
	if _, err := things.Indexes().CreateMany(t.Context(), indexes()); !mongo.IsDuplicateKeyError(err) {
		t.Errorf("%v, want a duplicate key", err)
	}
}

// TestIndexInTheWay: as on MongoDB, an index is neither made twice nor made again
// under the name of another.
func TestIndexInTheWay(t *testing.T) {
	things := serveUnique(t)
	for name, c := range map[string]struct {
		model mongo.IndexModel
		code  int
	}{
		"other keys":      {mongo.IndexModel{Keys: is("age", 1), Options: options.Index().SetName("rank_1")}, 86},
		"not unique":      {mongo.IndexModel{Keys: is("name", 1)}, 86},
		"unique":          {mongo.IndexModel{Keys: is("rank", 1), Options: options.Index().SetUnique(true)}, 86},
		"under two names": {mongo.IndexModel{Keys: is("rank", 1), Options: options.Index().SetName("ranks")}, 85},
	} {
		_, err := things.Indexes().CreateOne(t.Context(), c.model)
		var refused mongo.CommandError
		if !errors.As(err, &refused) || !refused.HasErrorCode(c.code) {
			t.Errorf("%s: %v, want code %d", name, err, c.code)
		}
	}
}
