package logins

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/services/auth"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/password"
)

// asked notes what the store is asked.
type asked struct {
	auth.Store
	calls []string
}

func (s *asked) UserByArmyNumber(ctx context.Context, number string) (office.User, error) {
	s.calls = append(s.calls, "UserByArmyNumber")
	return s.Store.UserByArmyNumber(ctx, number)
}

func (s *asked) Attempts(ctx context.Context, keys ...string) (map[string]auth.Attempts, error) {
	s.calls = append(s.calls, "Attempts")
	return s.Store.Attempts(ctx, keys...)
}

func (s *asked) SwapAttempts(ctx context.Context, key string, old, new auth.Attempts) (bool, error) {
	s.calls = append(s.calls, "SwapAttempts")
	return s.Store.SwapAttempts(ctx, key, old, new)
}

// Promise 9: whatever a login fails for, it asks the store the same. That its
// hashing is the same work, package password tests.
func TestFailedLoginsAskTheSame(t *testing.T) {
	f := open(t)
	store := &asked{Store: f.Store}
	s, number := newReplica(t, store), known(t, f, 1).ArmyNumber
	var want []string
	for _, login := range failing(number) {
		store.calls = nil
		s.wants("a failed login", s.login(here, login.number, login.secret), no)
		if want == nil {
			want = store.calls
		}
		officetest.Equal(t, "what the store is asked", store.calls, want)
	}
}

// failing are logins that fail, of somebody and of nobody.
func failing(number string) []struct{ number, secret string } {
	long := strings.Repeat("x", password.MaxLength+1)
	return []struct{ number, secret string }{{number, "wrong"}, {number, long}, {strings.ToLower(number), "wrong"}, {"nobody", "wrong"}, {"nobody", long}}
}

// Promise 9, measured: a login that fails takes the time of one hash, whatever it
// fails for. The logins take turns, and the fastest are compared, since other
// work on the machine makes none faster; what it spoiled all the same is measured
// anew.
func TestMeasuredFailedLogins(t *testing.T) {
	f := open(t)
	const hashCost, attempts, most = 8, 5, 0.6
	s := newReplicaOfCost(t, f.Store, hashCost)
	for n := range attempts {
		one, two := withSecret(t, officetest.User(2*n), secret, hashCost), withSecret(t, officetest.User(2*n+1), secret, hashCost)
		f.AddUsers(t, one, two)
		fastest := s.fastest(map[string]string{
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
func (s *replica) fastest(logins map[string]string) map[string]time.Duration {
	s.t.Helper()
	least := map[string]time.Duration{}
	for range 9 {
		for number, secret := range logins {
			begin := time.Now()
			s.wants("a failed login", s.login(here, number, secret), no)
			if took := time.Since(begin); least[number] == 0 || took < least[number] {
				least[number] = took
			}
		}
	}
	return least
}

// Promise 12: now that the password is at hand, its hash gets the cost that is
// configured. No session ends, and no hash of a higher cost is made cheaper.
func TestLoginRenewsTheHash(t *testing.T) {
	f := open(t)
	const configured = cost + 1
	s := newReplicaOfCost(t, f.Store, configured)
	for n, before := range []int{configured - 1, configured, configured + 1} {
		user := withSecret(t, officetest.User(n, officetest.InSession), secret, before)
		f.AddUsers(t, user)
		s.wants("a wrong password", s.login(here, user.ArmyNumber, "wrong"), no)
		f.WantUser(t, user)
		s.wants("the right password", s.login(here, user.ArmyNumber, secret), yes)
		now, err := f.Store.UserByID(t.Context(), user.ID)
		officetest.Must(t, err)
		if renewed := now.PasswordHash != user.PasswordHash; renewed != (before < configured) || s.hasher.IsWeak(now.PasswordHash) {
			t.Errorf("of cost %d: renewed is %v, as %.7s", before, renewed, now.PasswordHash)
		}
		user.PasswordHash = now.PasswordHash
		f.WantUser(t, user)
		s.wants("the same password", s.login(here, user.ArmyNumber, secret), yes)
	}
}

// theirs is the hash of the password that somebody else sets.
var theirs = officetest.Hash(100)

// overtaken is a store at which somebody else sets the password first.
type overtaken struct{ auth.Store }

func (s overtaken) SetPassword(ctx context.Context, id office.ID, old string, change office.PasswordChange) error {
	first := s.Store.SetPassword(ctx, id, old, office.PasswordChange{Hash: theirs})
	return errors.Join(first, s.Store.SetPassword(ctx, id, old, change))
}

// Who changes his password while somebody else resets it is told so, and the
// other password stays.
func TestPasswordSetMeanwhile(t *testing.T) {
	f := open(t)
	s, user := newReplica(t, overtaken{f.Store}), known(t, f, 1)
	s.wants("the later one", s.changePassword(user, secret), answer{status: 409})
	f.WantUser(t, officetest.WithPassword(user, office.PasswordChange{Hash: theirs}))
}
