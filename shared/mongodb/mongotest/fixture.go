package mongotest

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/office/officetest"
)

// Fixture opens stores of a service for the cases of its conformance suite, which
// is t. On the embedded server, to make a database is more work than most cases, so
// one is emptied and handed on.
func Fixture[S officetest.Users](t testing.TB, store func(*mongodb.Client) S) func(testing.TB) officetest.Fixture[S] {
	free, isSlow := make(chan *lent, 1), os.Getenv("MONGO_URI") == ""
	free <- lend(t)
	return func(c testing.TB) officetest.Fixture[S] {
		var l *lent
		select {
		case l = <-free:
		default:
			l = lend(t)
		}
		c.Cleanup(func() {
			if !isSlow || c.Failed() || !l.empty(c) {
				return
			}
			select {
			case free <- l:
			default:
			}
		})
		return officetest.Fixture[S]{Store: store(l.client), Seed: Seed{l.client}, Slow: isSlow}
	}
}

// lent is a database that one case after another has for itself.
type lent struct {
	client  *mongodb.Client
	written sync.Map    // names of collections
	failed  atomic.Bool // a command; without an answer, it may still be run
}

func lend(t testing.TB) *lent {
	t.Helper()
	config, l := Config(t), &lent{}
	config.Monitor = &event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			switch e.CommandName {
			case "insert", "update":
				l.written.Store(e.Command.Lookup(e.CommandName).StringValue(), true)
			}
		},
		Failed: func(context.Context, *event.CommandFailedEvent) { l.failed.Store(true) },
	}
	l.client = Connect(t, config)
	Prepare(t, l.client)
	l.failed.Store(false) // there was no collection yet
	return l
}

// empty empties the database, and tells whether nothing can come into it later.
func (l *lent) empty(t testing.TB) bool {
	l.written.Range(func(name, _ any) bool {
		if _, err := mongodb.CollectionOf[bson.M](l.client, name.(string)).DeleteAll(context.Background(), 0, bson.M{}); err != nil {
			t.Errorf("emptying %s: %v", name, err)
		}
		return true
	})
	l.written.Clear()
	return !l.failed.Load()
}
