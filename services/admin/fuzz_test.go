package admin

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
	"officepay.example/shared/web/webtest"
)

// FuzzBodies holds the bodies of this service, and the role of a query, against
// whatever is sent (promises 6, 16, 17 and 18). What is taken is exactly what
// stands under the names of the contract; everything else keeps its standard.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{` + names + `,"role":"admin","allowed_dbs":["` + idA.Hex() + `"," ` + strings.ToUpper(idA.Hex()) + `",null,1e9999,{}]}`,
		`{` + names + `,"ROLE":"admin","is_generated":false,"password_hash":"x","id":"` + idB.Hex() + `","access_all_db":true}`,
		`{"first_name":"","role":null,"allowed_dbs":null}`, `{"user_id":"` + idA.Hex() + `","new_password":" secret "}`,
		`{"name":"Pay","short_code":"P-1","description":null}`, `{"name":{"$ne":""},"short_code":["x"],"description":1}`,
		`{"name":"a\u0000b","short_code":"\u2028","description":"\ud83d\ude00"}`, `{"role":"ADMIN","allowed_dbs":{"0":"x"}}`,
	} {
		f.Add([]byte(seed), "army_number", seed)
	}
	f.Add([]byte(`{}`), "role", " Admin ")
	f.Add([]byte(`{}`), "description", strings.Repeat("é", 1001))
	f.Add([]byte(`{}`), "Role", "admin")
	f.Fuzz(func(t *testing.T, body []byte, name, text string) {
		checkNewUser(t, body)
		checkUserChange(t, body)
		checkReset(t, body)
		checkDB(t, body)
		checkNewUser(t, webtest.Replaced(t, `{`+names+`,"allowed_dbs":["`+idA.Hex()+`"]}`, name, text))
		checkUserChange(t, webtest.Replaced(t, `{"last_name":"Ibrahim"}`, name, text))
		checkReset(t, webtest.Replaced(t, `{"user_id":"`+idA.Hex()+`","new_password":"secret"}`, name, text))
		checkDB(t, webtest.Replaced(t, `{"name":"Pay","short_code":"P-1"}`, name, text))
		checkRoleFilter(t, text)
	})
}

var userNames = []string{"first_name", "last_name", "army_number", "role", "allowed_dbs", "password"}

func checkNewUser(t *testing.T, body []byte) {
	t.Helper()
	got, err := webtest.Decode(body, web.Whole, readNewUser)
	if err != nil {
		webtest.Refused(t, err, userNames...)
		return
	}
	sent, user := webtest.Object(t, body), got.user
	webtest.Text(t, sent, "first_name", &user.FirstName, office.Name, false)
	webtest.Text(t, sent, "last_name", &user.LastName, office.Name, false)
	webtest.Text(t, sent, "army_number", &user.ArmyNumber, office.Code, false)
	checkRole(t, sent, user.Role, office.RoleUser)
	checkAllowed(t, sent, got.allowed)
	if got.password != sent["password"] || len(got.password) < 6 || len(got.password) > 72 {
		t.Errorf("%q: the password is taken as %q", body, got.password)
	}
	user.FirstName, user.LastName, user.ArmyNumber, user.Role = "", "", "", ""
	if want := (office.User{IsGenerated: true}); user.Scope().All || user.PasswordHash != want.PasswordHash ||
		user.ID != want.ID || user.Session != 0 || user.KeptToken != "" || !user.IsGenerated || user.AllowedDBs != nil {
		t.Errorf("%q sets more than is named: %+v", body, user)
	}
}

