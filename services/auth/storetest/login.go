package storetest

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/office/officetest"
	"officepay.example/shared/password"
)

var loginCases = cases{
	"login/does not tell who exists": loginTellsNothing,
	"login/renews a cheap hash":      loginRenewsHash,
}

// loginTellsNothing is promise 9: a login that fails takes the time of one
// hash, whatever it fails for. The logins take turns, and the fastest are
// compared, since other work on the machine makes none faster; what it spoiled
// all the same is measured anew. How alike the work itself is, package password
// tests.
func loginTellsNothing(t *testing.T, f Fixture) {
	const hashCost, attempts, most = 8, 5, 0.6
	d := openDeskOf(t, f.Store, hashCost)
	for n := range attempts {
		one, two := withSecret(t, officetest.User(2*n), secret, hashCost), withSecret(t, officetest.User(2*n+1), secret, hashCost)
		f.AddUsers(t, one, two)
		fastest := d.fastest(map[string]string{
			one.ArmyNumber: "wrong", two.ArmyNumber: strings.Repeat("x", password.MaxLength+1), "nobody " + one.ArmyNumber: "wrong",
		})
		all := slices.Collect(maps.Values(fastest))
		spread := float64(slices.Max(all))/float64(slices.Min(all)) - 1
		if t.Logf("promise 9: failed logins differ by %.1f %%", 100*spread); spread <= most {
			return
		}
	}
	t.Errorf("failed logins differ by more than %.0f %%", 100*most)
}

// fastest is the least time that each of the failed logins takes, by its army
// number.
func (d *desk) fastest(logins map[string]string) map[string]time.Duration {
	d.t.Helper()
	least := map[string]time.Duration{}
	for range 9 {
		for number, secret := range logins {
			begin := time.Now()
			d.wants("a failed login", d.login(here, number, secret), no)
			if took := time.Since(begin); least[number] == 0 || took < least[number] {
				least[number] = took
			}
		}
	}
	return least
}

// loginRenewsHash is promise 12: now that the password is at hand, its hash
// gets the cost that is configured. No session ends, and no hash of a higher
// cost is made cheaper.
func loginRenewsHash(t *testing.T, f Fixture) {
	const configured = cost + 1
	d := openDeskOf(t, f.Store, configured)
	for n, before := range []int{configured - 1, configured, configured + 1} {
		user := withSecret(t, officetest.User(n, officetest.InSession), secret, before)
		f.AddUsers(t, user)
		d.wants("a wrong password", d.login(here, user.ArmyNumber, "wrong"), no)
		f.WantUser(t, user)
		d.wants("the right password", d.login(here, user.ArmyNumber, secret), yes)
		now, err := f.Store.UserByID(t.Context(), user.ID)
		officetest.Must(t, err)
		if renewed := now.PasswordHash != user.PasswordHash; renewed != (before < configured) || d.hasher.IsWeak(now.PasswordHash) {
			t.Errorf("of cost %d: renewed is %v, as %.7s", before, renewed, now.PasswordHash)
		}
		user.PasswordHash = now.PasswordHash
		f.WantUser(t, user)
		d.wants("the same password", d.login(here, user.ArmyNumber, secret), yes)
	}
}
