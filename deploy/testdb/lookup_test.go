package main

import (
	"context"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// TestLookupUsesIndex looks for the index in FerretDB's plan of a find, and in a
// collection that has been dropped and made again.
func TestLookupUsesIndex(t *testing.T) {
	dir := t.TempDir()
	backend, stopBackend, err := startBackend(dir, silence)
	if err != nil {
		t.Fatal(err)
	}
	defer stopBackend()
	uri, stop := startFront(t, newFront(backend, dir, silence))
	defer stop()
	things, disconnect := connect(t, uri)
	defer disconnect()
	direct, disconnectDirect := connect(t, "mongodb://"+backend)
	defer disconnectDirect()
	for name, drop := range map[string]func(context.Context) error{
		"no drop":         func(context.Context) error { return nil },
		"drop":            func(ctx context.Context) error { return things.Drop(ctx) },
		"drop a database": func(ctx context.Context) error { return things.Database().Drop(ctx) },
	} {
		if err := drop(t.Context()); err != nil {
			t.Fatal(name, err)
		}
		insert(t, things, is("_id", name))
		// A plan, unlike a query, does not notice what other connections have made.
		if _, err := direct.CountDocuments(t.Context(), bson.D{}); err != nil {
			t.Fatal(name, err)
		}
		plan, err := direct.Database().RunCommand(t.Context(), d("explain", find("filter", d("_id", "lamp")))).Raw()
		if err != nil {
			t.Fatal(name, err)
		}
		if !strings.Contains(plan.String(), " USING INDEX things_") {
			t.Errorf("%s: no index used: %s", name, plan)
		}
	}
}
