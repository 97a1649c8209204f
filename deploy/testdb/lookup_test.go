package main

import (
	"context"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// TestLookupUsesIndex looks for the index in the plan of a find, also in a
// collection that has been dropped and made again.
func TestLookupUsesIndex(t *testing.T) {
	things := serve(t)
	find := bson.D{{Key: "find", Value: "things"}, {Key: "filter", Value: is("_id", "lamp")}}
	for name, drop := range map[string]func(context.Context) error{
		"no drop":         func(context.Context) error { return nil },
		"drop":            func(ctx context.Context) error { return things.Drop(ctx) },
		"drop a database": func(ctx context.Context) error { return things.Database().Drop(ctx) },
	} {
		if err := drop(t.Context()); err != nil {
			t.Fatal(name, err)
		}
		if _, err := things.UpdateOne(t.Context(), is("_id", name), inc("n")); err != nil {
			t.Fatal(name, err)
		}
		// A plan, unlike a query, does not notice what other connections have made.
		if _, err := things.CountDocuments(t.Context(), bson.D{}); err != nil {
			t.Fatal(name, err)
		}
		plan, err := things.Database().RunCommand(t.Context(), bson.D{{Key: "explain", Value: find}}).Raw()
		if err != nil {
			t.Fatal(name, err)
		}
		if !strings.Contains(plan.String(), " USING INDEX things_") {
			t.Errorf("%s: no index used: %s", name, plan)
		}
	}
}
