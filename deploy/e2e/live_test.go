package e2e

import (
	"testing"

	"officepay.example/deploy/e2e/client"
)

// onEveryService are calls that each service answers; a token that is no longer valid is
// refused by all of them.
var onEveryService = []string{"/auth/me", "/admin/dbs", "/personnels", "/analytics/dashboard"}

func wantEverywhere(c caller, status int) {
	c.t.Helper()
	for _, path := range onEveryService {
		c.want(status, "GET", path, nil)
	}
}

// The tests below are promise 5: a token is kept, the user behind it changes,
// and the very next request on any service shows it.

func TestDatabaseIsGivenAndTaken(t *testing.T) {
	t.Parallel()
	c, db := admin(t), newDB(t)
	user, record := newCaller(t), newRecord(t, db.ID)
	check := func(forbidden, missing, seen int) {
		t.Helper()
		user.want(forbidden, "GET", "/personnels/db/"+db.ID, nil)
		user.want(forbidden, "GET", "/analytics/personnels/db/"+db.ID, nil)
		user.want(missing, "GET", "/personnels/"+record.ID, nil)
		dbs, shown := page[client.DB](user, "/admin/dbs").Meta.Total, get[client.User](user, "/auth/me").AllowedDBs
		if records := get[[]client.Record](user, "/personnels"); len(records) != seen || dbs != seen || len(shown) != seen {
			t.Errorf("sees %d records, %d databases and %d of his own, want %d", len(records), dbs, len(shown), seen)
		}
	}
	check(403, 404, 0)
	for range 3 {
		c.want(200, "PATCH", "/admin/users/"+user.id, fields{"allowed_dbs": []string{db.ID}})
		check(200, 200, 1)
		c.want(200, "PATCH", "/admin/users/"+user.id, fields{"allowed_dbs": []string{}})
		check(403, 404, 0)
	}
}

func TestPromotedAndDemoted(t *testing.T) {
	t.Parallel()
	user, record := newCaller(t), newRecord(t, newDB(t).ID)
	for _, now := range []struct {
		role      string
		admin     int
		personnel int
	}{{"admin", 200, 200}, {"user", 403, 404}, {"admin", 200, 200}, {"user", 403, 404}} {
		admin(t).want(200, "PATCH", "/admin/users/"+user.id, fields{"role": now.role})
		user.want(now.admin, "GET", "/admin/users", nil)
		user.want(now.personnel, "GET", "/personnels/"+record.ID, nil)
		user.want(now.admin, "GET", "/analytics/personnels/db/"+record.DBID, nil)
		if me := get[client.User](user, "/auth/me"); me.Role != now.role || me.AccessAllDB != (now.role == "admin") {
			t.Errorf("as %s: got %+v", now.role, me)
		}
	}
}

func TestDeletedUser(t *testing.T) {
	t.Parallel()
	user := newCaller(t)
	wantEverywhere(user, 200)
	admin(t).want(200, "DELETE", "/admin/users/"+user.id, nil)
	wantEverywhere(user, 401)
	anyone(t).want(401, "POST", "/auth/login", user.credentials())
	again := newPerson(t, with(userFields(), fields{"army_number": user.number, "password": user.password}))
	wantEverywhere(user, 401)
	wantEverywhere(again.login(t), 200)
}

func TestResetEverywhere(t *testing.T) {
	t.Parallel()
	user := newCaller(t)
	next := fields{"user_id": user.id, "new_password": newPassword()}
	admin(t).want(200, "POST", "/admin/reset-password", next)
	wantEverywhere(user, 401)
}

func TestRenamedUser(t *testing.T) {
	t.Parallel()
	user := newCaller(t)
	admin(t).want(200, "PATCH", "/admin/users/"+user.id, fields{"first_name": "Renamed"})
	if me := get[client.User](user, "/auth/me"); me.FirstName != "Renamed" {
		t.Errorf("got %+v", me)
	}
}

// TestClaimsGiveNothing: what a validly signed token claims beyond who it is
// changes nothing.
func TestClaimsGiveNothing(t *testing.T) {
	needSecret(t)
	t.Parallel()
	db := newDB(t)
	record, user := newRecord(t, db.ID), newCaller(t)
	claims := with(claimsOf(user.id), fields{
		"role": "admin", "allowed_dbs": []string{db.ID}, "access_all_db": true, "army_number": "E2E-ADMIN", "is_admin": true,
	})
	c := bearing(t, sign(hs256, claims))
	c.want(403, "GET", "/admin/users", nil)
	c.want(403, "GET", "/personnels/db/"+db.ID, nil)
	c.want(403, "GET", "/personnels?db_id="+db.ID, nil)
	c.want(403, "GET", "/analytics/personnels/db/"+db.ID, nil)
	c.want(403, "POST", "/admin/dbs", dbFields())
	c.want(403, "PATCH", "/admin/dbs/"+db.ID, fields{"name": "Changed"})
	c.want(403, "POST", "/personnels", recordFields(db.ID))
	c.want(404, "GET", "/personnels/"+record.ID, nil)
	if dbs := page[client.DB](c, "/admin/dbs"); dbs.Meta.Total != 0 || len(dbs.Data) > 0 {
		t.Errorf("databases are listed: %+v", dbs)
	}
	if all := get[[]client.Record](c, "/personnels"); len(all) > 0 {
		t.Errorf("records are listed: %+v", all)
	}
	if me := get[client.User](c, "/auth/me"); me.Role != "user" || me.ArmyNumber != user.number || len(me.AllowedDBs) > 0 {
		t.Errorf("got %+v", me)
	}
}
