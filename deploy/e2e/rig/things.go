package rig

import (
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// Fields is a JSON object.
type Fields = map[string]any

var counter atomic.Int64

// Unique is a name that nobody else has.
func Unique(kind string) string {
	return fmt.Sprintf("%s-%s-%d", kind, rand.Text()[:6], counter.Add(1))
}

// NewDB makes a database and returns its id.
func (r *Rig) NewDB() string {
	r.t.Helper()
	db, err := client.Send[client.DB](r.t.Context(), r.Admin, "POST", "/admin/dbs",
		Fields{"name": "A database", "short_code": Unique("DB")})
	must(r.t, err)
	return db.ID
}

// NewUser makes a user who may see the databases, and logs them in.
func (r *Rig) NewUser(dbs ...string) *client.Client {
	r.t.Helper()
	number, password := Unique("USER"), rand.Text()
	_, err := client.Send[client.User](r.t.Context(), r.Admin, "POST", "/admin/users", Fields{
		"first_name": "Ada", "last_name": "Obi", "army_number": number, "password": password, "allowed_dbs": append([]string{}, dbs...)})
	must(r.t, err)
	return r.Login(number, password)
}

const acctNumber = "0123456789"

// Record is a new record of a database.
func Record(db string) Fields {
	return Fields{
		"first_name": "Musa", "last_name": "Ibrahim", "middle_name": "Sani", "army_number": Unique("N"),
		"phone_number": "08030000000", "rank": "Cpl", "acct_number": acctNumber, "sub_sector": "HQ Sector 1",
		"bank": Fields{"name": "ECOBANK PLC", "sort_code": "050150311"}, "location": "Kaduna", "db_id": db,
	}
}

// Records are that many of them.
func Records(db string, count int) []Fields {
	rows := make([]Fields, count)
	for i := range rows {
		rows[i] = Record(db)
	}
	return rows
}

// Upload sends records, which must all go in, in as many calls as it takes.
func (r *Rig) Upload(rows []Fields) {
	r.t.Helper()
	for part := range slices.Chunk(rows, 10000) {
		done, err := client.Send[client.Upload](r.t.Context(), r.Admin, "POST", "/personnels/upload", part)
		if must(r.t, err); done.Inserted != len(part) {
			r.t.Fatalf("of %d records %d went in", len(part), done.Inserted)
		}
	}
}

// IsSoak tells whether make soak runs the tests, in their long form.
func IsSoak() bool { return os.Getenv("SOAK") == "1" }

// Rounds is how often to do something: short in make test and test-all, long in make soak.
func Rounds(short, long int) int {
	if IsSoak() {
		return long
	}
	return short
}

// Report says what a test of a promise saw. make soak shows these lines.
func Report(t testing.TB, promise int, format string, args ...any) {
	t.Helper()
	t.Logf("promise %d: %s", promise, fmt.Sprintf(format, args...))
}
