package storetest

import (
	"testing"

	"officepay.example/services/admin"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var createUserCases = cases{
	"CreateUser/taken":                       createUserTaken,
	"CreateUser/letter case tells apart":     createUserInOtherCase,
	"CreateUser/number of a deleted user":    createUserAfterDelete,
	"CreateUser/number given up":             createUserAfterUpdate,
	"CreateUser/50 of one number at a time":  createUserRace,
	"CreateUser/50 of their own at one time": createUsersAtOnce,
}

func numbered(n int, number string) office.User {
	return officetest.User(n, func(u *office.User) { u.ArmyNumber = number })
}

func createUserTaken(t *testing.T, f Fixture) {
	f.AddUsers(t, boss, numbered(1, "NA/1"))
	second := numbered(2, "NA/1")
	officetest.WantError(t, f.Store.CreateUser(t.Context(), second), office.ErrArmyNumberTaken)
	wantUsers(t, f, admin.UserQuery{}, boss, numbered(1, "NA/1"))
	f.WantNoUser(t, second.ID)
}

func createUserInOtherCase(t *testing.T, f Fixture) {
	numbers := []string{"NÉ/K", "né/k", "Né/K", "NÉ /K", "N_/K", "%"}
	var users []office.User
	for n, number := range numbers {
		users = append(users, numbered(n, number))
	}
	f.AddUsers(t, users...)
	wantUsers(t, f, admin.UserQuery{}, users...)
}

func createUserAfterDelete(t *testing.T, f Fixture) {
	f.AddUsers(t, boss)
	for n := 1; n <= 3; n++ {
		user := numbered(n, "NA/1")
		f.AddUsers(t, user)
		f.WantUser(t, user)
		officetest.Must(t, f.Store.DeleteUser(t.Context(), user.ID))
	}
}

func createUserAfterUpdate(t *testing.T, f Fixture) {
	f.AddUsers(t, boss, numbered(1, "NA/1"))
	patch := office.UserPatch{ArmyNumber: new("NA/2")}
	officetest.Must(t, f.Store.UpdateUser(t.Context(), officetest.User(1).ID, patch))
	f.AddUsers(t, numbered(2, "NA/1"))
	wantUsers(t, f, admin.UserQuery{}, boss, numbered(1, "NA/2"), numbered(2, "NA/1"))
}

func createUserRace(t *testing.T, f Fixture) {
	errs := officetest.Race(50, func(n int) error {
		return f.Store.CreateUser(t.Context(), numbered(n, "NA/1"))
	})
	winner := officetest.OneWins(t, errs, office.ErrArmyNumberTaken)
	wantUsers(t, f, admin.UserQuery{}, numbered(winner, "NA/1"))
}

func createUsersAtOnce(t *testing.T, f Fixture) {
	users := randomUsers(50)
	officetest.WantEach(t, officetest.Race(len(users), func(n int) error {
		return f.Store.CreateUser(t.Context(), users[n])
	}))
	wantUsers(t, f, admin.UserQuery{}, users...)
}
