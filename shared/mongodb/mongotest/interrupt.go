package mongotest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"

	"officepay.example/shared/faulttest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Relay is a relay to the database, and the settings of a client that connects
// through it.
func Relay(t testing.TB) (*faulttest.Relay, mongodb.Config) {
	t.Helper()
	config := Config(t)
	direct, err := url.Parse(config.URI)
	if err != nil || direct.User != nil {
		t.Skip("MONGO_URI must be a plain address for this test")
	}
	r := faulttest.NewRelay(t, direct.Host)
	// Without the options of the test server: with the limits of a service.
	config.URI = "mongodb://" + r.Address() + "/?directConnection=true"
	return r, config
}

// Interruption cuts a client off from the database at one step of a call.
type Interruption struct {
	Client *mongodb.Client

	t     *testing.T
	relay *faulttest.Relay
	at    int  // which command
	after bool // it, rather than before

	mu      sync.Mutex
	isOn    bool
	seen    int // commands
	reached bool
}

// Interruptions runs a test for each step at which a call can be interrupted:
// before and after each command, until the call is through before its turn
// comes. Each has a database of its own.
func Interruptions(t *testing.T, test func(t *testing.T, i *Interruption)) {
	const most, atOnce = 20, 4 // commands of a call
	for first := 1; first <= most; first += atOnce {
		var goesOn atomic.Bool
		t.Run(fmt.Sprintf("from command %d on", first), func(t *testing.T) {
			for n := range 2 * atOnce {
				at, after := first+n/2, n%2 == 1
				t.Run(fmt.Sprintf("%d, after it %v", at, after), func(t *testing.T) {
					t.Parallel() // each waits most of the time
					i := interruption(t, at, after)
					test(t, i)
					if i.reached && n/2 == atOnce-1 {
						goesOn.Store(true)
					}
				})
			}
		})
		if !goesOn.Load() {
			return
		}
	}
	t.Errorf("the call sends more than %d commands", most)
}

func interruption(t *testing.T, at int, after bool) *Interruption {
	relay, config := Relay(t)
	relay.Start()
	i := &Interruption{t: t, relay: relay, at: at, after: after}
	config.Monitor = &event.CommandMonitor{
		Started:   func(context.Context, *event.CommandStartedEvent) { i.step(false) },
		Succeeded: func(context.Context, *event.CommandSucceededEvent) { i.step(true) },
	}
	i.Client = Connect(t, config)
	Prepare(t, i.Client)
	return i
}

func (i *Interruption) step(isAfter bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.isOn || isAfter != i.after {
		return
	}
	if i.seen++; i.seen == i.at {
		i.reached = true
		i.relay.Cut()
	}
}

// During makes a call that is interrupted, and returns its error once the
// database is there again. A call that comes to its end before must succeed.
func (i *Interruption) During(call func(context.Context) error) error {
	i.t.Helper()
	i.set(true)
	err := call(i.t.Context())
	i.set(false)
	if !i.reached {
		officetest.Must(i.t, err)
		return nil
	}
	i.relay.Start()
	i.await()
	return err
}

func (i *Interruption) set(on bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.isOn = on
}

// await waits until the database answers.
func (i *Interruption) await() {
	i.t.Helper()
	const patience = time.Minute
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		_, err := mongodb.Common{Client: i.Client}.UserByID(i.t.Context(), officetest.Missing)
		if errors.Is(err, office.ErrNotFound) {
			return
		}
		if time.Since(begin) > patience {
			i.t.Fatal(err)
		}
	}
}
