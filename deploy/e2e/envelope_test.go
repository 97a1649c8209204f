package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// pathOf fills the ids of a path with one that is well-formed.
func pathOf(pattern string) string {
	return strings.NewReplacer("{id}", unusedID, "{db_id}", unusedID).Replace(pattern)
}

// TestUnknownPath: an unknown path is a 404 for everybody.
func TestUnknownPath(t *testing.T) {
	t.Parallel()
	paths := []string{
		"/nothing", "/auth", "/auth/nothing", "/auth/login/more", "/admin", "/admin/nothing",
		"/admin/users/" + unusedID + "/more", "/personnels/" + unusedID + "/more", "/personnels/db/" + unusedID + "/more",
		"/analytics", "/analytics/personnels", "/personnel", "/Personnels", "/favicon.ico", "/%00", "/auth%2Flogin",
	}
	for _, path := range paths {
		for _, method := range []string{"GET", "POST", "PATCH", "DELETE"} {
			anyone(t).want(404, method, path, nil)
			admin(t).want(404, method, path, nil)
		}
	}
}

// TestWrongMethod: each path answers each method that it does not have with
// 405 and the methods that it has.
func TestWrongMethod(t *testing.T) {
	t.Parallel()
	for path, has := range methodsByPath() {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if slices.Contains(has, method) {
				continue
			}
			t.Run(method+" "+path, func(t *testing.T) {
				res := admin(t).want(405, method, pathOf(path), nil)
				allowed := strings.Split(strings.ReplaceAll(res.Header.Get("Allow"), " ", ""), ",")
				for _, method := range has {
					if !slices.Contains(allowed, method) {
						t.Errorf("Allow is %q, without %s", allowed, method)
					}
				}
				if slices.Contains(allowed, method) {
					t.Errorf("Allow is %q, with the %s that was refused", allowed, method)
				}
			})
		}
	}
}

// TestTrailingSlash: a path is the same with and without one, without a redirect.
func TestTrailingSlash(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for route, build := range requests {
		t.Run(route, func(t *testing.T) {
			good := build(s)
			path, query, _ := strings.Cut(good.path, "?")
			path = strings.TrimSuffix(path, "/") + "/"
			if query != "" {
				path += "?" + query
			}
			if res := good.by.in(t).send(good.method, path, good.body); !res.OK() {
				t.Errorf("%s: got %d (%s)", path, res.Status, res.Message)
			}
		})
	}
}

// TestWrongContentType: what is not JSON, or is compressed, is not read. A
// charset says nothing about JSON.
func TestWrongContentType(t *testing.T) {
	t.Parallel()
	refused := []string{
		"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
		"application/xml", "application/jsonp", "text/json", "json", ";",
	}
	accepted := []string{"application/json; charset=utf-8", "application/json;charset=utf8", "Application/JSON; charset=us-ascii"}
	eachWrite(t, func(t *testing.T, good request) {
		for _, kind := range refused {
			res := good.by.doWith(header{"Content-Type": kind}, good.method, good.path, good.body)
			if res.Status != 415 {
				t.Errorf("%s: got %d, want 415", kind, res.Status)
			}
		}
		for _, coding := range []string{"gzip", "identity"} {
			if res := good.by.doWith(header{"Content-Encoding": coding}, good.method, good.path, good.body); res.Status != 415 {
				t.Errorf("%s: got %d, want 415", coding, res.Status)
			}
		}
		kind := accepted[len(good.path)%len(accepted)]
		if res := good.by.doWith(header{"Content-Type": kind}, good.method, good.path, good.body); !res.OK() {
			t.Errorf("%s: got %d, want a success", kind, res.Status)
		}
	})
}

