package mongodb

import (
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"officepay.example/shared/office/officetest"
)

// What the URI says of where and how to read and write changes nothing: a
// permission, a database and the last admin are looked up where they are
// written.
func TestSettingsThatAreFixed(t *testing.T) {
	for _, asked := range []string{
		"", "readPreference=secondaryPreferred", "readPreference=secondary&readPreferenceTags=dc:a&maxStalenessSeconds=100",
		"readPreference=nearest", "w=0", "w=1&journal=false", "readConcernLevel=local", "retryWrites=false",
	} {
		t.Run(asked, func(t *testing.T) {
			o := settings(Config{URI: "mongodb://127.0.0.1/?" + asked}, "test")
			officetest.Must(t, o.Validate())
			officetest.Equal(t, "where is read", o.ReadPreference, readpref.Primary())
			officetest.Equal(t, "what is read", o.ReadConcern.Level, "majority")
			officetest.Equal[any](t, "who acknowledges", o.WriteConcern.W, "majority")
			officetest.Equal(t, "that it is on disk", *o.WriteConcern.Journal, true)
			officetest.Equal(t, "that a write is tried again", *o.RetryWrites, true)
		})
	}
}

// The URI may set the limit of a command, but not take it away.
func TestLimitOfCommand(t *testing.T) {
	for asked, want := range map[string]time.Duration{
		"": commandTimeout, "timeoutMS=0": commandTimeout, "timeoutMS=1": time.Millisecond, "timeoutMS=30000": 30 * time.Second,
	} {
		client, err := Connect(Config{URI: "mongodb://127.0.0.1:1/?" + asked, Database: "test"}, "test")
		officetest.Must(t, err)
		officetest.Equal(t, "the limit with "+asked, client.timeout, want)
		officetest.Must(t, client.Close())
	}
}
