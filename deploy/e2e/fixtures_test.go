package e2e

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// unusedID is well-formed and nobody's.
const unusedID = "00000000000000000000feed"

var (
	run8    = rand.Text()[:8] // tells this run from others on the same origin
	counter atomic.Int64
)

// unique makes a unique name.
func unique(kind string) string { return fmt.Sprintf("E2E-%s-%s-%d", kind, run8, counter.Add(1)) }

// newPassword makes a password that checkAnswer and the check of the log
// recognize.
func newPassword() string { return secretMark + rand.Text() }

// newAccount makes an account number that the check of the log recognizes.
func newAccount() string { return fmt.Sprintf("%s%06d", accountMark, counter.Add(1)) }

// with is the object with changes. A change to absent takes the field out.
func with(base fields, changes ...fields) fields {
	changed := maps.Clone(base)
	for _, change := range changes {
		for name, value := range change {
			if value == absent {
				delete(changed, name)
			} else {
				changed[name] = value
			}
		}
	}
	return changed
}

// absent stands for a field that is not there.
var absent = new(struct{ _ byte })

// dbFields is a database that is accepted.
func dbFields() fields {
	code := unique("DB")
	return fields{"name": "Name of " + code, "short_code": code, "description": "Made by the suite"}
}

// userFields is a user who is accepted.
func userFields(dbs ...string) fields {
	return fields{
		"first_name": "Ada", "last_name": "Obi", "army_number": unique("USER"),
		"password": newPassword(), "role": "user", "allowed_dbs": append([]string{}, dbs...),
	}
}

// recordFields is a record with nothing but what is required.
func recordFields(db string) fields {
	return fields{
		"first_name": "Musa", "last_name": "Ibrahim", "army_number": unique("PERS"),
		"phone_number": "08030000000", "rank": "Cpl", "acct_number": noteAccount(newAccount(), db),
		"bank": fields{"name": "ECOBANK PLC", "sort_code": "050150311"}, "sub_sector": "HQ Sector 1", "db_id": db,
	}
}

// fullFields is a record with everything.
func fullFields(db string) fields {
	return with(recordFields(db), fields{
		"middle_name": "Sani", "location": "Kaduna", "remark": "On course", "status": "posted",
	})
}

// rowsOf are that many records of a database.
func rowsOf(db string, count int) []fields {
	rows := make([]fields, count)
	for i := range rows {
		rows[i] = recordFields(db)
	}
	return rows
}

// newDB makes a database that goes when the test ends.
func newDB(t testing.TB) client.DB {
	t.Helper()
	db := ask[client.DB](admin(t), 201, "POST", "/admin/dbs", dbFields())
	t.Cleanup(func() { tidy("/admin/dbs/" + db.ID) })
	return db
}

// tidy removes what a test made, if the test did not.
func tidy(path string) { target.admin.Call(context.Background(), "DELETE", path, nil) }

// newPerson makes a user who goes when the test ends.
func newPerson(t testing.TB, sent fields) person {
	t.Helper()
	made := ask[client.User](admin(t), 201, "POST", "/admin/users", sent)
	t.Cleanup(func() { tidy("/admin/users/" + made.ID) })
	noteAccess(made.ID, sent)
	return person{made.ID, sent["army_number"].(string), sent["password"].(string)}
}

// newCaller makes a user who may see the databases, and logs them in.
func newCaller(t testing.TB, dbs ...string) caller {
	t.Helper()
	return newPerson(t, userFields(dbs...)).login(t)
}

// newAdmin makes one more admin, and logs them in.
func newAdmin(t testing.TB) caller {
	t.Helper()
	return newPerson(t, with(userFields(), fields{"role": "admin"})).login(t)
}

// newReader makes a user of the role who is read-only, and logs them in.
func newReader(t testing.TB, role string, dbs ...string) caller {
	t.Helper()
	return newPerson(t, with(userFields(dbs...), fields{"role": role, "read_only": true})).login(t)
}

// login begins one more session of the person.
func (p person) login(t testing.TB) caller {
	t.Helper()
	session := ask[client.Session](anyone(t), 200, "POST", "/auth/login", p.credentials())
	return caller{client.New(target.url).With(session.Token), p, t}
}

func (p person) credentials() fields {
	return fields{"army_number": p.number, "password": p.password}
}

// newRecord makes a record, whole or with changes to it.
func newRecord(t testing.TB, db string, changes ...fields) client.Record {
	t.Helper()
	return ask[client.Record](admin(t), 201, "POST", "/personnels/", with(fullFields(db), changes...))
}

// upload sends rows that must all go in.
func upload(t testing.TB, rows []fields) {
	t.Helper()
	done := ask[client.Upload](admin(t), 201, "POST", "/personnels/upload", rows)
	if done.Inserted != len(rows) {
		t.Fatalf("the upload of %d rows put %d in", len(rows), done.Inserted)
	}
}

// text renders a value of a table in the name of a case.
func text(value any) string { return strings.ReplaceAll(fmt.Sprintf("%.40v", value), "/", "|") }
