package mongotest

import (
	"context"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"officepay.example/shared/mongodb"
)

// Between is a client whose first command of a kind is preceded by what
// somebody else does, who has a client of his own. The test fails when no such
// command is sent.
func Between(t testing.TB, isIt func(command bson.Raw) bool, do func()) (client, other *mongodb.Client) {
	t.Helper()
	config := Config(t)
	other = Connect(t, config)
	Prepare(t, other)
	var isPrepared, isDone atomic.Bool
	config.Monitor = &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		if isPrepared.Load() && isIt(e.Command) && !isDone.Swap(true) {
			do()
		}
	}}
	client = Connect(t, config)
	Prepare(t, client)
	isPrepared.Store(true)
	t.Cleanup(func() {
		if !isDone.Load() {
			t.Error("the command that something should precede was not sent")
		}
	})
	return client, other
}

// Named is the kind of the commands of that name.
func Named(name string) func(bson.Raw) bool {
	return func(command bson.Raw) bool { return command.Index(0).Key() == name }
}
