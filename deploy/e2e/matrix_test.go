package e2e

import (
	"maps"
	"slices"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
)

// TestMatrix is promise 2. The callers differ in which of the two databases they may see.
func TestMatrix(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	callers := callersOf(t, s.db1.ID, newDB(t).ID)
	names, rows := readMatrix()
	for _, row := range rows {
		t.Run(row.route(), func(t *testing.T) {
			if requests[row.route()] == nil {
				t.Skip("TestMatrixIsWhole says that it has no request")
			}
			good := requests[row.route()](s)
			for _, name := range names {
				by, ok := callers[name]
				if !ok && name == "expired" && target.secret == "" {
					continue // nobody here can sign a token
				}
				if !ok {
					t.Fatalf("the matrix has a caller whom nobody knows: %s", name)
				}
				res := by.in(t).send(good.method, good.path, good.body)
				if res.Status != row.status[name] {
					t.Errorf("%s: got %d (%s), want %d", name, res.Status, res.Message, row.status[name])
				}
				if res.OK() { // the request is used up
					good = requests[row.route()](s)
				}
			}
		})
	}
}

// callersOf are the columns of the matrix. That of an expired token is missing
// where the secret that signs tokens is not known.
func callersOf(t *testing.T, db1, db2 string) map[string]caller {
	gone, nodb := newCaller(t, db1), newCaller(t)
	admin(t).want(200, "DELETE", "/admin/users/"+gone.id, nil)
	callers := map[string]caller{
		"none": anyone(t), "garbage": bearing(t, "not.a.token"), "deleted": gone,
		"nodb": nodb, "db1": newCaller(t, db1), "db2": newCaller(t, db2), "admin": admin(t),
		"reader": newReader(t, "admin"),
	}
	if target.secret != "" {
		claims := with(claimsOf(nodb.id), fields{"exp": time.Now().Add(-time.Minute).Unix()})
		callers["expired"] = bearing(t, sign(hs256, claims))
	}
	return callers
}

// TestMatrixIsWhole finds a row without a request, a request without a row, and
// a route of the description, which has all that are served, without either.
func TestMatrixIsWhole(t *testing.T) {
	t.Parallel()
	_, rows := readMatrix()
	var routes []string
	for _, row := range rows {
		routes = append(routes, row.route())
		if slices.Contains(slices.Collect(maps.Values(row.status)), 0) {
			t.Errorf("%s: a cell is no status", row.route())
		}
	}
	for _, operation := range described.Operations() {
		if !slices.Contains(routes, operation) {
			t.Errorf("%s has no row", operation)
		}
	}
	for _, route := range routes {
		if requests[route] == nil {
			t.Errorf("%s has no request in routes_test.go", route)
		}
	}
	for route := range requests {
		if !slices.Contains(routes, route) {
			t.Errorf("the request of %s has no row", route)
		}
	}
}

// TestRefusalsSayNothing: a caller who may not see a record or a database learns nothing
// of it from the refusal (promise 1).
func TestRefusalsSayNothing(t *testing.T) {
	t.Parallel()
	db, other := newDB(t), newDB(t)
	hidden := newRecord(t, db.ID)
	stranger := newCaller(t, other.ID)
	same := func(method, path, real, unused string, body any) {
		t.Helper()
		there := stranger.send(method, path+real, body)
		nowhere := stranger.send(method, path+unused, body)
		if there.Status != nowhere.Status || string(there.Body) != string(nowhere.Body) {
			t.Errorf("%s %s: %s differs from %s", method, path, there.Body, nowhere.Body)
		}
	}
	same("GET", "/personnels/", hidden.ID, unusedID, nil)
	same("PATCH", "/personnels/", hidden.ID, unusedID, fields{"first_name": "Changed"})
	same("PATCH", "/personnels/", hidden.ID, unusedID, fields{"db_id": other.ID})
	same("PATCH", "/personnels/", hidden.ID, unusedID, fields{"db_id": db.ID})
	same("PATCH", "/personnels/", hidden.ID, unusedID, fields{})
	same("PATCH", "/personnels/", hidden.ID, unusedID, fields{"first_name": ""})
	same("DELETE", "/personnels/", hidden.ID, unusedID, nil)
	same("GET", "/personnels/db/", db.ID, unusedID, nil)
	same("GET", "/personnels?db_id=", db.ID, unusedID, nil)
	same("GET", "/personnels/checks?db_id=", db.ID, unusedID, nil)
	for _, path := range []string{"", "/breakdown?by=rank", "/trend"} {
		same("GET", "/analytics/personnels/db/", db.ID+path, unusedID+path, nil)
	}
	for path, body := range map[string]func(db string) any{
		"/personnels":        func(db string) any { return recordFields(db) },
		"/personnels/upload": func(db string) any { return rowsOf(db, 2) },
	} {
		there, nowhere := stranger.want(403, "POST", path, body(db.ID)), stranger.want(403, "POST", path, body(unusedID))
		if string(there.Body) != string(nowhere.Body) {
			t.Errorf("POST %s: %s differs from %s", path, there.Body, nowhere.Body)
		}
	}
	if now := get[client.Record](admin(t), "/personnels/"+hidden.ID); now != hidden {
		t.Errorf("the record was %+v and is %+v", hidden, now)
	}
}
