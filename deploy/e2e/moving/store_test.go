package moving

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// mark is in everything that must not get into a store.
const mark = "bad0bad0bad0bad0bad0bad0"

// intrusions are the worst that a body can hold: in the names of the contract and of the
// store, and as careless decoders match them.
var intrusions = []rig.Fields{
	{
		"id": mark, "_id": mark, "password_hash": mark, "kept_token": mark, "search_text": mark,
		"created_at": longAgo, "deleted_at": longAgo, "updated_at": longAgo,
		"isDeleted": true, "deleting": true, "access_all_db": true, "session": 77, "is_generated": false,
		"leaving": mark, "short_code_folded": mark, "schema_version": 77,
		"$set": rig.Fields{"role": "admin"}, "role.x": mark, mark: mark,
	},
	{
		"ID": mark, "_ID": mark, "Password_Hash": mark, "KEPT_TOKEN": mark, "\u017fearch_text": mark,
		"Created_At": longAgo, "DELETED_AT": longAgo, "updated_AT": longAgo,
		"i\u017fDeleted": true, "Deleting": true, "acce\u017fs_all_db": true, "Session": 77, "ROLE": "admin",
		"Leaving": mark, "\u017fhort_code_folded": mark, "SCHEMA_VERSION": 77, "IS_GENERATED": false,
	},
	{"isdeleted": true, "access_all_DB": true, "ro\u217ce": "admin", "\u017fession": 77, "i\u017f_generated": false, "isGenerated": false},
}

const longAgo = "2001-01-01T00:00:00Z"

// sameKind are things that must be alike in the store: the first was made as it
// should be.
type sameKind struct {
	kind string
	ids  []string
}

// Promise 6, seen from the store: a document that was made and changed with all
// of that has the fields of one that was not, and none of its values.
func TestOnlyNamedFieldsAreStored(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		r := start(t)
		db := r.NewDB()
		made := []sameKind{
			{"dbs", makeEach(t, r, "/admin/dbs", "name", func() rig.Fields {
				return rig.Fields{"name": "A database", "short_code": rig.Unique("DB")}
			})},
			{"users", makeEach(t, r, "/admin/users", "first_name", newUser)},
			{"users", setPasswords(t, r)},
			{"personnels", makeEach(t, r, "/personnels", "first_name", func() rig.Fields { return rig.Record(db) })},
			{"personnels", uploadEach(t, r)},
		}
		dir := dump(t, r)
		for _, same := range made {
			plain := documentIn(t, dir, same.kind, same.ids[0])
			for _, id := range same.ids[1:] {
				checkLike(t, same.kind, documentIn(t, dir, same.kind, id), plain)
			}
		}
	})
}

func newUser() rig.Fields {
	return rig.Fields{"first_name": "Ada", "last_name": "Obi", "army_number": rig.Unique("USER"), "password": "a password"}
}

// checkLike compares a document with one that nobody intruded on.
func checkLike(t *testing.T, kind string, got, plain map[string]json.RawMessage) {
	t.Helper()
	if names, want := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(plain)); !slices.Equal(names, want) {
		t.Errorf("%s: the fields are %v, want %v", kind, names, want)
	}
	alike := []string{"role", "isDeleted", "deleting", "access_all_db", "session", "is_generated", "allowed_dbs", "schema_version"}
	for name, value := range got {
		text := string(value)
		if strings.Contains(text, mark) || strings.Contains(text, longAgo[:5]) || slices.Contains(alike, name) && text != string(plain[name]) {
			t.Errorf("%s: %s is %s", kind, name, text)
		}
	}
}

// makeEach makes one thing as it should be and one with each intrusion, changes
// all alike, and returns their ids.
func makeEach(t *testing.T, r *rig.Rig, path, name string, fields func() rig.Fields) (ids []string) {
	t.Helper()
	for _, extra := range append([]rig.Fields{nil}, intrusions...) {
		body, change := fields(), rig.Fields{name: "Changed"}
		maps.Copy(body, extra)
		maps.Copy(change, extra)
		made, err := client.Send[struct{ ID string }](t.Context(), r.Admin, "POST", path, body)
		must(t, err)
		_, err = client.Send[json.RawMessage](t.Context(), r.Admin, "PATCH", path+"/"+made.ID, change)
		must(t, err)
		ids = append(ids, made.ID)
	}
	return ids
}

// uploadEach uploads a row as it should be and one with each intrusion, and
// returns the ids of the records.
func uploadEach(t *testing.T, r *rig.Rig) (ids []string) {
	t.Helper()
	db := r.NewDB()
	rows := rig.Records(db, 1+len(intrusions))
	for i, extra := range intrusions {
		maps.Copy(rows[1+i], extra)
	}
	r.Upload(rows)
	list, err := client.Get[client.List[client.Record]](t.Context(), r.Admin, "/personnels/db/"+db+"?limit=100")
	must(t, err)
	for _, record := range list.Data {
		ids = append(ids, record.ID)
	}
	if len(ids) != len(rows) || list.Data[0].ArmyNumber != rows[0]["army_number"] {
		t.Fatalf("of %d rows the list has %d, or not in their order", len(rows), len(ids))
	}
	return ids
}

// setPasswords makes users whose passwords an admin resets, and they change: one
// as it should be, the others with an intrusion, and with what other calls of a
// user's may name. It returns the ids of the users.
func setPasswords(t *testing.T, r *rig.Rig) (ids []string) {
	t.Helper()
	named := rig.Fields{"role": "admin", "allowed_dbs": []string{mark}, "first_name": mark, "army_number": mark, "password": mark}
	for _, extra := range append([]rig.Fields{nil, named}, intrusions...) {
		user := newUser()
		made, err := client.Send[struct{ ID string }](t.Context(), r.Admin, "POST", "/admin/users", user)
		must(t, err)
		reset := rig.Fields{"user_id": made.ID, "new_password": "another one"}
		change := rig.Fields{"old_password": "another one", "new_password": "the last one"}
		maps.Copy(reset, extra)
		maps.Copy(change, extra)
		_, err = client.Send[json.RawMessage](t.Context(), r.Admin, "POST", "/admin/reset-password", reset)
		must(t, err)
		caller := r.Login(user["army_number"].(string), "another one")
		_, err = client.Send[json.RawMessage](t.Context(), caller, "POST", "/auth/change-password", change)
		must(t, err)
		ids = append(ids, made.ID)
	}
	return ids
}

// dump writes the store's documents to files.
func dump(t *testing.T, r *rig.Rig) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "out")
	if r.Stack == nil {
		do(t, []string{"DATA_DIR=" + r.DataDir}, "office-payment", "export", dir)
		return dir
	}
	must(t, os.Mkdir(dir, 0o700))
	do(t, nil, "mongofiles", "dump", "mongodb://"+r.Relay.Address()+"/?directConnection=true", "office-payment-mgmt", dir)
	return dir
}

// documentIn is the document with the id.
func documentIn(t *testing.T, dir, kind, id string) (document map[string]json.RawMessage) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, kind+".json"))
	must(t, err)
	for line := range strings.Lines(string(content)) {
		if strings.Contains(line, fmt.Sprintf(`"_id":{"$oid":%q}`, id)) {
			must(t, json.Unmarshal([]byte(line), &document))
			return document
		}
	}
	t.Fatalf("the store has no document %s in %s", id, kind)
	return nil
}
