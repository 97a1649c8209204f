package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// protected are fields that no body sets (promise 6), each with what somebody
// would like to put there.
var protected = fields{
	"id": unusedID, "_id": unusedID, "created_at": longAgo, "updated_at": longAgo, "revision": 99, "bank_changed_at": longAgo, "deleted_at": longAgo,
	"isDeleted": true, "deleting": true, "is_generated": false, "access_all_db": true, "search_text": "x",
	"password_hash": "$2a$04$abcdefghijklmnopqrstuuXK1BkzXCN1P3dKAQnxN5ddcRa1RqPlK", "session": 99, "kept_token": "x",
	"leaving": unusedID, "short_code_folded": "x", "schema_version": 99,
}

const longAgo = "2001-01-01T00:00:00Z"

// intruders are what else a client may put into such a field.
var intruders = []any{true, false, nil, "x", unusedID, longAgo, 7, []any{1}, fields{"$set": 1}}

// spellings are a name as careless decoders match it: Go's own ignores case,
// and takes ſ for s and K (the Kelvin sign) for k.
func spellings(name string) []string {
	return []string{
		name, strings.ToUpper(name), strings.ToLower(name), strings.ToUpper(name[:1]) + name[1:],
		strings.ReplaceAll(name, "s", "ſ"), strings.ReplaceAll(name, "k", "\u212a"),
	}
}

// eachIntrusion calls with what is worst in every protected field, once for each way to
// spell them, and with one object for every spelling of every field, in which the values
// take turns. Those tell decoders apart, not stores: a slow store gets only a few.
func eachIntrusion(use func(fields)) {
	for way := range spellings("x") {
		worst := fields{}
		for name, value := range protected {
			worst[spellings(name)[way]] = value
		}
		use(worst)
	}
	names := slices.Sorted(maps.Keys(protected))
	for i, name := range names[:rounds(len(names), 1)] {
		for j, spelling := range spellings(name) {
			use(fields{spelling: intruders[(i*len(spellings(name))+j)%len(intruders)]})
		}
	}
}

// TestReadOnlyFieldsOfRecords: what a client says of them changes nothing.
func TestReadOnlyFieldsOfRecords(t *testing.T) {
	t.Parallel()
	db, c := newDB(t), admin(t)
	old := newRecord(t, db.ID)
	eachIntrusion(func(extra fields) {
		made := newRecord(t, db.ID, extra)
		if made.ID == unusedID || made.IsDeleted || made.CreatedAt.Year() == 2001 || made.UpdatedAt.Year() == 2001 || made.Revision != 1 || !made.BankChangedAt.IsZero() {
			t.Errorf("%v came through: %+v", extra, made)
		}
		now := ask[client.Record](c, 200, "PATCH", "/personnels/"+old.ID, with(extra, fields{"rank": "Sgt"}))
		if now.Revision > 2 {
			t.Errorf("%v was a change: %+v", extra, now)
		}
		now.Rank, now.UpdatedAt, now.Revision = old.Rank, old.UpdatedAt, old.Revision
		if now != old {
			t.Errorf("%v came through: %+v, want %+v", extra, now, old)
		}
	})
}

// TestReadOnlyFieldsOfUsers: the same for users. Nobody gets in with a hash of their own.
func TestReadOnlyFieldsOfUsers(t *testing.T) {
	t.Parallel()
	c, old := admin(t), newCaller(t)
	before := string(c.want(200, "GET", "/admin/users/"+old.id, nil).Data)
	eachIntrusion(func(extra fields) {
		made := newPerson(t, with(userFields(), extra))
		shown := get[client.User](c, "/admin/users/"+made.id)
		if made.id == unusedID || shown.Role != "user" || !shown.IsGenerated || shown.AccessAllDB {
			t.Errorf("%v came through: %+v", extra, shown)
		}
		c.want(200, "PATCH", "/admin/users/"+old.id, extra)
	})
	if after := string(c.want(200, "GET", "/admin/users/"+old.id, nil).Data); after != before {
		t.Errorf("the user was %s and is %s", before, after)
	}
	old.person.login(t)
}

