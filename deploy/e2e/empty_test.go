package e2e

import (
	"reflect"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// emptied are the ways to say nothing in a field.
var emptied = map[string]any{"absent": absent, "null": nil, "empty": "", "blank": " \t\u00a0 "}

// resource is a thing of the API, with what its fields are when nothing is given.
type resource struct {
	good     func(t *testing.T) fields // with a value in every field
	create   string
	path     string                               // of one, but for its id
	shown    func(t *testing.T, id string) fields // as it is now
	required []string
	optional map[string]any // what a new one has when nothing was said
	keeps    string         // an optional field that a change cannot empty: it stays
}

var resources = map[string]resource{
	"record": {
		good:   func(t *testing.T) fields { return fullFields(newDB(t).ID) },
		create: "/personnels", path: "/personnels/",
		shown: func(t *testing.T, id string) fields { return get[fields](admin(t), "/personnels/"+id) },
		required: []string{"first_name", "last_name", "army_number", "phone_number", "rank", "acct_number", "sub_sector", "db_id",
			"bank.name", "bank.sort_code"},
		optional: map[string]any{"middle_name": "", "location": "", "remark": "", "status": "active"},
		keeps:    "status",
	},
	"user": {
		good:   func(t *testing.T) fields { return userFields() },
		create: "/admin/users", path: "/admin/users/",
		shown:    func(t *testing.T, id string) fields { return get[fields](admin(t), "/admin/users/"+id) },
		required: []string{"first_name", "last_name", "army_number"},
		optional: map[string]any{"role": "user"},
		keeps:    "role",
	},
	"database": {
		good:   func(*testing.T) fields { return dbFields() },
		create: "/admin/dbs", path: "/admin/dbs/",
		shown: func(t *testing.T, id string) fields {
			return ask[fields](admin(t), 200, "PATCH", "/admin/dbs/"+id, fields{})
		},
		required: []string{"name", "short_code"},
		optional: map[string]any{"description": ""},
	},
}

// put is the object with a value at a path such as bank.name. What else is in
// the inner object stays.
func put(base fields, path string, value any) fields {
	outer, inner, nested := strings.Cut(path, ".")
	if !nested {
		return with(base, fields{path: value})
	}
	object, _ := base[outer].(fields)
	return with(base, fields{outer: with(fields{}, object, fields{inner: value})})
}

// TestNothingSaid is promise 17: in every field of every thing, absent, null
// and empty mean what they must, when it is made and when it is changed.
func TestNothingSaid(t *testing.T) {
	t.Parallel()
	for name, kind := range resources {
		for how, nothing := range emptied {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				checkRequired(t, kind, nothing)
				checkOptional(t, kind, nothing)
			})
		}
	}
}

// make makes one, and returns its id.
func (k resource) make(t *testing.T, sent fields) string {
	t.Helper()
	id := ask[fields](admin(t), 201, "POST", k.create, sent)["id"].(string)
	t.Cleanup(func() { tidy(k.path + id) })
	return id
}

// checkRequired: what is required must be given when the thing is made, and cannot be
// emptied; left out of a change, it stays.
func checkRequired(t *testing.T, kind resource, nothing any) {
	t.Helper()
	c, id := admin(t), kind.make(t, kind.good(t))
	old := kind.shown(t, id)
	for _, field := range kind.required {
		wantProblem(t, c.send("POST", kind.create, put(kind.good(t), field, nothing)), field)
		res := c.send("PATCH", kind.path+id, put(fields{}, field, nothing))
		if nothing != absent {
			wantProblem(t, res, field)
		} else if res.Status != 200 {
			t.Errorf("%s left out: got %d (%s)", field, res.Status, res.Message)
		}
	}
	if now := kind.shown(t, id); !reflect.DeepEqual(now, old) {
		t.Errorf("%v became %v", old, now)
	}
}

// checkOptional: what is optional has its default when nothing is given, and is emptied
// by everything except leaving it out.
func checkOptional(t *testing.T, kind resource, nothing any) {
	t.Helper()
	for field, standard := range kind.optional {
		made := kind.shown(t, kind.make(t, put(kind.good(t), field, nothing)))
		wantField(t, "made", made, field, standard)

		id := kind.make(t, kind.good(t))
		want := standard
		if nothing == absent || field == kind.keeps {
			want = kind.shown(t, id)[field]
		}
		admin(t).want(200, "PATCH", kind.path+id, put(fields{}, field, nothing))
		wantField(t, "changed", kind.shown(t, id), field, want)
	}
}

func wantField(t *testing.T, how string, object fields, field string, want any) {
	t.Helper()
	if got, there := object[field]; !there || got != want {
		t.Errorf("%s with nothing in %s: got %v (%v), want %v", how, field, got, there, want)
	}
}

// TestNothingSaidInARow: the same rules for a row of an upload.
func TestNothingSaidInARow(t *testing.T) {
	t.Parallel()
	db, kind := newDB(t), resources["record"]
	for how, nothing := range emptied {
		var rows []fields
		for _, field := range kind.required {
			rows = append(rows, put(fullFields(db.ID), field, nothing))
		}
		done := ask[client.Upload](admin(t), 400, "POST", "/personnels/upload", rows)
		for i, failed := range done.Failed {
			if !strings.HasPrefix(failed.Error, spoken[kind.required[i]]+" ") {
				t.Errorf("%s: row %d fails with %q, want a word on %s", how, i, failed.Error, kind.required[i])
			}
		}
		if done.Inserted > 0 || len(done.Failed) != len(rows) {
			t.Errorf("%s: %d rows went in and %d failed", how, done.Inserted, len(done.Failed))
		}
	}
	wantTotal(t, db.ID, 0)
}

// TestNothingSaidInOtherBodies: the calls that make nothing need all fields that they
// name. A password of blanks counts as one.
func TestNothingSaidInOtherBodies(t *testing.T) {
	t.Parallel()
	user, chief := newCaller(t), admin(t)
	calls := []request{
		{"POST", "/auth/login", user.credentials(), anyone(t), person{}},
		{"POST", "/auth/change-password", fields{"old_password": user.password, "new_password": newPassword()}, user, person{}},
		{"POST", "/admin/reset-password", fields{"user_id": user.id, "new_password": newPassword()}, chief, person{}},
		{"DELETE", "/personnels/bulk-delete", fields{"personnels_id": []string{unusedID}}, chief, person{}},
	}
	for _, call := range calls {
		for field := range call.body.(fields) {
			for how, nothing := range emptied {
				if how != "blank" || !strings.HasSuffix(field, "password") {
					wantProblem(t, call.by.send(call.method, call.path, put(call.body.(fields), field, nothing)), field)
				}
			}
		}
	}
	user.want(200, "GET", "/auth/me", nil)
}
