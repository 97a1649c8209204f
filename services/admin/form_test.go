package admin

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

var idA, idB = office.ID{0x0A}, office.ID{0x0B}

func decode[T any](body string, mode web.Mode, read func(*web.Form) T) (T, error) {
	return web.Decode(&web.Request{Body: []byte(body)}, mode, read)
}

// reading is one row of a table: a body, and what it is read as or, where
// there is a problem, refused with.
type reading[T any] struct {
	body    string
	want    T
	problem string
}

func checkReadings[T any](t *testing.T, mode web.Mode, read func(*web.Form) T, cases map[string]reading[T]) {
	t.Helper()
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := decode(test.body, mode, read)
			if (err != nil) != (test.problem != "") || err != nil && err.Error() != test.problem {
				t.Errorf("error %v, want %q", err, test.problem)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

const names = `"first_name":" Musa ","last_name":"Ibrahim","army_number":"N/1","password":" secret "`

func musa(role office.Role) office.User {
	return office.User{FirstName: "Musa", LastName: "Ibrahim", ArmyNumber: "N/1", Role: role, IsGenerated: true}
}

func TestReadNewUser(t *testing.T) {
	none := web.IDList{IDs: []office.ID{}}
	checkReadings(t, web.Whole, readNewUser, map[string]reading[userForm]{
		"the least":     {`{` + names + `}`, userForm{user: musa("user"), password: " secret ", allowed: none}, ""},
		"admin":         {`{` + names + `,"role":"admin"}`, userForm{user: musa("admin"), password: " secret ", allowed: none}, ""},
		"role not said": {`{` + names + `,"role":""}`, userForm{user: musa("user"), password: " secret ", allowed: none}, ""},
		"role null":     {`{` + names + `,"role":null}`, userForm{user: musa("user"), password: " secret ", allowed: none}, ""},
		"too many databases": {
			`{` + names + `,"allowed_dbs":[` + strings.Repeat(`"`+idA.Hex()+`",`, maxAllowed) + `"` + idB.Hex() + `"]}`,
			userForm{}, "The list of databases must name at most 200 databases.",
		},
		"databases": {
			`{` + names + `,"allowed_dbs":["` + idA.Hex() + `"]}`,
			userForm{user: musa("user"), password: " secret ", allowed: web.IDList{IDs: []office.ID{idA}}}, "",
		},
		"protected fields are nothing": {
			`{` + names + `,"id":"` + idA.Hex() + `","_id":1,"is_generated":false,"password_hash":"x","access_all_db":true,` +
				`"session":9,"created_at":"x","kept_token":"x"}`,
			userForm{user: musa("user"), password: " secret ", allowed: none}, "",
		},
		"ROLE is no role":   {`{` + names + `,"ROLE":"admin"}`, userForm{user: musa("user"), password: " secret ", allowed: none}, ""},
		"unknown role":      {`{` + names + `,"role":"root"}`, userForm{}, "The role must be user or admin."},
		"role in capitals":  {`{` + names + `,"role":"ADMIN"}`, userForm{}, "The role must be user or admin."},
		"nothing":           {`{}`, userForm{}, "The first name is required, and 3 more."},
		"databases no list": {`{` + names + `,"allowed_dbs":"` + idA.Hex() + `"}`, userForm{}, "The list of databases must be an array, not text."},
		"name too long": {
			`{` + strings.Replace(names, "Ibrahim", strings.Repeat("é", 101), 1) + `}`, userForm{},
			"The last name must be at most 100 characters.",
		},
		"password too short": {`{` + strings.Replace(names, " secret ", "12345", 1) + `}`, userForm{}, "The password must be at least 6 characters."},
		"password empty":     {`{` + strings.Replace(names, " secret ", "", 1) + `}`, userForm{}, "The password must not be blank."},
	})
}

func TestReadUserChange(t *testing.T) {
	const elsewhere = "The password cannot be changed here: use Change Password in the list of users (POST /admin/reset-password)."
	text, admin := func(s string) *string { return &s }, office.RoleAdmin
	none := web.IDList{IDs: []office.ID{}}
	checkReadings(t, web.Partial, readUserChange, map[string]reading[userForm]{
		"nothing":          {`{}`, userForm{allowed: none}, ""},
		"one name":         {`{"last_name":" Musa "}`, userForm{patch: office.UserPatch{LastName: text("Musa")}, allowed: none}, ""},
		"role":             {`{"role":"admin"}`, userForm{patch: office.UserPatch{Role: &admin}, allowed: none}, ""},
		"role null":        {`{"role":null}`, userForm{allowed: none}, ""},
		"no databases":     {`{"allowed_dbs":[]}`, userForm{patch: office.UserPatch{AllowedDBs: &none.IDs}, allowed: none}, ""},
		"databases null":   {`{"allowed_dbs":null}`, userForm{patch: office.UserPatch{AllowedDBs: &none.IDs}, allowed: none}, ""},
		"protected fields": {`{"id":"x","is_generated":false,"password_hash":"x","access_all_db":true}`, userForm{allowed: none}, ""},
		"blank name":       {`{"first_name":" "}`, userForm{}, "The first name must not be blank."},
		"number null":      {`{"army_number":null}`, userForm{}, "The army number is required."},
		"password":         {`{"password":"secret"}`, userForm{}, elsewhere},
		"password null":    {`{"password":null}`, userForm{}, elsewhere},
	})
}

// Promise 17: a list left out leaves the databases alone; an empty one takes
// them all away.
func TestUserChangeTellsNoListFromAnEmptyOne(t *testing.T) {
	for body, want := range map[string]string{
		`{}`: "unchanged", `{"allowed_dbs":[]}`: "[]", `{"allowed_dbs":null}`: "[]",
		`{"allowed_dbs":["` + idB.Hex() + `"]}`: fmt.Sprint([]office.ID{idB}),
	} {
		change, err := decode(body, web.Partial, readUserChange)
		if err != nil {
			t.Fatal(err)
		}
		got := "unchanged"
		if list := change.patch.AllowedDBs; list != nil {
			got = fmt.Sprint(*list)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}

func TestReadAllowedDBs(t *testing.T) {
	cases := map[string]struct {
		list    string
		ids     []office.ID
		invalid []any
	}{
		"none":          {`[]`, nil, nil},
		"in order":      {`["` + idB.Hex() + `","` + idA.Hex() + `"]`, []office.ID{idB, idA}, nil},
		"each once":     {`["` + idA.Hex() + `","` + strings.ToUpper(idA.Hex()) + `"," ` + idA.Hex() + ` "]`, []office.ID{idA}, nil},
		"some are none": {`["` + idA.Hex() + `","x","",null,true]`, []office.ID{idA}, []any{"x", "", "null", true}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := decode(`{"allowed_dbs":`+test.list+`}`, web.Whole, readAllowedDBs)
			if err != nil || !slices.Equal(got.IDs, test.ids) || !slices.Equal(got.Invalid, test.invalid) {
				t.Errorf("got %+v, %v", got, err)
			}
			if got.IDs == nil {
				t.Error("the list is nil")
			}
		})
	}
}

func TestReadRoleFilter(t *testing.T) {
	for text, want := range map[string]office.Role{
		"": office.RoleUser, " ": office.RoleUser, "user": office.RoleUser, "ADMIN": office.RoleAdmin, " admin ": office.RoleAdmin, "All": "",
	} {
		if got, err := readRoleFilter(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"root", "users", "user,admin", "*"} {
		_, err := readRoleFilter(text)
		var refused *web.Error
		if !errors.As(err, &refused) || refused.Status != 400 || refused.Message != "The role must be one of all, user, admin." {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReadPasswordReset(t *testing.T) {
	long := strings.Repeat("a", 73)
	checkReadings(t, web.Whole, readPasswordReset, map[string]reading[passwordReset]{
		"good":     {`{"user_id":"` + idA.Hex() + `","new_password":" secret "}`, passwordReset{&idA, " secret "}, ""},
		"72 bytes": {`{"user_id":"` + idA.Hex() + `","new_password":"` + long[1:] + `"}`, passwordReset{&idA, long[1:]}, ""},
		"73 bytes": {
			`{"user_id":"` + idA.Hex() + `","new_password":"` + long + `"}`, passwordReset{},
			"The new password must be at most 72 bytes (a letter with an accent takes two or more).",
		},
		"bad id":  {`{"user_id":"x","new_password":"secret"}`, passwordReset{}, "The user must be an id of 24 hex digits."},
		"nothing": {`{}`, passwordReset{}, "The user is required, and 1 more."},
	})
}
