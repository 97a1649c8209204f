package mongodb_test

import (
	"net/url"
	"testing"

	"officepay.example/shared/faulttest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
)

// newRelay is a relay to the database, and the settings of a client that
// connects through it.
func newRelay(t *testing.T) (*faulttest.Relay, mongodb.Config) {
	t.Helper()
	config := mongotest.Config(t)
	direct, err := url.Parse(config.URI)
	if err != nil || direct.User != nil {
		t.Skip("MONGO_URI must be a plain address for this test")
	}
	r := faulttest.NewRelay(t, direct.Host)
	// Without the options of the test server: with the limits of a service.
	config.URI = "mongodb://" + r.Address() + "/?directConnection=true"
	return r, config
}
