package e2e

import (
	"slices"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// The tests of this file do not run beside others: those make admins too.

// TestLastAdminStays is promise 8, one call at a time.
func TestLastAdminStays(t *testing.T) {
	me := onlyAdmin(t)
	res := admin(t).want(409, "PATCH", "/admin/users/"+me.ID, fields{"role": "user"})
	if res.Message == "" {
		t.Error("the refusal says nothing")
	}
	admin(t).want(409, "PATCH", "/admin/users/"+me.ID, fields{"read_only": true})
	reader := newReader(t, "admin") // who does not count
	admin(t).want(409, "PATCH", "/admin/users/"+me.ID, fields{"role": "user"})
	admin(t).want(200, "DELETE", "/admin/users/"+reader.id, nil)
	admin(t).want(400, "DELETE", "/admin/users/"+me.ID, nil)
	admin(t).want(200, "PATCH", "/admin/users/"+me.ID, fields{"role": "admin"})
	admin(t).want(200, "PATCH", "/admin/users/"+me.ID, fields{"first_name": me.FirstName})
	admin(t).want(200, "GET", "/admin/users", nil)
}

// onlyAdmin is the admin whom the suite runs as, who must be the only one.
func onlyAdmin(t *testing.T) client.User {
	t.Helper()
	if admins := page[client.User](admin(t), "/admin/users?role=admin").Meta.Total; admins != 1 {
		if target.server != nil {
			t.Fatalf("there are %d admins, and the tests beside this one remove theirs", admins)
		}
		t.Skipf("this origin has %d admins", admins)
	}
	return get[client.User](admin(t), "/auth/me")
}

// TestLastAdminStaysUnderARace is promise 8: of the last two, 20 calls at once
// that would demote or delete both leave one.
func TestLastAdminStaysUnderARace(t *testing.T) {
	me := onlyAdmin(t)
	for range 5 {
		second := newAdmin(t)
		statuses := race(t, 20, func(i int) client.Response {
			switch i % 4 {
			case 0:
				return second.try("PATCH", "/admin/users/"+me.ID, fields{"role": "user", "read_only": i%8 == 0})
			case 1:
				return admin(t).try("PATCH", "/admin/users/"+second.id, fields{"read_only": true})
			case 2:
				return second.try("PATCH", "/admin/users/"+second.id, fields{"role": "user"})
			default:
				return admin(t).try("DELETE", "/admin/users/"+second.id, nil)
			}
		})
		restore(t, second, me)
		if unexpected(statuses, 200, 401, 403, 404, 409) {
			t.Errorf("got %v", statuses)
		}
	}
}

// restore makes the suite's own admin one again, through whoever is left, and
// fails when nobody is.
func restore(t *testing.T, second caller, me client.User) {
	t.Helper()
	left := admin(t)
	if now := get[client.User](left, "/auth/me"); now.Role != "admin" || now.ReadOnly {
		left = second
	}
	left.want(200, "PATCH", "/admin/users/"+me.ID, fields{"role": "admin", "read_only": false})
	if admins := page[client.User](admin(t), "/admin/users?role=admin").Data; len(admins) > 2 {
		t.Errorf("there are %d admins", len(admins))
	}
	tidy("/admin/users/" + second.id)
}

func unexpected(statuses map[int]int, expected ...int) bool {
	for status := range statuses {
		if !slices.Contains(expected, status) {
			return true
		}
	}
	return false
}
