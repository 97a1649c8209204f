package e2e

import (
	"strconv"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestLogin: the answer is a token that works and the user as they are.
func TestLogin(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	user := newPerson(t, userFields(db.ID))
	session := ask[client.Session](anyone(t), 200, "POST", "/auth/login", user.credentials())
	shown := session.User
	if shown.ID != user.id || shown.ArmyNumber != user.number || shown.Role != "user" || !shown.IsGenerated {
		t.Errorf("got %+v", shown)
	}
	db.CreatedAt = shown.AllowedDBs[0].CreatedAt // within a user a database has none
	if len(shown.AllowedDBs) != 1 || shown.AllowedDBs[0] != db {
		t.Errorf("allowed_dbs: got %+v, want %+v", shown.AllowedDBs, db)
	}
	if me := get[client.User](bearing(t, session.Token), "/auth/me"); me.ID != user.id {
		t.Errorf("the token is that of %s, want %s", me.ID, user.id)
	}
	admins := get[client.User](admin(t), "/auth/me")
	if admins.Role != "admin" || !admins.AccessAllDB {
		t.Errorf("the admin: got %+v", admins)
	}
}

// TestLoginInAnotherCase: the only one with a number can log in however it is typed, and
// is shown with the number as it is.
func TestLoginInAnotherCase(t *testing.T) {
	t.Parallel()
	typed := func(p person, number string) fields { return fields{"army_number": number, "password": p.password} }
	one := newPerson(t, userFields())
	renamed := unique("Ọ/Ab")
	admin(t).want(200, "PATCH", "/admin/users/"+one.id, fields{"army_number": renamed})
	for _, number := range []string{renamed, strings.ToLower(renamed), " " + strings.ToUpper(renamed) + "\u200b"} {
		session := ask[client.Session](anyone(t), 200, "POST", "/auth/login", typed(one, number))
		if session.User.ID != one.id || session.User.ArmyNumber != renamed {
			t.Errorf("%q logs in %+v, want %s", number, session.User, renamed)
		}
		get[client.User](bearing(t, session.Token), "/auth/me")
	}
	anyone(t).want(401, "POST", "/auth/login", typed(one, strings.ToLower(one.number)))
	lower := userFields()
	lower["army_number"] = strings.ToLower(renamed)
	two := newPerson(t, lower)
	anyone(t).want(200, "POST", "/auth/login", typed(one, renamed))
	anyone(t).want(200, "POST", "/auth/login", typed(two, two.number))
	anyone(t).want(401, "POST", "/auth/login", typed(one, strings.ToUpper(renamed)))
}

// TestLoginDoesNotTellWhoExists: an unknown user, a wrong password and one that
// is too long get the same answer (promise 9).
func TestLoginDoesNotTellWhoExists(t *testing.T) {
	t.Parallel()
	user := newPerson(t, userFields())
	attempts := map[string]fields{
		"a wrong password":  {"army_number": user.number, "password": newPassword()},
		"another case":      {"army_number": user.number, "password": strings.ToLower(user.password)},
		"a blank behind":    {"army_number": user.number, "password": user.password + " "},
		"73 bytes":          {"army_number": user.number, "password": strings.Repeat(secretMark, 10)[:73]},
		"unknown":           {"army_number": unique("NOBODY"), "password": user.password},
		"unknown, 73 bytes": {"army_number": unique("NOBODY"), "password": strings.Repeat(secretMark, 10)[:73]},
		"an operator":       {"army_number": "{$ne: null}", "password": "' OR 1=1 --"},
	}
	want := ""
	for name, attempt := range attempts {
		body := string(anyone(t).want(401, "POST", "/auth/login", attempt).Body)
		if want == "" {
			want = body
		}
		if body != want {
			t.Errorf("%s: got %s, another one got %s", name, body, want)
		}
	}
}

// TestPasswordsAreWhole is promise 12. bcrypt alone would take the first 72
// bytes for the whole.
func TestPasswordsAreWhole(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(secretMark, 9) // 72 bytes
	passwords := map[string]string{
		"72 bytes": long, "blanks around": "  " + secretMark + "  ", "emoji": secretMark + "🔑🔑",
		"accents": secretMark + "Ọláolúwa", "a tab": secretMark + "\t", "quotes": secretMark + `"'\`,
	}
	for name, password := range passwords {
		t.Run(name, func(t *testing.T) {
			user := newPerson(t, with(userFields(), fields{"password": password}))
			user.login(t)
			for _, other := range []string{password + "x", strings.TrimSpace(password) + "!", password[:len(password)-1]} {
				attempt := fields{"army_number": user.number, "password": other}
				anyone(t).want(401, "POST", "/auth/login", attempt)
			}
		})
	}
}

// lengths are passwords and whether they may be set.
var lengths = map[string]bool{
	"a-2-4": false, "ééé": false, "éééééé": true, "a-2-4-": true, " 1234 ": true,
	"123456": false, "PassWord": false, "abc\x00defg": false, // what everybody tries, and what ends a text elsewhere
	strings.Repeat("a", 72): true, strings.Repeat("a", 73): false, strings.Repeat("é", 37): false,
	strings.Repeat("a", 5000): false,
}

// TestPasswordLengths: 6 characters to 72 bytes, wherever one is set, and neither the
// own army number nor what everybody tries.
func TestPasswordLengths(t *testing.T) {
	t.Parallel()
	c, user := admin(t), newPerson(t, userFields())
	for password, good := range lengths {
		created := c.send("POST", "/admin/users", with(userFields(), fields{"password": password}))
		reset := c.send("POST", "/admin/reset-password", fields{"user_id": user.id, "new_password": password})
		own := newCaller(t)
		changed := own.send("POST", "/auth/change-password", fields{"old_password": own.password, "new_password": password})
		if got := []bool{created.OK(), reset.OK(), changed.OK()}; got[0] != good || got[1] != good || got[2] != good {
			t.Errorf("%q: created, reset, changed are %v, want %v", password, got, good)
		}
		if !good {
			wantProblem(t, created, "password")
			wantProblem(t, reset, "new_password")
			wantProblem(t, changed, "new_password")
		}
	}
	own, sent := newCaller(t), userFields()
	sent["password"] = sent["army_number"]
	wantProblem(t, c.send("POST", "/admin/users", sent), "password")
	wantProblem(t, c.send("POST", "/admin/reset-password", fields{"user_id": own.id, "new_password": own.number}), "new_password")
	wantProblem(t, own.send("POST", "/auth/change-password", fields{"old_password": own.password, "new_password": own.number}), "new_password")
}

// TestChangePassword: the token that made the call stays valid, all others end
// (promise 13).
func TestChangePassword(t *testing.T) {
	t.Parallel()
	user := newPerson(t, userFields())
	mine, other, next := user.login(t), user.login(t), newPassword()
	change := fields{"old_password": user.password, "new_password": next}
	mine.want(200, "POST", "/auth/change-password", change)

	wantEverywhere(mine, 200)
	wantEverywhere(other, 401)
	anyone(t).want(401, "POST", "/auth/login", user.credentials())
	user.password = next
	again := user.login(t)
	if me := get[client.User](again, "/auth/me"); me.IsGenerated {
		t.Error("is_generated is still true, though the user chose the password")
	}

	// A second change keeps the token that makes it, and ends the first.
	change = fields{"old_password": next, "new_password": newPassword()}
	again.want(200, "POST", "/auth/change-password", change)
	wantEverywhere(again, 200)
	wantEverywhere(mine, 401)
}

// TestChangePasswordRefused: nothing changes, and nobody is logged out.
func TestChangePasswordRefused(t *testing.T) {
	t.Parallel()
	user := newPerson(t, userFields())
	mine, other := user.login(t), user.login(t)
	refused := map[string]struct{ old, new, field string }{
		"the old one is wrong":      {newPassword(), newPassword(), "old_password"},
		"the new one is the old":    {user.password, user.password, "new_password"},
		"too short":                 {user.password, "12345", "new_password"},
		"too long":                  {user.password, strings.Repeat("a", 73), "new_password"},
		"the old one is cut":        {user.password[:20], newPassword(), "old_password"},
		"the old one with a blank":  {user.password + " ", newPassword(), "old_password"},
		"the new one in other case": {strings.ToLower(user.password), newPassword(), "old_password"},
	}
	for name, attempt := range refused {
		t.Run(name, func(t *testing.T) {
			body := fields{"old_password": attempt.old, "new_password": attempt.new}
			wantProblem(t, mine.in(t).send("POST", "/auth/change-password", body), attempt.field)
		})
	}
	mine.want(200, "GET", "/auth/me", nil)
	other.want(200, "GET", "/auth/me", nil)
	user.login(t)
}

// TestResetPassword: an admin sets the password, and every session ends.
func TestResetPassword(t *testing.T) {
	t.Parallel()
	user := newPerson(t, userFields())
	before, next := user.login(t), newPassword()
	before.want(200, "POST", "/auth/change-password", fields{"old_password": user.password, "new_password": next})

	last := newPassword()
	admin(t).want(200, "POST", "/admin/reset-password", fields{"user_id": user.id, "new_password": last})
	before.want(401, "GET", "/auth/me", nil)
	anyone(t).want(401, "POST", "/auth/login", fields{"army_number": user.number, "password": next})
	user.password = last
	if me := get[client.User](user.login(t), "/auth/me"); !me.IsGenerated {
		t.Error("is_generated is false, though an admin set the password")
	}
	admin(t).want(404, "POST", "/admin/reset-password", fields{"user_id": unusedID, "new_password": last})
}

// TestGuessingIsSlowed is promise 11: after 10 failures even the right password has to
// wait, but only on that account. All calls on the known account come first: its pause is
// short.
func TestGuessingIsSlowed(t *testing.T) {
	t.Parallel()
	known := newPerson(t, userFields())
	guess(t, known.number)
	checkPaused(t, anyone(t).want(429, "POST", "/auth/login", known.credentials()))
	spoofed := anyone(t).doWith(header{"X-Forwarded-For": "203.0.113.77"}, "POST", "/auth/login", known.credentials())
	checkPaused(t, spoofed)
	guess(t, unique("NOBODY"))
	newCaller(t) // who is another account from the same address
}

// guess fails until the account is paused, whatever a client says of
// where it is: the count goes on.
func guess(t *testing.T, number string) {
	t.Helper()
	wrong := fields{"army_number": number, "password": newPassword()}
	for n := range 10 {
		spoofed := header{"X-Forwarded-For": "203.0.113." + strconv.Itoa(n)}
		if res := anyone(t).doWith(spoofed, "POST", "/auth/login", wrong); res.Status != 401 {
			t.Errorf("guess %d: got %d, want 401", n+1, res.Status)
		}
	}
	checkPaused(t, anyone(t).want(429, "POST", "/auth/login", wrong))
}

func checkPaused(t *testing.T, res client.Response) {
	t.Helper()
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if res.Status != 429 || err != nil || seconds < 1 || seconds > 300 {
		t.Errorf("got %d with Retry-After %q, want 429 with 1 to 300 seconds", res.Status, res.Header.Get("Retry-After"))
	}
}

// TestGuessingTheOldPassword: change-password is no way around the limit.
func TestGuessingTheOldPassword(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	wrong := fields{"old_password": newPassword(), "new_password": newPassword()}
	for range 10 {
		c.want(400, "POST", "/auth/change-password", wrong)
	}
	checkPaused(t, c.send("POST", "/auth/change-password", wrong))
	c.want(200, "GET", "/auth/me", nil)
}

// TestSuccessForgetsFailures: a user who mistypes now and then never has to wait.
func TestSuccessForgetsFailures(t *testing.T) {
	t.Parallel()
	user := newPerson(t, userFields())
	for range 3 {
		for range 6 {
			anyone(t).want(401, "POST", "/auth/login", fields{"army_number": user.number, "password": newPassword()})
		}
		user.login(t)
	}
}
