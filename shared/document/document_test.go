package document

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Nobody becomes an admin by a role that is only much like an admin's.
func TestRoleOfUser(t *testing.T) {
	for role, want := range map[string]office.Role{
		"admin": office.RoleAdmin, "user": office.RoleUser, "": office.RoleUser, "clerk": office.RoleUser,
		"Admin": office.RoleUser, "ADMIN": office.RoleUser, " admin": office.RoleUser, "admin ": office.RoleUser,
		"administrator": office.RoleUser,
	} {
		user := User{Role: role, AccessAllDB: true}.User()
		if user.Role != want || user.Scope().All != (want == office.RoleAdmin) {
			t.Errorf("role %q: a user of the role %q with %+v, want the role %q", role, user.Role, user.Scope(), want)
		}
	}
}

// The data model says twice who sees everything, and the old backend may read
// what this one wrote: the two must agree.
func TestAccessOfUser(t *testing.T) {
	for user, want := range map[*office.User]bson.M{
		new(officetest.User(1)):                   {"role": "user", "access_all_db": false},
		new(officetest.User(2, officetest.Admin)): {"role": "admin", "access_all_db": true},
	} {
		doc := asKept(t, UserOf(*user))
		for field, value := range want {
			officetest.Equal(t, field, doc[field], value)
		}
	}
}

// asKept is a document as the database has it.
func asKept(t *testing.T, doc any) (kept bson.M) {
	t.Helper()
	content, err := bson.Marshal(doc)
	officetest.Must(t, err)
	officetest.Must(t, bson.Unmarshal(content, &kept))
	return kept
}

// A status that is another only by letter case or blanks is no unknown one: who is
// absent must not become active.
func TestStatusOfPersonnel(t *testing.T) {
	for kept, want := range map[string]office.Status{
		"awol": office.StatusAWOL, " awol": office.StatusAWOL, "AWOL\n": office.StatusAWOL, "Death ": office.StatusDeath,
		"": office.StatusActive, "  ": office.StatusActive, "retired": office.StatusActive,
	} {
		if got := (Personnel{Status: kept}).Personnel().Status; got != want {
			t.Errorf("status %q is taken as %q, want %q", kept, got, want)
		}
	}
}
