package storetest

import (
	"fmt"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var updateUserCases = cases{
	"UpdateUser/each field alone":                  updateUserFields,
	"UpdateUser/missing":                           updateUserMissing,
	"UpdateUser/taken, nothing changes":            updateUserTaken,
	"UpdateUser/his own number":                    updateUserOwnNumber,
	"UpdateUser/concurrent, different fields":      updateUserFieldsRace,
	"UpdateUser/concurrent, to one number":         updateUserNumberRace,
	"UpdateUser/concurrent with a password change": updateUserWhileReset,
}

var someDBs = []office.ID{officetest.DB(2).ID, officetest.DB(1).ID}

func updateUserFields(t *testing.T, f Fixture) {
	f.AddUsers(t, boss, officetest.User(1))
	for i, patch := range []office.UserPatch{
		{},
		{FirstName: new("Zoë \"%_\\")},
		{LastName: new("O'Brien")},
		{ArmyNumber: new("na/9")},
		{Role: new(office.RoleAdmin)},
		{Role: new(office.RoleUser)},
		{AllowedDBs: &[]office.ID{officetest.Missing, someDBs[0]}},
		{AllowedDBs: &[]office.ID{}},
		{ReadOnly: new(true)},
		{ReadOnly: new(false)},
		{FirstName: new("Musa"), LastName: new("Sani"), ArmyNumber: new("NA/9"), Role: new(office.RoleAdmin), AllowedDBs: &someDBs, ReadOnly: new(true)},
	} {
		want := officetest.User(10+i, officetest.InSession, officetest.Allowed(someDBs...))
		f.AddUsers(t, want)
		officetest.Must(t, f.Store.UpdateUser(t.Context(), want.ID, patch))
		patch.Apply(&want)
		f.WantUser(t, want)
		officetest.Must(t, f.Store.DeleteUser(t.Context(), want.ID))
	}
	f.WantUser(t, officetest.User(1))
}

func updateUserMissing(t *testing.T, f Fixture) {
	f.AddUsers(t, boss)
	for _, patch := range []office.UserPatch{
		{}, {FirstName: new("Musa")}, {Role: new(office.RoleUser)}, {AllowedDBs: &someDBs},
	} {
		err := f.Store.UpdateUser(t.Context(), officetest.Missing, patch)
		officetest.WantError(t, err, office.ErrNotFound)
	}
	f.WantNoUser(t, officetest.Missing)
}

func updateUserTaken(t *testing.T, f Fixture) {
	f.AddUsers(t, boss, officetest.User(1), officetest.User(2))
	patch := office.UserPatch{
		FirstName: new("Sani"), ArmyNumber: &boss.ArmyNumber, Role: new(office.RoleAdmin), AllowedDBs: &someDBs,
	}
	err := f.Store.UpdateUser(t.Context(), officetest.User(1).ID, patch)
	officetest.WantError(t, err, office.ErrArmyNumberTaken)
	wantUsers(t, f, admin.UserQuery{}, boss, officetest.User(1), officetest.User(2))
}

func updateUserOwnNumber(t *testing.T, f Fixture) {
	user := numbered(1, "NÉ/1")
	f.AddUsers(t, boss, user)
	for _, number := range []string{"NÉ/1", "né/1", "NÉ/1"} {
		patch := office.UserPatch{FirstName: new("Sani"), ArmyNumber: &number}
		officetest.Must(t, f.Store.UpdateUser(t.Context(), user.ID, patch))
		patch.Apply(&user)
		f.WantUser(t, user)
	}
}

func updateUserFieldsRace(t *testing.T, f Fixture) {
	user := officetest.User(1)
	f.AddUsers(t, boss, user)
	for round := range 20 {
		patches := []office.UserPatch{
			{FirstName: new(fmt.Sprint("First", round))},
			{LastName: new(fmt.Sprint("Last", round))},
			{ArmyNumber: new(fmt.Sprint("NA/1-", round))},
			{AllowedDBs: &[]office.ID{officetest.DB(round).ID}},
		}
		officetest.WantEach(t, officetest.Race(len(patches), func(i int) error {
			return f.Store.UpdateUser(t.Context(), user.ID, patches[i])
		}))
		for _, patch := range patches {
			patch.Apply(&user)
		}
		f.WantUser(t, user)
	}
}

func updateUserNumberRace(t *testing.T, f Fixture) {
	users := randomUsers(12)
	f.AddUsers(t, users...)
	patch := office.UserPatch{ArmyNumber: new("NA/1")}
	errs := officetest.Race(len(users), func(n int) error {
		return f.Store.UpdateUser(t.Context(), users[n].ID, patch)
	})
	patch.Apply(&users[officetest.OneWins(t, errs, office.ErrArmyNumberTaken)])
	wantUsers(t, f, admin.UserQuery{}, users...)
}

// updateUserWhileReset: a change of the record never undoes a new password.
func updateUserWhileReset(t *testing.T, f Fixture) {
	user := officetest.User(1)
	f.AddUsers(t, boss, user)
	for round := range 10 {
		patch := office.UserPatch{FirstName: new(fmt.Sprint("First", round))}
		change := office.PasswordChange{Hash: officetest.Hash(100 + round), IsGenerated: true}
		officetest.WantEach(t, officetest.Race(2, func(i int) error {
			if i == 0 {
				return f.Store.UpdateUser(t.Context(), user.ID, patch)
			}
			return f.Store.ResetPassword(t.Context(), user.ID, change)
		}))
		patch.Apply(&user)
		user = officetest.WithPassword(user, change)
		f.WantUser(t, user)
	}
}
