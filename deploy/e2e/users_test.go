package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestCreateUser: the user is what was sent, and can log in.
func TestCreateUser(t *testing.T) {
	t.Parallel()
	first, second := newDB(t), newDB(t)
	sent := with(userFields(second.ID, first.ID, strings.ToUpper(second.ID)), fields{"role": ""})
	user := newPerson(t, sent)
	shown := get[client.User](user.login(t), "/auth/me")
	want := client.User{
		ID: user.id, FirstName: "Ada", LastName: "Obi", ArmyNumber: user.number, Role: "user",
		AllowedDBs: inner(second, first), IsGenerated: true,
	}
	wantUser(t, shown, want)
	wantUser(t, get[client.User](admin(t), "/admin/users/"+user.id), want)
	bare := newPerson(t, with(userFields(), fields{"role": absent, "allowed_dbs": absent}))
	if shown := get[client.User](bare.login(t), "/auth/me"); shown.Role != "user" || len(shown.AllowedDBs) > 0 {
		t.Errorf("without role and allowed_dbs: got %+v", shown)
	}
}

// inner are databases as they are shown within a user.
func inner(dbs ...client.DB) []client.DB {
	shown := make([]client.DB, len(dbs))
	for i, db := range dbs {
		shown[i] = client.DB{ID: db.ID, Name: db.Name, ShortCode: db.ShortCode, Description: db.Description}
	}
	return shown
}

