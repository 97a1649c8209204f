package main

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// TestUnionWith counts two collections with one command.
func TestUnionWith(t *testing.T) {
	things := serveUnique(t)
	others := things.Database().Collection("others")
	insert(t, others, is("name", "a"), is("name", "b"))
	count := func(key string) bson.D {
		return d("$group", d("_id", key, "n", d("$sum", 1)))
	}
	union := is("$unionWith", bson.D{{Key: "coll", Value: "others"}, {Key: "pipeline", Value: bson.A{count("others")}}})
	cursor, err := things.Aggregate(t.Context(), bson.A{count("things"), union})
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		ID string `bson:"_id"`
		N  int    `bson:"n"`
	}
	if err := cursor.All(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].ID != "things" || rows[0].N != 3 || rows[1].ID != "others" || rows[1].N != 2 {
		t.Errorf("got %+v, want 3 things and then 2 others", rows)
	}
	if _, err := things.Aggregate(t.Context(), bson.A{union, count("things")}); err == nil {
		t.Error("a stage after $unionWith went unnoticed")
	}
}
