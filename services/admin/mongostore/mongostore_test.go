package mongostore

import (
	"context"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/services/admin/storetest"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

func TestStore(t *testing.T) {
	storetest.Run(t, mongotest.Fixture(t, func(c *mongodb.Client) admin.Store { return New(c) }))
}

// A list is one command for the page and one for the total.
func TestCommandsOfUsers(t *testing.T) {
	monitor := mongotest.Watch(t)
	store := New(monitor.Client)
	boss, other, user := officetest.User(1, officetest.Admin), officetest.User(2, officetest.Admin), officetest.User(3)

	for _, u := range []office.User{boss, other, user} {
		monitor.Check(t, "CreateUser", 1, func(ctx context.Context) error { return store.CreateUser(ctx, u) })
	}
	for name, query := range map[string]admin.UserQuery{
		"all": {}, "by role": {Role: office.RoleAdmin}, "by words": {Words: []string{"mus", "ibra"}},
		"by both": {Role: office.RoleUser, Words: []string{"musa"}},
	} {
		query.Limit = 1
		monitor.Check(t, "Users/"+name, 2, func(ctx context.Context) error {
			_, _, err := store.Users(ctx, query)
			return err
		})
	}
	monitor.Check(t, "UpdateUser", 2, func(ctx context.Context) error {
		return store.UpdateUser(ctx, user.ID, office.UserPatch{FirstName: new("Zoë")})
	})
	monitor.Check(t, "UpdateUser/demotion", 4, func(ctx context.Context) error {
		return store.UpdateUser(ctx, other.ID, office.UserPatch{Role: new(office.RoleUser)})
	})
	monitor.Check(t, "ResetPassword", 1, func(ctx context.Context) error {
		return store.ResetPassword(ctx, boss.ID, office.PasswordChange{Hash: officetest.Hash(9)})
	})
	monitor.Check(t, "DeleteUser", 2, func(ctx context.Context) error { return store.DeleteUser(ctx, user.ID) })
}

func TestCommandsOfDBs(t *testing.T) {
	monitor := mongotest.Watch(t)
	store, db := New(monitor.Client), officetest.DB(1)
	seed := mongotest.Seed{Client: monitor.Client}
	officetest.Must(t, store.CreateDB(t.Context(), officetest.DB(2)))
	monitor.Check(t, "CreateDB", 1, func(ctx context.Context) error { return store.CreateDB(ctx, db) })
	for name, query := range map[string]admin.DBQuery{
		"all": {Scope: office.Scope{All: true}}, "by scope": {Scope: office.ScopeOf(db.ID)},
		"by words": {Scope: office.Scope{All: true}, Words: []string{"sec"}},
	} {
		query.Limit = 1
		monitor.Check(t, "DBs/"+name, 2, func(ctx context.Context) error {
			_, _, err := store.DBs(ctx, query)
			return err
		})
	}
	monitor.Check(t, "UpdateDB", 2, func(ctx context.Context) error {
		_, err := store.UpdateDB(ctx, db.ID, office.DBPatch{Name: new("Sector")})
		return err
	})
	officetest.Must(t, seed.AddPersonnel(t.Context(), officetest.Roster(1, 20, db.ID)...))
	monitor.Check(t, "DeleteDB", 8, func(ctx context.Context) error {
		_, err := store.DeleteDB(ctx, db.ID)
		return err
	})
}