func wantUser(t *testing.T, got, want client.User) {
	t.Helper()
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestArmyNumberOfUsers: it is unique, and letter case counts.
func TestArmyNumberOfUsers(t *testing.T) {
	t.Parallel()
	c, one, other := admin(t), newPerson(t, userFields()), newPerson(t, userFields())
	c.want(409, "POST", "/admin/users", with(userFields(), fields{"army_number": one.number}))
	c.want(409, "PATCH", "/admin/users/"+other.id, fields{"army_number": one.number})
	c.want(200, "PATCH", "/admin/users/"+one.id, fields{"army_number": one.number})
	newPerson(t, with(userFields(), fields{"army_number": strings.ToLower(one.number)}))
	c.want(200, "DELETE", "/admin/users/"+one.id, nil)
	newPerson(t, with(userFields(), fields{"army_number": one.number}))
}

// TestInvalidDBsOfUsers: each id that is malformed or unknown is listed.
func TestInvalidDBsOfUsers(t *testing.T) {
	t.Parallel()
	c, db, user := admin(t), newDB(t), newPerson(t, userFields())
	gone := newDB(t)
	c.want(200, "DELETE", "/admin/dbs/"+gone.ID, nil)
	dbs := []any{"x", db.ID, unusedID, gone.ID, 7, ""}
	calls := map[string]client.Response{
		"POST":  c.send("POST", "/admin/users", with(userFields(), fields{"allowed_dbs": dbs})),
		"PATCH": c.send("PATCH", "/admin/users/"+user.id, fields{"allowed_dbs": dbs, "first_name": "Changed"}),
	}
	for method, res := range calls {
		invalid := dataOf[struct{ Invalid []any }](t, res).Invalid
		got := fmt.Sprintf("%q", slices.Sorted(slices.Values(texts(invalid))))
		want := fmt.Sprintf("%q", slices.Sorted(slices.Values(texts([]any{"x", unusedID, gone.ID, 7, ""}))))
		if res.Status != 400 || got != want {
			t.Errorf("%s: got %d with %s, want 400 with %s", method, res.Status, got, want)
		}
	}
	if now := get[client.User](c, "/admin/users/"+user.id); now.FirstName != "Ada" {
		t.Errorf("a refused change made %+v", now)
	}
	for _, missing := range [][]any{{unusedID}, {db.ID, gone.ID}} { // each of the right form
		c.want(400, "PATCH", "/admin/users/"+user.id, fields{"allowed_dbs": missing})
		c.want(400, "POST", "/admin/users", with(userFields(), fields{"allowed_dbs": missing}))
	}
	if now := get[client.User](c, "/admin/users/"+user.id); len(now.AllowedDBs) > 0 {
		t.Errorf("refused databases are %+v", now.AllowedDBs)
	}
	for method, res := range map[string]client.Response{ // what else is wrong is named too
		"POST":  c.send("POST", "/admin/users", with(userFields(), fields{"allowed_dbs": dbs, "first_name": ""})),
		"PATCH": c.send("PATCH", "/admin/users/"+user.id, fields{"allowed_dbs": []any{gone.ID}, "first_name": ""}),
	} {
		wantProblem(t, res, "first_name")
		wantProblem(t, res, "allowed_dbs")
		if invalid := dataOf[struct{ Invalid []any }](t, res).Invalid; !slices.Contains(invalid, any(gone.ID)) {
			t.Errorf("%s: invalid are %v", method, invalid)
		}
	}
	for _, bad := range []any{"x", db.ID, 1, true, fields{}, fields{"$in": dbs}} {
		wantProblem(t, c.send("POST", "/admin/users", with(userFields(), fields{"allowed_dbs": bad})), "allowed_dbs")
	}
}

func texts(values []any) []string {
	found := make([]string, len(values))
	for i, value := range values {
		found[i] = fmt.Sprint(value)
	}
	return found
}

// TestListUsers: the search looks at name and army number, and the list has
// only role user unless another is asked for.
func TestListUsers(t *testing.T) {
	t.Parallel()
	word := unique("Listed")
	one := newPerson(t, with(userFields(), fields{"first_name": "Zoé", "last_name": word}))
	two := newPerson(t, with(userFields(), fields{"first_name": word, "last_name": "Musa"}))
	chief := newPerson(t, with(userFields(), fields{"last_name": word, "role": "admin"}))
	lists := map[string][]string{
		"":                        {one.id, two.id},
		"role=":                   {one.id, two.id},
		"role=user":               {one.id, two.id},
		"role=admin":              {chief.id},
		"role=all":                {one.id, two.id, chief.id},
		"role=all&limit=2":        {one.id, two.id},
		"role=all&limit=2&page=2": {chief.id},
	}
	for query, want := range lists {
		wantUsers(t, "search="+word+"&"+query, want...)
	}
	wantUsers(t, "search="+strings.ToUpper(word)+"+zo%C3%89", one.id)
	wantUsers(t, "search=musa+"+word, two.id)
	wantUsers(t, "search="+one.number, one.id)
	wantUsers(t, "search="+strings.ToLower(one.number), one.id)
	wantUsers(t, "search="+word+".*")
	wantUsers(t, "search="+word+"%25")
	wantUsers(t, "search="+one.password)
	wantProblem(t, admin(t).send("GET", "/admin/users?role=root", nil), "role")
}

func wantUsers(t *testing.T, query string, want ...string) {
	t.Helper()
	var got []string
	for _, user := range page[client.User](admin(t), "/admin/users?"+query).Data {
		got = append(got, user.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", query, got, want)
	}
}

// TestPatchUser: what is left out is left alone.
func TestPatchUser(t *testing.T) {
	t.Parallel()
	c, db, number := admin(t), newDB(t), unique("RENAMED")
	user := newPerson(t, userFields(db.ID))
	want := get[client.User](c, "/admin/users/"+user.id)
	for _, step := range []struct {
		change fields
		want   func(*client.User)
	}{
		{fields{}, func(*client.User) {}},
		{fields{"first_name": " Bola "}, func(u *client.User) { u.FirstName = "Bola" }},
		{fields{"last_name": "Eze"}, func(u *client.User) { u.LastName = "Eze" }},
		{fields{"army_number": number}, func(u *client.User) { u.ArmyNumber = number }},
		{fields{"role": ""}, func(*client.User) {}},
		{fields{"role": "admin"}, func(u *client.User) { u.Role, u.AccessAllDB = "admin", true }},
		{fields{"role": ""}, func(*client.User) {}},
		{fields{"role": nil}, func(*client.User) {}},
		{fields{"role": "user"}, func(u *client.User) { u.Role, u.AccessAllDB = "user", false }},
		{fields{"allowed_dbs": []string{}}, func(u *client.User) { u.AllowedDBs = []client.DB{} }},
		{fields{"allowed_dbs": []string{db.ID, db.ID}}, func(u *client.User) { u.AllowedDBs = inner(db) }},
		{fields{"last_name": "Obi"}, func(u *client.User) { u.LastName = "Obi" }},
		{fields{"allowed_dbs": nil}, func(u *client.User) { u.AllowedDBs = []client.DB{} }},
	} {
		step.want(&want)
		wantUser(t, ask[client.User](c, 200, "PATCH", "/admin/users/"+user.id, step.change), want)
		wantUser(t, get[client.User](c, "/admin/users/"+user.id), want)
	}
	for _, name := range []string{"first_name", "last_name", "army_number"} {
		wantProblem(t, c.send("PATCH", "/admin/users/"+user.id, fields{name: " "}), name)
	}
	res := c.send("PATCH", "/admin/users/"+user.id, fields{"first_name": "Other", "password": newPassword()})
	wantProblem(t, res, "password")
	for _, way := range []string{"Change Password", "reset-password"} {
		if !strings.Contains(res.Message, way) {
			t.Errorf("the message %q does not point to %s", res.Message, way)
		}
	}
	wantUser(t, get[client.User](c, "/admin/users/"+user.id), want)
}

// TestMissingUser: each call on a user who is not there is a 404.
func TestMissingUser(t *testing.T) {
	t.Parallel()
	c, gone := admin(t), newPerson(t, userFields())
	c.want(200, "DELETE", "/admin/users/"+gone.id, nil)
	for _, id := range []string{unusedID, gone.id, newDB(t).ID} {
		c.want(404, "GET", "/admin/users/"+id, nil)
		c.want(404, "PATCH", "/admin/users/"+id, fields{"first_name": "X"})
		c.want(404, "PATCH", "/admin/users/"+id, fields{})
		c.want(404, "DELETE", "/admin/users/"+id, nil)
	}
}

// TestDeleteOneself: nobody can lock themselves out by mistake.
func TestDeleteOneself(t *testing.T) {
	t.Parallel()
	chief := newAdmin(t)
	chief.want(400, "DELETE", "/admin/users/"+chief.id, nil)
	chief.want(400, "DELETE", "/admin/users/"+strings.ToUpper(chief.id), nil)
	chief.want(200, "GET", "/auth/me", nil)
}
