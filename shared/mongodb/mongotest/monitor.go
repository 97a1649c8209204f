package mongotest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"officepay.example/shared/mongodb"
)

// Monitor sees the commands of a client.
type Monitor struct {
	Client *mongodb.Client

	indexes map[string][]string // the first fields of the indexes, by collection

	mu   sync.Mutex
	seen []bson.Raw
}

// Watch opens a database of its own whose commands are seen.
func Watch(t testing.TB) *Monitor {
	t.Helper()
	m := &Monitor{indexes: map[string][]string{}}
	config := Config(t)
	config.Monitor = &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.seen = append(m.seen, slices.Clone(e.Command))
	}}
	m.Client = Connect(t, config)
	Prepare(t, m.Client)
	for _, collection := range []string{"users", "dbs", "personnels", "attempts"} {
		m.indexes[collection] = firstFields(t, Raw(t, config).Collection(collection))
	}
	return m
}

func firstFields(t testing.TB, coll *mongo.Collection) []string {
	t.Helper()
	found, err := coll.Indexes().ListSpecifications(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for _, index := range found {
		first, err := index.KeysDocument.IndexErr(0)
		if err != nil {
			t.Fatal(err)
		}
		fields = append(fields, first.Key())
	}
	return fields
}

// Check makes a call that may take so many commands, and checks that each of
// their filters begins as an index does, and that what is written to one
// document is a command for one.
func (m *Monitor) Check(t *testing.T, name string, most int, call func(context.Context) error) {
	t.Run(name, func(t *testing.T) {
		m.mu.Lock()
		m.seen = nil
		m.mu.Unlock()
		if err := call(t.Context()); err != nil {
			t.Fatal(err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		t.Logf("commands: %d", len(m.seen))
		if len(m.seen) > most {
			t.Errorf("%d commands, want at most %d: %v", len(m.seen), most, m.seen)
		}
		for _, command := range m.seen {
			m.checkFilters(t, command)
			if isSentOnce(command) {
				t.Errorf("this is for one document, and for many to the driver, which does not send it again: %s", command)
			}
		}
	})
}

func (m *Monitor) checkFilters(t *testing.T, command bson.Raw) {
	t.Helper()
	for _, query := range queriesOf(command) {
		if !query.uses(m.indexes[query.collection]) {
			t.Errorf("no index begins with a field of %s in %s", query.fields, command)
		}
	}
}
