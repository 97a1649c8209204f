package e2e

import (
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestReadersChangeNothing: a read-only user of any role is refused by every route except
// those that only read, the login and the change of their own password.
func TestReadersChangeNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	open := []string{"POST /auth/login", "POST /auth/change-password"}
	for _, role := range []string{"user", "admin"} {
		reader := newReader(t, role, s.db1.ID)
		for route, build := range requests {
			if strings.HasPrefix(route, "GET ") || slices.Contains(open, route) {
				continue
			}
			t.Run(role+" "+route, func(t *testing.T) {
				good := build(s)
				res := reader.in(t).want(403, good.method, good.path, good.body)
				if !strings.Contains(res.Message, "read-only") {
					t.Errorf("the refusal does not say why: %q", res.Message)
				}
				reader.in(t).want(403, good.method, good.path, "{") // even before the body is read
				options, err := reader.Request(t.Context(), "OPTIONS", good.path, nil)
				if err != nil {
					t.Fatal(err)
				}
				if res, err := client.Do(options); err != nil || res.Status != 204 {
					t.Errorf("OPTIONS: %d %v, want 204", res.Status, err)
				}
			})
		}
	}
}

// TestReadersSee: a read-only user sees what they may see, and changes their own
// password.
func TestReadersSee(t *testing.T) {
	t.Parallel()
	db, other := newDB(t), newDB(t)
	record := newRecord(t, db.ID)
	reader := newReader(t, "user", db.ID)
	if got := get[client.Record](reader, "/personnels/"+record.ID); got != record {
		t.Errorf("he sees %+v, want %+v", got, record)
	}
	reader.want(403, "GET", "/personnels/db/"+other.ID, nil)
	next := newPassword()
	reader.want(200, "POST", "/auth/change-password", fields{"old_password": reader.password, "new_password": next})
	reader.password = next
	reader.person.login(t)
}

// TestReadOnlyIsSetAndLifted: an admin makes a user read-only and takes it back; both
// hold from the next call on.
func TestReadOnlyIsSetAndLifted(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	user := newCaller(t, db.ID)
	set := func(value any, status int) {
		t.Helper()
		admin(t).want(status, "PATCH", "/admin/users/"+user.id, fields{"read_only": value})
	}
	set(true, 200)
	user.want(403, "POST", "/personnels", recordFields(db.ID))
	for _, wrong := range []any{"true", 1, []any{}, fields{}} {
		wantProblem(t, admin(t).send("PATCH", "/admin/users/"+user.id, fields{"read_only": wrong}), "read_only")
	}
	set(nil, 200) // left alone
	admin(t).want(200, "PATCH", "/admin/users/"+user.id, fields{"first_name": "Ada"})
	if !get[client.User](user, "/auth/me").ReadOnly {
		t.Error("another change has made him no longer read-only")
	}
	set(false, 200)
	user.want(201, "POST", "/personnels", recordFields(db.ID))
}
