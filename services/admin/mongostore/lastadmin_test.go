package mongostore

import (
	"context"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/admin"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var firstAdmin, secondAdmin = officetest.User(1, officetest.Admin), officetest.User(2, officetest.Admin)

// twoAdmins is a store where marks stand on some of two admins.
func twoAdmins(t *testing.T, marks map[office.ID]office.ID) Store {
	store := New(mongotest.Open(t))
	for _, user := range []office.User{firstAdmin, secondAdmin} {
		officetest.Must(t, store.CreateUser(t.Context(), user))
		if mark, ok := marks[user.ID]; ok {
			_, err := store.admins().Update(t.Context(), bson.M{"_id": user.ID}, bson.M{"$set": bson.M{leavingField: mark}})
			officetest.Must(t, err)
		}
	}
	return store
}

// A process may die between the steps of the removal of an admin. The mark
// that it leaves behind is no hindrance, and the last admin stays.
func TestMarkLeftBehind(t *testing.T) {
	mark := bson.NewObjectIDFromTimestamp(time.Now().Add(-2 * markLifetime))
	for name, marks := range map[string]map[office.ID]office.ID{
		"on him":   {firstAdmin.ID: mark},
		"on both":  {firstAdmin.ID: mark, secondAdmin.ID: mark},
		"on other": {secondAdmin.ID: mark},
	} {
		t.Run(name, func(t *testing.T) {
			store := twoAdmins(t, marks)
			officetest.Must(t, store.DeleteUser(t.Context(), firstAdmin.ID))
			officetest.WantError(t, store.DeleteUser(t.Context(), secondAdmin.ID), office.ErrLastAdmin)
		})
	}
}

// Who is being removed just now is not removed a second time, and is no reason
// to let the other one go.
func TestMarkOfToday(t *testing.T) {
	for _, marked := range []office.ID{firstAdmin.ID, secondAdmin.ID} {
		store := twoAdmins(t, map[office.ID]office.ID{marked: office.NewID()})
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := store.DeleteUser(ctx, firstAdmin.ID); err == nil {
			t.Error("an admin was removed beside one who is leaving")
		}
		_, admins, err := store.Users(t.Context(), admin.UserQuery{Role: office.RoleAdmin, Limit: 9})
		officetest.Must(t, err)
		officetest.Equal(t, "the number of admins", admins, 2)
	}
}

// A change that is refused for another reason leaves no mark.
func TestMarkOfRefusedChange(t *testing.T) {
	store := twoAdmins(t, nil)
	officetest.Must(t, store.CreateUser(t.Context(), officetest.User(3)))
	patch := office.UserPatch{Role: new(office.RoleUser), ArmyNumber: new(officetest.User(3).ArmyNumber)}
	for _, user := range []office.User{firstAdmin, secondAdmin} {
		officetest.WantError(t, store.UpdateUser(t.Context(), user.ID, patch), office.ErrArmyNumberTaken)
	}
	officetest.Must(t, store.DeleteUser(t.Context(), firstAdmin.ID))
}

// A user as the old backend may have left one, without a role, is changed
// and deleted like any other.
func TestUserWithoutRole(t *testing.T) {
	store := New(mongotest.Open(t))
	user := officetest.User(1)
	for name, role := range map[string]bson.M{
		"missing": {"$unset": bson.M{"role": ""}}, "empty": {"$set": bson.M{"role": ""}}, "unknown": {"$set": bson.M{"role": "clerk"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			officetest.Must(t, store.CreateUser(t.Context(), user))
			_, err := store.Client.Users().Update(t.Context(), bson.M{"_id": user.ID}, role)
			officetest.Must(t, err)
			officetest.Must(t, store.UpdateUser(ctx, user.ID, office.UserPatch{FirstName: new("Zoë")}))
			officetest.Must(t, store.DeleteUser(ctx, user.ID))
		})
	}
}
