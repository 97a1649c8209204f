package mongodb_test

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office/officetest"
)

// A case of a conformance suite finds nothing of another one: neither what that has
// left, nor what it has sent and the server may do later.
func TestFixtureIsHandedOnEmpty(t *testing.T) {
	open := mongotest.Fixture(t, func(c *mongodb.Client) mongodb.Common { return mongodb.Common{Client: c} })
	var isSlow bool
	use := func(do func(*testing.T, *mongodb.Client)) (used *mongodb.Client) {
		t.Run("case", func(t *testing.T) {
			f, user := open(t), officetest.User(1)
			f.WantNoUser(t, user.ID)
			f.AddUsers(t, user)
			used, isSlow = f.Store.Client, f.Slow
			do(t, used)
		})
		return used
	}
	nothing := func(*testing.T, *mongodb.Client) {}
	first := use(nothing)
	second := use(func(t *testing.T, _ *mongodb.Client) { use(nothing) })
	officetest.Equal(t, "that it is handed on", second == first, isSlow)
	third := use(func(t *testing.T, c *mongodb.Client) {
		_, err := c.Users().Aggregate(t.Context(), 0, bson.A{bson.M{"$fails": 1}})
		officetest.Equal(t, "that it fails", err != nil, true)
	})
	officetest.Equal(t, "that it is handed on after a command has failed", use(nothing) == third, false)
}
