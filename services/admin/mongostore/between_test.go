package mongostore

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/admin"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// between is a store whose first command of a kind is preceded by what somebody
// else does, with a store of his own.
func between(t *testing.T, isIt func(bson.Raw) bool, do func(other Store)) Store {
	t.Helper()
	var other Store
	client, another := mongotest.Between(t, isIt, func() { do(other) })
	other = New(another)
	return New(client)
}

func changeDB(t *testing.T, store Store, db office.ID, patch office.DBPatch) {
	t.Helper()
	_, err := store.UpdateDB(t.Context(), db, patch)
	officetest.Must(t, err)
}

// Promise 25: of two who change different names of a database at once, both
// are found by what they wrote.
func TestDBRenamedAtOnce(t *testing.T) {
	db := officetest.DB(1)
	store := between(t, mongotest.Named("update"), func(other Store) {
		changeDB(t, other, db.ID, office.DBPatch{ShortCode: new("QUARESMA")})
	})
	officetest.Must(t, store.CreateDB(t.Context(), db))
	changeDB(t, store, db.ID, office.DBPatch{Name: new("Zebulon")})
	for _, word := range []string{"zebulon", "quaresma"} {
		query := admin.DBQuery{Scope: office.Scope{All: true}, Words: []string{word}, Limit: 10}
		if _, total, err := store.DBs(t.Context(), query); err != nil || total != 1 {
			t.Errorf("%s is found %d times (%v)", word, total, err)
		}
	}
}

// Promise 25: who renames a database keeps the description that another writes meanwhile.
func TestDBDescribedMeanwhile(t *testing.T) {
	db := officetest.DB(1)
	store := between(t, mongotest.Named("update"), func(other Store) {
		changeDB(t, other, db.ID, office.DBPatch{Description: new("of the north")})
	})
	officetest.Must(t, store.CreateDB(t.Context(), db))
	changeDB(t, store, db.ID, office.DBPatch{Name: new("Zebulon")})
	found, _, err := store.DBs(t.Context(), admin.DBQuery{Scope: office.ScopeOf(db.ID), Limit: 1})
	officetest.Must(t, err)
	officetest.Equal(t, "name and description", []string{found[0].Name, found[0].Description}, []string{"Zebulon", "of the north"})
}

// Promise 25: users who are renamed at once are found by what was written as well.
func TestUserRenamedAtOnce(t *testing.T) {
	user := officetest.User(1)
	change := func(store Store, patch office.UserPatch) {
		officetest.Must(t, store.UpdateUser(t.Context(), user.ID, patch))
	}
	store := between(t, mongotest.Named("update"), func(other Store) {
		change(other, office.UserPatch{LastName: new("Quaresma")})
	})
	officetest.Must(t, store.CreateUser(t.Context(), user))
	change(store, office.UserPatch{FirstName: new("Zebulon")})
	for _, word := range []string{"zebulon", "quaresma"} {
		query := admin.UserQuery{Words: []string{word}, Limit: 10}
		if _, total, err := store.Users(t.Context(), query); err != nil || total != 1 {
			t.Errorf("%s is found %d times (%v)", word, total, err)
		}
	}
}

// Promise 8: a user who has become the last admin just before he is deleted or
// demoted stays one.
func TestPromotedMeanwhile(t *testing.T) {
	boss, user := officetest.User(1, officetest.Admin), officetest.User(2)
	for name, removal := range map[string]struct {
		command string
		call    func(Store) error
	}{
		"deleted": {"delete", func(s Store) error { return s.DeleteUser(t.Context(), user.ID) }},
		"demoted": {"update", func(s Store) error {
			return s.UpdateUser(t.Context(), user.ID, office.UserPatch{Role: new(office.RoleUser)})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			store := between(t, mongotest.Named(removal.command), func(other Store) {
				officetest.Must(t, other.UpdateUser(t.Context(), user.ID, office.UserPatch{Role: new(office.RoleAdmin)}))
				officetest.Must(t, other.DeleteUser(t.Context(), boss.ID))
			})
			officetest.Must(t, store.CreateUser(t.Context(), boss))
			officetest.Must(t, store.CreateUser(t.Context(), user))
			officetest.WantError(t, removal.call(store), office.ErrLastAdmin)
			now, err := store.UserByID(t.Context(), user.ID)
			officetest.Must(t, err)
			officetest.Equal(t, "the role", now.Role, office.RoleAdmin)
		})
	}
}

// Who hangs up while it is found out whether another admin stays leaves no
// mark behind: others would wait until it is old.
func TestMarkOfAbandonedRemoval(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	isSecondStep := func(command bson.Raw) bool {
		_, err := command.LookupErr("filter", "role")
		return command.Index(0).Key() == "find" && err == nil
	}
	store := between(t, isSecondStep, func(Store) { hangUp() })
	for _, user := range []office.User{firstAdmin, secondAdmin} {
		officetest.Must(t, store.CreateUser(t.Context(), user))
	}
	officetest.WantError(t, store.DeleteUser(ctx, firstAdmin.ID), context.Canceled)
	left, err := store.admins().One(t.Context(), bson.M{"_id": firstAdmin.ID})
	officetest.Must(t, err)
	officetest.Equal(t, "the mark", left.Leaving, office.ID{})
}

// Promise 8: who is slow between the steps of a removal loses his mark to
// somebody who takes it for one that was left behind, and then must start again.
func TestMarkTakenAwayMeanwhile(t *testing.T) {
	isDemotion := func(command bson.Raw) bool {
		_, err := command.LookupErr("updates", "0", "u", "$set", "role")
		return err == nil
	}
	for name, removal := range map[string]struct {
		isLastStep func(bson.Raw) bool
		call       func(Store) error
	}{
		"deleted": {mongotest.Named("delete"), func(s Store) error { return s.DeleteUser(t.Context(), firstAdmin.ID) }},
		"demoted": {isDemotion, func(s Store) error {
			return s.UpdateUser(t.Context(), firstAdmin.ID, office.UserPatch{Role: new(office.RoleUser)})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			store := between(t, removal.isLastStep, func(other Store) {
				_, err := other.admins().Update(t.Context(), bson.M{"_id": firstAdmin.ID}, bson.M{"$unset": bson.M{leavingField: ""}})
				officetest.Must(t, err)
				officetest.Must(t, other.DeleteUser(t.Context(), secondAdmin.ID))
			})
			officetest.Must(t, store.CreateUser(t.Context(), firstAdmin))
			officetest.Must(t, store.CreateUser(t.Context(), secondAdmin))
			officetest.WantError(t, removal.call(store), office.ErrLastAdmin)
			_, admins, err := store.Users(t.Context(), admin.UserQuery{Role: office.RoleAdmin, Limit: 9})
			officetest.Must(t, err)
			officetest.Equal(t, "the number of admins", admins, 1)
		})
	}
}