func checkUserChange(t *testing.T, body []byte) {
	t.Helper()
	got, err := webtest.Decode(body, web.Partial, readUserChange)
	if err != nil {
		webtest.Refused(t, err, userNames...)
		return
	}
	sent, patch := webtest.Object(t, body), got.patch
	webtest.Text(t, sent, "first_name", patch.FirstName, office.Name, false)
	webtest.Text(t, sent, "last_name", patch.LastName, office.Name, false)
	webtest.Text(t, sent, "army_number", patch.ArmyNumber, office.Code, false)
	checkRole(t, sent, *cmp.Or(patch.Role, new(office.Role(""))), "")
	checkAllowed(t, sent, got.allowed)
	_, listed := sent["allowed_dbs"]
	if _, tried := sent["password"]; tried || listed != (patch.AllowedDBs != nil) {
		t.Errorf("%q is taken as %+v", body, patch)
	}
}

// checkRole checks that a role is the one that was sent, or the standard.
func checkRole(t *testing.T, sent map[string]any, got, standard office.Role) {
	t.Helper()
	text, _ := sent["role"].(string)
	want := office.Role(strings.TrimSpace(text))
	if want == "" {
		want = standard
	}
	if got != want || got != standard && !slices.Contains(office.Roles, got) {
		t.Errorf("the role %q is taken as %q", sent["role"], got)
	}
}

// checkAllowed checks that each value of a list is in one place: with the ids,
// once, or with what is none.
func checkAllowed(t *testing.T, sent map[string]any, got web.IDList) {
	t.Helper()
	list, _ := sent["allowed_dbs"].([]any)
	found := 0
	for _, value := range list {
		text, _ := value.(string)
		if id, err := office.ParseID(strings.TrimSpace(text)); err != nil {
			found++
		} else if !slices.Contains(got.IDs, id) {
			t.Errorf("%v is missing in %v", id, got.IDs)
		}
	}
	if len(got.Invalid) != found || len(got.IDs) > len(list)-found || len(got.IDs) > maxAllowed {
		t.Errorf("%v is taken as %+v", list, got)
	}
}

func checkReset(t *testing.T, body []byte) {
	t.Helper()
	got, err := webtest.Decode(body, web.Whole, readPasswordReset)
	if err != nil {
		webtest.Refused(t, err, "user_id", "new_password")
		return
	}
	sent := webtest.Object(t, body)
	webtest.ID(t, sent, "user_id", got.userID)
	if got.userID == nil || got.password != sent["new_password"] || len(got.password) < 6 || len(got.password) > 72 {
		t.Errorf("%q is taken as %+v", body, got)
	}
}

func checkDB(t *testing.T, body []byte) {
	t.Helper()
	fields := []string{"name", "short_code", "description"}
	if patch, err := webtest.Decode(body, web.Partial, readDBPatch); err != nil {
		webtest.Refused(t, err, fields...)
	} else {
		sent := webtest.Object(t, body)
		webtest.Text(t, sent, "name", patch.Name, office.Name, false)
		webtest.Text(t, sent, "short_code", patch.ShortCode, office.Code, false)
		webtest.Text(t, sent, "description", patch.Description, office.Note, false)
	}
	db, err := webtest.Decode(body, web.Whole, readNewDB)
	if err != nil {
		webtest.Refused(t, err, fields...)
		return
	}
	sent := webtest.Object(t, body)
	webtest.Text(t, sent, "name", &db.Name, office.Name, false)
	webtest.Text(t, sent, "short_code", &db.ShortCode, office.Code, false)
	if _, there := sent["description"]; there {
		webtest.Text(t, sent, "description", &db.Description, office.Note, false)
	}
	db.Name, db.ShortCode, db.Description = "", "", ""
	if db != (office.DB{}) {
		t.Errorf("%q sets more than is named: %+v", body, db)
	}
}

func checkRoleFilter(t *testing.T, text string) {
	t.Helper()
	role, err := readRoleFilter(text)
	if err != nil {
		webtest.Refused(t, err, "role")
		return
	}
	if asked := strings.ToLower(strings.TrimSpace(text)); asked != string(role) && !(asked == "" && role == office.RoleUser) && !(asked == "all" && role == "") {
		t.Errorf("%q asks for %q", text, role)
	}
}