// keySets are the exact fields of what the API shows (promise 7).
var keySets = map[string][]string{
	"user":   {"allowed_dbs", "army_number", "first_name", "id", "is_generated", "last_name", "role"},
	"admin":  {"access_all_db", "allowed_dbs", "army_number", "first_name", "id", "is_generated", "last_name", "role"},
	"reader": {"allowed_dbs", "army_number", "first_name", "id", "is_generated", "last_name", "read_only", "role"},
	"inner":  {"description", "id", "name", "short_code"},
	"db":     {"created_at", "description", "id", "name", "short_code"},
	"bank":   {"name", "sort_code"},
	"list":   {"data", "meta"},
	"meta":   {"hasNextPage", "hasPrevPage", "limit", "page", "pageCount", "total"},
	"figure": {"percentage_increase", "total"},
	"record": {"acct_number", "army_number", "bank", "created_at", "db_id", "first_name", "id", "isDeleted", "last_name",
		"location", "middle_name", "phone_number", "rank", "remark", "revision", "status", "sub_sector", "updated_at"},
	"checks": {"counts", "data", "meta"},
	// The account numbers of the tests are invalid.
	"warned record": {"acct_number", "army_number", "bank", "created_at", "db_id", "first_name", "id", "isDeleted", "last_name",
		"location", "middle_name", "phone_number", "rank", "remark", "revision", "status", "sub_sector", "updated_at", "warnings"},
}

func wantKeys(t testing.TB, kind string, object any) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(object.(fields)))
	if !slices.Equal(keys, keySets[kind]) {
		t.Errorf("%s: the keys are %q, want %q", kind, keys, keySets[kind])
	}
}

// TestKeySetsOfUsers: a user is the same everywhere that one is shown.
func TestKeySetsOfUsers(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	user, chief, reader := newCaller(t, db.ID), newAdmin(t), newReader(t, "user")
	for kind, c := range map[string]caller{"user": user, "admin": chief, "reader": reader} {
		session := ask[fields](anyone(t), 200, "POST", "/auth/login", c.credentials())
		if keys := slices.Sorted(maps.Keys(session)); !slices.Equal(keys, []string{"token", "user"}) {
			t.Errorf("login: the keys are %q", keys)
		}
		wantKeys(t, kind, session["user"])
		wantKeys(t, kind, get[fields](c.in(t), "/auth/me"))
		wantKeys(t, kind, get[fields](chief, "/admin/users/"+c.id))
		listed := page[fields](chief, "/admin/users?role=all&search="+c.number)
		wantKeys(t, kind, listed.Data[0])
		wantKeys(t, kind, ask[fields](chief, 200, "PATCH", "/admin/users/"+c.id, fields{}))
	}
	me := get[fields](user, "/auth/me")
	wantKeys(t, "inner", me["allowed_dbs"].([]any)[0])
	if made := ask[fields](chief, 201, "POST", "/admin/users", userFields()); len(made) != 1 || made["id"] == nil {
		t.Errorf("a new user: got %v, want the id alone", made)
	}
}

// TestKeySetsOfTheRest: databases, records, lists and figures.
func TestKeySetsOfTheRest(t *testing.T) {
	t.Parallel()
	c := admin(t)
	db := ask[fields](c, 201, "POST", "/admin/dbs", dbFields())
	id := db["id"].(string)
	wantKeys(t, "db", db)
	wantKeys(t, "db", ask[fields](c, 200, "PATCH", "/admin/dbs/"+id, fields{"description": ""}))
	bare := ask[fields](c, 201, "POST", "/admin/dbs", with(dbFields(), fields{"description": absent}))
	wantKeys(t, "db", bare)
	full := ask[fields](c, 201, "POST", "/personnels", fullFields(id))
	wantKeys(t, "warned record", full)
	wantKeys(t, "bank", full["bank"])
	least := ask[fields](c, 201, "POST", "/personnels", recordFields(id))
	wantKeys(t, "warned record", least)
	wantKeys(t, "record", get[fields](c, "/personnels/"+full["id"].(string)))
	wantKeys(t, "record", ask[fields](c, 200, "PATCH", "/personnels/"+least["id"].(string), fields{"rank": "Sgt"}))
	wantKeys(t, "record", get[[]fields](c, "/personnels?db_id="+id)[0])
	for _, path := range []string{"/admin/dbs", "/admin/users", "/personnels?page=1", "/personnels/db/" + id} {
		list := get[fields](c, path)
		wantKeys(t, "list", list)
		wantKeys(t, "meta", list["meta"])
	}
	wantKeys(t, "record", get[fields](c, "/personnels/db/"+id)["data"].([]any)[0])
	wantKeys(t, "figure", get[fields](c, "/analytics/dashboard")["users"])
}
