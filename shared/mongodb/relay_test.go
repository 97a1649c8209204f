package mongodb_test

import (
	"testing"

	"officepay.example/shared/faulttest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
)

// newRelay is a relay to the database, and the settings of a client that
// connects through it.
func newRelay(t *testing.T) (*faulttest.Relay, mongodb.Config) {
	t.Helper()
	return mongotest.Relay(t)
}
