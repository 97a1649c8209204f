package storetest

import (
	"testing"

	"officepay.example/services/admin"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var deleteUserCases = cases{
	"DeleteUser/gone":                 deleteUser,
	"DeleteUser/missing":              deleteUserMissing,
	"DeleteUser/concurrent, one wins": deleteUserRace,
}

var lastAdminCases = cases{
	"last admin/is not demoted":                  lastAdminDemoted,
	"last admin/is not deleted":                  lastAdminDeleted,
	"last admin/may change otherwise":            lastAdminChanged,
	"last admin/passes the role on":              lastAdminPassesOn,
	"last admin/who is read-only is none":        lastAdminAmongReaders,
	"last admin/20 at once against the last two": lastTwoAdmins,
}

var resetCases = cases{
	"ResetPassword/begins the next session": resetPassword,
	"ResetPassword/missing":                 resetPasswordMissing,
	"ResetPassword/concurrent":              resetPasswordRace,
}

func deleteUser(t *testing.T, f Fixture) {
	f.AddUsers(t, boss, officetest.User(1), officetest.User(2, officetest.Admin), officetest.User(3))
	officetest.Must(t, f.Store.DeleteUser(t.Context(), officetest.User(1).ID))
	officetest.Must(t, f.Store.DeleteUser(t.Context(), officetest.User(2).ID))
	f.WantNoUser(t, officetest.User(1).ID)
	f.WantNoUser(t, officetest.User(2).ID)
	wantUsers(t, f, admin.UserQuery{}, boss, officetest.User(3))
}

func deleteUserMissing(t *testing.T, f Fixture) {
	f.AddUsers(t, boss, officetest.User(1))
	officetest.WantError(t, f.Store.DeleteUser(t.Context(), officetest.Missing), office.ErrNotFound)
	officetest.Must(t, f.Store.DeleteUser(t.Context(), officetest.User(1).ID))
	officetest.WantError(t, f.Store.DeleteUser(t.Context(), officetest.User(1).ID), office.ErrNotFound)
	err := f.Store.UpdateUser(t.Context(), officetest.User(1).ID, office.UserPatch{FirstName: new("Musa")})
	officetest.WantError(t, err, office.ErrNotFound)
	wantUsers(t, f, admin.UserQuery{}, boss)
}

func deleteUserRace(t *testing.T, f Fixture) {
	f.AddUsers(t, boss, officetest.User(1))
	errs := officetest.Race(10, func(int) error {
		return f.Store.DeleteUser(t.Context(), officetest.User(1).ID)
	})
	officetest.OneWins(t, errs, office.ErrNotFound)
	wantUsers(t, f, admin.UserQuery{}, boss)
}

// demotions are the changes that take the admin's rights away.
var demotions = []office.UserPatch{demotion, {FirstName: new("Sani"), ReadOnly: new(true)}}

var demotion = office.UserPatch{FirstName: new("Sani"), Role: new(office.RoleUser)}

func lastAdminDemoted(t *testing.T, f Fixture) {
	f.AddUsers(t, officetest.User(1), boss)
	for _, demotion := range demotions {
		officetest.WantError(t, f.Store.UpdateUser(t.Context(), boss.ID, demotion), office.ErrLastAdmin)
	}
	wantUsers(t, f, admin.UserQuery{}, boss, officetest.User(1))
}

func lastAdminDeleted(t *testing.T, f Fixture) {
	f.AddUsers(t, officetest.User(1), boss)
	officetest.WantError(t, f.Store.DeleteUser(t.Context(), boss.ID), office.ErrLastAdmin)
	wantUsers(t, f, admin.UserQuery{}, boss, officetest.User(1))
}

func lastAdminChanged(t *testing.T, f Fixture) {
	f.AddUsers(t, boss, officetest.User(1))
	patch := office.UserPatch{LastName: new("Sani"), Role: new(office.RoleAdmin)}
	officetest.Must(t, f.Store.UpdateUser(t.Context(), boss.ID, patch))
	officetest.Must(t, f.Store.UpdateUser(t.Context(), officetest.User(1).ID, office.UserPatch{Role: new(office.RoleUser)}))
	want := boss
	patch.Apply(&want)
	wantUsers(t, f, admin.UserQuery{}, want, officetest.User(1))
}

func lastAdminPassesOn(t *testing.T, f Fixture) {
	heir := officetest.User(1, officetest.Admin)
	f.AddUsers(t, boss, officetest.User(1))
	officetest.Must(t, f.Store.UpdateUser(t.Context(), heir.ID, office.UserPatch{Role: new(office.RoleAdmin)}))
	officetest.Must(t, f.Store.UpdateUser(t.Context(), boss.ID, office.UserPatch{Role: new(office.RoleUser)}))
	officetest.WantError(t, f.Store.UpdateUser(t.Context(), heir.ID, demotion), office.ErrLastAdmin)
	officetest.WantError(t, f.Store.DeleteUser(t.Context(), heir.ID), office.ErrLastAdmin)
	officetest.Must(t, f.Store.DeleteUser(t.Context(), boss.ID))
	wantUsers(t, f, admin.UserQuery{}, heir)
}

// lastAdminAmongReaders: a read-only admin does not count as the last one, until he may
// change things again.
func lastAdminAmongReaders(t *testing.T, f Fixture) {
	reader := officetest.User(1, officetest.Admin, officetest.ReadOnly)
	f.AddUsers(t, boss, reader, officetest.User(2, officetest.Admin, officetest.ReadOnly))
	for _, demotion := range demotions {
		officetest.WantError(t, f.Store.UpdateUser(t.Context(), boss.ID, demotion), office.ErrLastAdmin)
	}
	officetest.WantError(t, f.Store.DeleteUser(t.Context(), boss.ID), office.ErrLastAdmin)
	officetest.Must(t, f.Store.UpdateUser(t.Context(), officetest.User(2).ID, demotion))
	officetest.Must(t, f.Store.DeleteUser(t.Context(), officetest.User(2).ID))
	wantUsers(t, f, admin.UserQuery{Role: office.RoleAdmin}, boss, reader)
	wantUsers(t, f, admin.UserQuery{Role: office.RoleAdmin, SkipReadOnly: true}, boss)
	officetest.Must(t, f.Store.UpdateUser(t.Context(), reader.ID, office.UserPatch{ReadOnly: new(false)}))
	officetest.Must(t, f.Store.DeleteUser(t.Context(), boss.ID))
	officetest.WantError(t, f.Store.UpdateUser(t.Context(), reader.ID, demotions[1]), office.ErrLastAdmin)
}

// lastTwoAdmins: promise 8.
func lastTwoAdmins(t *testing.T, f Fixture) {
	for round := range 5 {
		pair := []office.User{officetest.User(10+2*round, officetest.Admin), officetest.User(11+2*round, officetest.Admin)}
		f.AddUsers(t, pair...)
		removeOthers(t, f, pair)
		errs := officetest.Race(20, func(i int) error {
			target := pair[i/2%2].ID
			if i%2 == 0 {
				return f.Store.DeleteUser(t.Context(), target)
			}
			return f.Store.UpdateUser(t.Context(), target, demotions[i/4%2])
		})
		officetest.WantEach(t, errs, office.ErrLastAdmin, office.ErrNotFound)
		if admins := admins(t, f, true); len(admins) != 1 {
			t.Fatalf("%d admins are left, want one", len(admins))
		}
	}
}

// removeOthers deletes all admins but those.
func removeOthers(t *testing.T, f Fixture, stay []office.User) {
	for _, user := range admins(t, f, false) {
		if user.ID != stay[0].ID && user.ID != stay[1].ID {
			officetest.Must(t, f.Store.DeleteUser(t.Context(), user.ID))
		}
	}
}

func admins(t *testing.T, f Fixture, changing bool) []office.User {
	users, _, err := f.Store.Users(t.Context(), admin.UserQuery{Role: office.RoleAdmin, SkipReadOnly: changing, Limit: 10})
	officetest.Must(t, err)
	return users
}

func resetPassword(t *testing.T, f Fixture) {
	for n, change := range []office.PasswordChange{
		{Hash: officetest.Hash(100), IsGenerated: true},
		{Hash: officetest.Hash(100), KeptToken: "0.kept"},
	} {
		plain := officetest.User(2*n, officetest.Admin)
		inSession := officetest.User(2*n+1, officetest.InSession, officetest.Allowed(someDBs...))
		f.AddUsers(t, plain, inSession)
		officetest.Must(t, f.Store.ResetPassword(t.Context(), inSession.ID, change))
		f.WantUser(t, officetest.WithPassword(inSession, change))
		f.WantUser(t, plain)
		officetest.Must(t, f.Store.ResetPassword(t.Context(), plain.ID, change))
		f.WantUser(t, officetest.WithPassword(plain, change))
	}
}

func resetPasswordMissing(t *testing.T, f Fixture) {
	f.AddUsers(t, boss)
	err := f.Store.ResetPassword(t.Context(), officetest.Missing, office.PasswordChange{Hash: officetest.Hash(100)})
	officetest.WantError(t, err, office.ErrNotFound)
	wantUsers(t, f, admin.UserQuery{}, boss)
}

// resetPasswordRace: each of the concurrent resets ends the sessions before.
func resetPasswordRace(t *testing.T, f Fixture) {
	f.AddUsers(t, boss)
	change := office.PasswordChange{Hash: officetest.Hash(100), IsGenerated: true}
	want := boss
	const calls = 20
	officetest.WantEach(t, officetest.Race(calls, func(int) error {
		return f.Store.ResetPassword(t.Context(), boss.ID, change)
	}))
	for range calls {
		want = officetest.WithPassword(want, change)
	}
	f.WantUser(t, want)
}
