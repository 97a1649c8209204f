package mongodb

import (
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"officepay.example/shared/environ"
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

// A password may stand outside the URI, as it is: in the URI it must be encoded.
func TestPasswordOutsideTheURI(t *testing.T) {
	for _, uri := range []string{"mongodb://u@127.0.0.1", "mongodb://u:old@127.0.0.1"} {
		config, err := load(func(name string) string {
			return map[string]string{"MONGO_URI": uri, "MONGO_PASSWORD": signs}[name]
		})
		officetest.Must(t, err)
		o := settings(config, "test")
		officetest.Must(t, o.Validate())
		officetest.Equal(t, "the user of "+uri, o.Auth.Username, "u")
		officetest.Equal(t, "the password of "+uri, o.Auth.Password, signs)
	}
	if _, err := Connect(Config{URI: "mongodb://127.0.0.1", Password: signs}, "test"); err == nil || !strings.Contains(err.Error(), "MONGO_URI names no user") {
		t.Errorf("a password of nobody: %v", err)
	}
}

// signs are all that mean something in a URI, a shell, a .env or JavaScript.
const signs = " :@/?#%&=+$`\"'\\;[]{}<>|~!*()ß "

// What is wrong with the settings is named, and no part of the URI is shown.
func TestFaultsOfSettings(t *testing.T) {
	for name, c := range map[string]struct {
		uri, database string
		faults        []string
	}{
		"nothing set":      {"", "", []string{"MONGO_URI"}},
		"not a MongoDB":    {"postgres://a:hidden@b", "", []string{"MONGO_URI"}},
		"password":         {"mongodb://a:hid/den@b", "", []string{"MONGO_URI"}},
		"name of database": {"mongodb://a", "a.b", []string{"MONGO_DB"}},
		"length of it":     {"mongodb://a", strings.Repeat("a", 64), []string{"MONGO_DB"}},
		"both":             {"", "a b", []string{"MONGO_URI", "MONGO_DB"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(func(name string) string {
				return map[string]string{"MONGO_URI": c.uri, "MONGO_DB": c.database}[name]
			})
			for _, fault := range c.faults {
				if err == nil || !strings.Contains(err.Error(), fault) {
					t.Errorf("the error does not name %s: %v", fault, err)
				}
			}
			if err != nil && strings.Contains(err.Error(), "hid") {
				t.Errorf("the error holds a password: %v", err)
			}
		})
	}
}

func load(getenv func(string) string) (Config, error) {
	env := environ.New(getenv)
	c := LoadConfig(env)
	return c, env.Err()
}