// TestReadOnlyFieldsOfDBs: the same for databases.
func TestReadOnlyFieldsOfDBs(t *testing.T) {
	t.Parallel()
	c, old := admin(t), newDB(t)
	eachIntrusion(func(extra fields) {
		made := ask[client.DB](c, 201, "POST", "/admin/dbs", with(dbFields(), extra))
		if made.ID == unusedID || made.CreatedAt.Year() == 2001 {
			t.Errorf("%v came through: %+v", extra, made)
		}
		if now := ask[client.DB](c, 200, "PATCH", "/admin/dbs/"+made.ID, extra); now != made {
			t.Errorf("%v came through: %+v, want %+v", extra, now, made)
		}
		tidy("/admin/dbs/" + made.ID)
	})
	if now := ask[client.DB](c, 200, "PATCH", "/admin/dbs/"+old.ID, fields{}); now != old {
		t.Errorf("an empty change made %+v of %+v", now, old)
	}
}

// TestKeysMatchExactly: a field in another case is another field.
func TestKeysMatchExactly(t *testing.T) {
	t.Parallel()
	db, other := newDB(t), newDB(t)
	c := admin(t)
	record, user := newRecord(t, db.ID), newPerson(t, userFields())
	for _, change := range []fields{
		{"STATUS": "awol"}, {"Status": "awol"}, {"ſtatus": "awol"}, {"First_Name": "X"}, {"DB_ID": other.ID},
		{"rank ": "X"}, {"ran\u212a": "X"}, {"bank.name": "X"}, {"Bank": fields{"name": "X"}}, {"$set": fields{"rank": "X"}},
	} {
		if now := ask[client.Record](c, 200, "PATCH", "/personnels/"+record.ID, change); now != record {
			t.Errorf("%v made %+v of %+v", change, now, record)
		}
	}
	for _, change := range []fields{{"ROLE": "admin"}, {"Role": "admin"}, {"PASSWORD": "x"}, {"Allowed_DBs": []any{db.ID}}} {
		now := ask[client.User](c, 200, "PATCH", "/admin/users/"+user.id, change)
		if now.Role != "user" || len(now.AllowedDBs) > 0 {
			t.Errorf("%v came through: %+v", change, now)
		}
	}
	wantProblem(t, c.send("POST", "/personnels", with(recordFields(db.ID), fields{"rank": absent, "RANK": "Cpl"})), "rank")
	raised := newPerson(t, with(userFields(), fields{"role": absent, "Role": "admin"}))
	if got := get[client.User](c, "/admin/users/"+raised.id).Role; got != "user" {
		t.Errorf("the role is %s, want user", got)
	}
}

// TestReadOnlyFieldsOfUploads: the same for the rows of an upload.
func TestReadOnlyFieldsOfUploads(t *testing.T) {
	t.Parallel()
	db, rows, wanted := newDB(t), []fields{}, []string{}
	eachIntrusion(func(extra fields) {
		row := fullFields(db.ID)
		rows, wanted = append(rows, with(row, extra)), append(wanted, row["army_number"].(string))
	})
	upload(t, rows)
	for i, made := range page[client.Record](admin(t), "/personnels/db/"+db.ID+"?limit=1000").Data {
		if made.ArmyNumber != wanted[i] || made.ID == unusedID || made.IsDeleted || made.CreatedAt.Year() == 2001 || made.Status != "posted" {
			t.Errorf("%v came through: %+v", rows[i], made)
		}
	}
	wantTotal(t, db.ID, len(rows))
}

// TestReadOnlyFieldsOfPasswords: a call that sets a password sets nothing else,
// and for nobody else.
func TestReadOnlyFieldsOfPasswords(t *testing.T) {
	t.Parallel()
	other := newCaller(t)
	for _, extra := range []fields{
		{"role": "admin", "is_generated": false, "access_all_db": true, "session": -1, "kept_token": "x"},
		{"army_number": unique("STOLEN"), "allowed_dbs": []string{newDB(t).ID}, "password_hash": "x", "isdeleted": true, "ROLE": "admin"},
		{"id": other.id, "_id": other.id, "userid": other.id, "ro\u217ce": "admin", "newPassword": newPassword()},
	} {
		user, next, last := newPerson(t, userFields()), newPassword(), newPassword()
		shown := get[client.User](admin(t), "/admin/users/"+user.id)
		admin(t).want(200, "POST", "/admin/reset-password", with(extra, fields{"user_id": user.id, "new_password": next}))
		user.password = next
		wantUser(t, get[client.User](admin(t), "/admin/users/"+user.id), shown)
		user.login(t).want(200, "POST", "/auth/change-password", with(extra, fields{"old_password": next, "new_password": last}))
		user.password, shown.IsGenerated = last, false
		wantUser(t, get[client.User](user.login(t), "/auth/me"), shown)
	}
	other.want(200, "GET", "/auth/me", nil)
}
