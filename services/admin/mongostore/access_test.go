package mongostore

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// A document says twice who sees everything, by the role and by access_all_db, and
// the old backend may read it: the two change together.
func TestAccessGoesWithTheRole(t *testing.T) {
	store, user := New(mongotest.Open(t)), officetest.User(3)
	for _, u := range []office.User{officetest.User(1, officetest.Admin), user} {
		officetest.Must(t, store.CreateUser(t.Context(), u))
	}
	wantAccess(t, store, user.ID, office.RoleUser)
	for _, role := range []office.Role{office.RoleAdmin, office.RoleUser} {
		officetest.Must(t, store.UpdateUser(t.Context(), user.ID, office.UserPatch{Role: &role}))
		wantAccess(t, store, user.ID, role)
		officetest.Must(t, store.UpdateUser(t.Context(), user.ID, office.UserPatch{LastName: new("Obi")}))
		wantAccess(t, store, user.ID, role)
	}
}

// wantAccess looks at the document itself: the store does not read the field.
func wantAccess(t *testing.T, store Store, id office.ID, role office.Role) {
	t.Helper()
	doc, err := mongodb.CollectionOf[bson.M](store.Client, "users").One(t.Context(), bson.M{"_id": id})
	officetest.Must(t, err)
	officetest.Equal[any](t, "the role", doc["role"], string(role))
	officetest.Equal[any](t, "access_all_db with the role "+string(role), doc["access_all_db"], role == office.RoleAdmin)
}
