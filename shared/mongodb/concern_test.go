package mongodb_test

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office/officetest"
)

// commands collects what a client sends.
type commands struct {
	mu   sync.Mutex
	seen map[string][]bson.Raw // by name
}

func (c *commands) monitor() *event.CommandMonitor {
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen[e.CommandName] = append(c.seen[e.CommandName], slices.Clone(e.Command))
	}}
}

// The concerns that a command of each name must carry.
var (
	acknowledged = bson.M{"w": "majority", "j": true}
	majority     = bson.M{"level": "majority"}
	concerns     = map[string]struct {
		field string
		want  bson.M
	}{
		"insert": {"writeConcern", acknowledged}, "update": {"writeConcern", acknowledged},
		"delete": {"writeConcern", acknowledged},
		"find":   {"readConcern", majority}, "aggregate": {"readConcern", majority},
	}
)

// Promise 21: what is acknowledged is on the disks of a majority, and what is
// read was: each command says so, those of the migration too.
func TestConcerns(t *testing.T) {
	seen := &commands{seen: map[string][]bson.Raw{}}
	config := mongotest.Config(t)
	mongotest.LoadLegacy(t, mongotest.Raw(t, config), 10)
	config.Monitor = seen.monitor()
	client := mongotest.Connect(t, config)
	officetest.Must(t, client.Prepare(t.Context(), slog.New(slog.DiscardHandler)))
	migrated := len(seen.seen["update"])
	if migrated == 0 {
		t.Error("the migration changed nothing")
	}
	finds := len(seen.seen["find"])
	useAll(t, client)
	for _, commands := range [][]bson.Raw{seen.seen["find"][finds:], seen.seen["aggregate"]} {
		for _, command := range commands {
			if limit, ok := command.Lookup("maxTimeMS").AsInt64OK(); !ok || limit <= 0 {
				t.Errorf("the server may work without end on %s", command)
			}
		}
	}
	officetest.Equal(t, "the names of commands that were sent",
		slices.DeleteFunc(slices.Sorted(maps.Keys(seen.seen)), func(name string) bool { return concerns[name].want == nil }),
		slices.Sorted(maps.Keys(concerns)))
	for name, sent := range seen.seen {
		concern, ok := concerns[name]
		for _, command := range sent {
			var got bson.M
			if raw, err := command.LookupErr(concern.field); ok && (err != nil || raw.Unmarshal(&got) != nil || !maps.Equal(got, concern.want)) {
				t.Errorf("%s has the %s %v, want %v", name, concern.field, got, concern.want)
			}
		}
	}
}

// useAll calls every method that a store can call.
func useAll(t *testing.T, client *mongodb.Client) {
	t.Helper()
	ctx, dbs := t.Context(), client.DBs()
	one := bson.M{"_id": officetest.DB(1).ID}
	set := bson.M{"$set": bson.M{"name": "Sector"}}
	docs := []document.DB{document.Of(officetest.DB(2)), document.Of(officetest.DB(3))}
	_, err := dbs.InsertAll(ctx, docs)
	officetest.Must(t, dbs.Insert(ctx, document.Of(officetest.DB(1))))
	officetest.Must(t, err)
	_, err = dbs.Update(ctx, one, set)
	officetest.Must(t, err)
	officetest.Must(t, dbs.UpdateAll(ctx, 2, one, set))
	_, err = dbs.One(ctx, one)
	officetest.Must(t, err)
	_, _, err = dbs.Page(ctx, bson.M{}, mongodb.Part{Offset: 1, Limit: 1})
	officetest.Must(t, err)
	_, err = dbs.Aggregate(ctx, 0, bson.A{bson.M{"$match": one}})
	officetest.Must(t, err)
	_, err = dbs.Delete(ctx, bson.M{"_id": officetest.DB(2).ID})
	officetest.Must(t, err)
	_, err = dbs.DeleteAll(ctx, 2, bson.M{"_id": officetest.DB(3).ID})
	officetest.Must(t, err)
}
