package storetest

import (
	"errors"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

var passwordCases = cases{
	"SetPassword/begins the next session":   setPassword,
	"SetPassword/again":                     setPasswordAgain,
	"SetPassword/missing":                   setPasswordOfNobody,
	"SetPassword/changed meanwhile":         setPasswordTooLate,
	"SetPassword/concurrent, one wins":      setPasswordRace,
	"SetPassword/concurrent with a renewal": setPasswordWhileRenewed,
}

var hashCases = cases{
	"RenewHash/ends no session":    renewHash,
	"RenewHash/not the old one":    renewOtherHash,
	"RenewHash/missing":            renewHashOfNobody,
	"RenewHash/concurrent renewal": renewHashRace,
}

// hash and the next few are hashes that no test user has.
const hash = 100

func setPassword(t *testing.T, f Fixture) {
	for n, change := range []office.PasswordChange{
		{Hash: officetest.Hash(hash), KeptToken: "0.kept"},
		{Hash: officetest.Hash(hash)},
		{Hash: officetest.Hash(hash), IsGenerated: true},
	} {
		plain := officetest.User(2*n, officetest.Allowed(officetest.Missing))
		inSession := officetest.User(2*n+1, officetest.Admin, officetest.InSession)
		f.AddUsers(t, plain, inSession)
		mustSetPassword(t, f, plain, change)
		f.WantUser(t, officetest.WithPassword(plain, change))
		f.WantUser(t, inSession)
		mustSetPassword(t, f, inSession, change)
		f.WantUser(t, officetest.WithPassword(inSession, change))
	}
}

func mustSetPassword(t *testing.T, f Fixture, user office.User, change office.PasswordChange) {
	t.Helper()
	officetest.Must(t, f.Store.SetPassword(t.Context(), user.ID, user.PasswordHash, change))
}

func setPasswordAgain(t *testing.T, f Fixture) {
	user := officetest.User(1)
	f.AddUsers(t, user)
	for n := range 3 {
		change := office.PasswordChange{Hash: officetest.Hash(hash + n)}
		mustSetPassword(t, f, user, change)
		user = officetest.WithPassword(user, change)
		f.WantUser(t, user)
	}
}

func setPasswordOfNobody(t *testing.T, f Fixture) {
	user := officetest.User(1)
	f.AddUsers(t, user)
	change := office.PasswordChange{Hash: officetest.Hash(hash)}
	err := f.Store.SetPassword(t.Context(), officetest.Missing, user.PasswordHash, change)
	officetest.WantError(t, err, office.ErrNotFound)
	f.WantUser(t, user)
}

// notTheHash are hashes that a user does not have, though some are close.
func notTheHash(u office.User) []string {
	return []string{"", officetest.Hash(hash), "$2B" + u.PasswordHash[3:], u.PasswordHash[1:], u.PasswordHash + " ", "%"}
}

func setPasswordTooLate(t *testing.T, f Fixture) {
	user := officetest.User(1, officetest.InSession)
	f.AddUsers(t, user)
	for _, old := range notTheHash(user) {
		err := f.Store.SetPassword(t.Context(), user.ID, old, office.PasswordChange{Hash: officetest.Hash(hash)})
		officetest.WantError(t, err, office.ErrNotFound)
	}
	f.WantUser(t, user)
}

func setPasswordRace(t *testing.T, f Fixture) {
	user := officetest.User(1)
	f.AddUsers(t, user)
	changeOf := func(n int) office.PasswordChange {
		return office.PasswordChange{Hash: officetest.Hash(hash + n), KeptToken: officetest.Hash(n)}
	}
	errs := officetest.Race(20, func(n int) error {
		return f.Store.SetPassword(t.Context(), user.ID, user.PasswordHash, changeOf(n))
	})
	winner := officetest.OneWins(t, errs, office.ErrNotFound)
	f.WantUser(t, officetest.WithPassword(user, changeOf(winner)))
}

// setPasswordWhileRenewed: a login that renews the old hash never brings the
// old password back.
func setPasswordWhileRenewed(t *testing.T, f Fixture) {
	change := office.PasswordChange{Hash: officetest.Hash(hash)}
	for n := range 10 {
		user := officetest.User(n)
		f.AddUsers(t, user)
		want := user
		want.PasswordHash = officetest.Hash(hash + 1)
		errs := officetest.Race(2, func(i int) error {
			if i == 0 {
				return f.Store.SetPassword(t.Context(), user.ID, user.PasswordHash, change)
			}
			return f.Store.RenewHash(t.Context(), user.ID, user.PasswordHash, want.PasswordHash)
		})
		officetest.Must(t, errs[1])
		if !errors.Is(errs[0], office.ErrNotFound) {
			officetest.Must(t, errs[0])
			want = officetest.WithPassword(user, change)
		}
		f.WantUser(t, want)
	}
}

func renewHash(t *testing.T, f Fixture) {
	user, other := officetest.User(1, officetest.InSession), officetest.User(2)
	f.AddUsers(t, user, other)
	officetest.Must(t, f.Store.RenewHash(t.Context(), user.ID, user.PasswordHash, officetest.Hash(hash)))
	user.PasswordHash = officetest.Hash(hash)
	f.WantUser(t, user)
	f.WantUser(t, other)
}

func renewOtherHash(t *testing.T, f Fixture) {
	user := officetest.User(1, officetest.InSession)
	f.AddUsers(t, user)
	for _, old := range notTheHash(user) {
		officetest.Must(t, f.Store.RenewHash(t.Context(), user.ID, old, officetest.Hash(hash)))
	}
	f.WantUser(t, user)
}

func renewHashOfNobody(t *testing.T, f Fixture) {
	officetest.Must(t, f.Store.RenewHash(t.Context(), officetest.Missing, officetest.Hash(1), officetest.Hash(hash)))
	f.WantNoUser(t, officetest.Missing)
}

// renewHashRace: of many logins that renew, the first is kept.
func renewHashRace(t *testing.T, f Fixture) {
	user := officetest.User(1)
	f.AddUsers(t, user)
	errs := officetest.Race(10, func(int) error {
		return f.Store.RenewHash(t.Context(), user.ID, user.PasswordHash, officetest.Hash(hash))
	})
	officetest.WantEach(t, errs)
	user.PasswordHash = officetest.Hash(hash)
	f.WantUser(t, user)
}
