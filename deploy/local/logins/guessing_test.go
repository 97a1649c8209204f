// Package logins tests promises 9, 11 and 12 as the service of logins keeps them
// on a store, with a clock in hand. The store is that of the all-in-one: what
// each store owes the service, services/auth/storetest says.
package logins

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"officepay.example/services/auth"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

const secret = " the password 🔑"

// known is the nth user who can log in with the secret.
func known(t testing.TB, f fixture, n int) office.User {
	t.Helper()
	user := withSecret(t, officetest.User(n), secret, cost)
	f.AddUsers(t, user)
	return user
}

// Each failure after a pause makes the next twice as long, and each ends by
// itself.
func TestPausesGrowAndEnd(t *testing.T) {
	f := open(t)
	s, number := newReplica(t, f.Store), known(t, f, 1).ArmyNumber
	s.guess(number, 10)
	for _, seconds := range []int{15, 30, 60} {
		s.wants("one more", s.login(here, number, "wrong"), paused(seconds))
		s.wants("the right password", s.login(here, number, secret), paused(seconds))
		s.now = s.now.Add(time.Duration(seconds)*time.Second - time.Millisecond)
		s.wants("just before the end", s.login(here, number, secret), paused(1))
		s.now = s.now.Add(time.Millisecond)
		s.guess(number, 1)
	}
	s.now = s.now.Add(2 * time.Minute)
	s.wants("the right password after the pause", s.login(here, number, secret), yes)
	s.guess(number, 9) // a login that succeeds starts again
	s.wants("the right password", s.login(here, number, secret), yes)
}

func TestGuessingOneAccountFromOneAddress(t *testing.T) {
	f := open(t)
	s, one, two := newReplica(t, f.Store), known(t, f, 1).ArmyNumber, known(t, f, 2).ArmyNumber
	for _, number := range []string{one, "nobody"} {
		s.guess(number, 10)
		s.wants(number, s.login(here, number, secret), paused(15))
	}
	s.wants("another account", s.login(here, two, secret), yes)
	s.wants("another account of nobody", s.login(here, "nobody else", secret), no)
	s.wants("another address", s.login("192.0.2.2", one, secret), yes)
}

// However a number is typed, it counts as one: that of somebody, and that of nobody.
func TestSpellingsCountTogether(t *testing.T) {
	f := open(t)
	s, number := newReplica(t, f.Store), known(t, f, 1).ArmyNumber
	for _, number := range []string{number, "Nobody"} {
		for n := range 10 {
			typed := strings.ToLower(number[:n%len(number)]) + number[n%len(number):]
			s.wants("a guess at "+typed, s.login(here, typed, "wrong"), no)
		}
		s.wants(number, s.login(here, strings.ToLower(number), secret), paused(15))
		s.wants(number, s.login(here, number, secret), paused(15))
	}
}

func TestGuessingOneAccountFromEverywhere(t *testing.T) {
	f := open(t)
	s, number := newReplica(t, f.Store), known(t, f, 1).ArmyNumber
	for n := range 100 {
		s.wants("guess", s.login(fmt.Sprintf("192.0.2.%d", 100+n/9), number, "wrong"), no)
	}
	s.wants("another address", s.login(here, number, secret), paused(15))
	s.wants("another account", s.login(here, known(t, f, 2).ArmyNumber, secret), yes)
	s.now = s.now.Add(15 * time.Second)
	s.wants("the right password after the pause", s.login(here, number, secret), yes)
}

func TestOnlyAProxyNamesAnAddress(t *testing.T) {
	f := open(t)
	s, number := newReplica(t, f.Store), known(t, f, 1).ArmyNumber
	from := func(n int) string { return fmt.Sprintf("198.51.100.%d", n) }
	for n := range 10 {
		s.wants("a client's word", s.login(here, number, "wrong", from(n)), no)
	}
	s.wants("a client's word", s.login(here, number, secret, from(77)), paused(15))
	s.wants("a proxy's word", s.login(proxy, number, secret, from(77)), yes)
	for n := range 10 {
		s.wants("what a client told the proxy", s.login(proxy, number, "wrong", from(n)+", "+from(99)), no)
	}
	s.wants("what a client told the proxy", s.login(proxy, number, secret, from(77)+", "+from(99)), paused(15))
}

func TestReplicasShareTheCount(t *testing.T) {
	f := open(t)
	one, two, number := newReplica(t, f.Store), newReplica(t, f.Store), known(t, f, 1).ArmyNumber
	for range 5 {
		one.guess(number, 1)
		two.guess(number, 1)
	}
	one.wants("at one", one.login(here, number, secret), paused(15))
	two.wants("at the other", two.login(here, number, secret), paused(15))
}

// queued is a store at which the first login stands still when it has seen
// that there is no pause: as one of a flood, which waits for its turn.
type queued struct {
	auth.Store
	reads        atomic.Int32
	looked, goOn chan struct{}
}

func (q *queued) Attempts(ctx context.Context, keys ...string) (map[string]auth.Attempts, error) {
	kept, err := q.Store.Attempts(ctx, keys...)
	if q.reads.Add(1) == 1 { // it looks for a pause
		close(q.looked)
		<-q.goOn
	}
	return kept, err
}

// Many guesses at once are no more than others. None is
// looked at that has waited while the last one allowed has failed.
func TestGuessesInTheQueue(t *testing.T) {
	f := open(t)
	store := &queued{Store: f.Store, looked: make(chan struct{}), goOn: make(chan struct{})}
	one, two, number := newReplica(t, f.Store), newReplica(t, store), known(t, f, 1).ArmyNumber
	one.guess(number, 9)
	late := make(chan answer)
	go func() { late <- two.login(here, number, secret) }()
	<-store.looked
	one.guess(number, 1)
	close(store.goOn)
	two.wants("the right password, too late", <-late, paused(15))
}

func TestGuessingTheOldPassword(t *testing.T) {
	f := open(t)
	s, user := newReplica(t, f.Store), known(t, f, 1)
	s.guess(user.ArmyNumber, 5)
	for range 5 {
		s.wants("a wrong old password", s.changePassword(user, "wrong"), answer{status: 400})
	}
	s.wants("the right old password", s.changePassword(user, secret), paused(15))
	s.wants("the right password", s.login(here, user.ArmyNumber, secret), paused(15))
	f.WantUser(t, user)
}

func TestResetEndsThePause(t *testing.T) {
	f := open(t)
	s, user := newReplica(t, f.Store), known(t, f, 1)
	s.guess(user.ArmyNumber, 10)
	s.wants("before", s.login(here, user.ArmyNumber, secret), paused(15))
	reset(t, f, user, "from the admin")
	s.wants("after", s.login(here, user.ArmyNumber, "from the admin"), yes)
}

// reset gives a user another password.
func reset(t *testing.T, f fixture, user office.User, secret string) {
	t.Helper()
	change := office.PasswordChange{Hash: withSecret(t, user, secret, cost).PasswordHash, IsGenerated: true}
	officetest.Must(t, f.Store.SetPassword(t.Context(), user.ID, user.PasswordHash, change))
}

// Promise 39: where somebody is known, he still is when he has another password.
func TestResetLeavesAddressesKnown(t *testing.T) {
	f := open(t)
	s, user := newReplica(t, f.Store), known(t, f, 1)
	s.wants("once from here", s.login(here, user.ArmyNumber, secret), yes)
	reset(t, f, user, "from the admin")
	s.guess(user.ArmyNumber, 5)
	for n := range 100 {
		s.login(fmt.Sprintf("192.0.2.%d", 100+n/9), user.ArmyNumber, "wrong")
	}
	s.wants("an address that is not known", s.login("192.0.2.2", user.ArmyNumber, "from the admin"), paused(15))
	s.wants("where he is known", s.login(here, user.ArmyNumber, "from the admin"), yes)
}

// full is a store that has no room.
type full struct{ auth.Store }

func (full) SwapAttempts(context.Context, string, auth.Attempts, auth.Attempts) (bool, error) {
	return false, fmt.Errorf("no room: %w", office.ErrStorageFull)
}

func (full) ForgetAttempts(context.Context, time.Time) error {
	return fmt.Errorf("no room: %w", office.ErrStorageFull)
}

// Promise 35 as well: people log in, and guessing is
// slowed.
func TestGuessingOnAFullDisk(t *testing.T) {
	f := open(t)
	before, s, number := newReplica(t, f.Store), newReplica(t, full{f.Store}), known(t, f, 1).ArmyNumber
	before.guess(number, 4)
	s.guess(number, 6) // with those before it was full
	s.wants("the right password", s.login(here, number, secret), paused(15))
	s.wants("another account", s.login(here, known(t, f, 2).ArmyNumber, secret), yes)
	s.now = s.now.Add(15 * time.Second)
	s.guess(number, 1)
	s.wants("one more", s.login(here, number, secret), paused(30))
	s.now = s.now.Add(30 * time.Second)
	for range 12 {
		s.wants("the right password after the pause", s.login(here, number, secret), yes)
	}
	s.guess(number, 10) // since it succeeded
	s.wants("the right password", s.login(here, number, secret), paused(15))
}

// Nobody is paused for logging in often.
func TestGoodLoginsAreNoGuesses(t *testing.T) {
	f := open(t)
	s, number := newReplica(t, f.Store), known(t, f, 1).ArmyNumber
	for range 101 {
		s.wants("the right password", s.login(here, number, secret), yes)
	}
}

// forgetting tells when attempts were forgotten.
type forgetting struct {
	auth.Store
	at []time.Time
}

func (s *forgetting) ForgetAttempts(ctx context.Context, now time.Time) error {
	s.at = append(s.at, now)
	return s.Store.ForgetAttempts(ctx, now)
}

// Names that nobody has do not fill the store: once a
// minute, what is over is removed.
func TestWhatIsOverIsForgotten(t *testing.T) {
	f := open(t)
	store := &forgetting{Store: f.Store}
	s := newReplica(t, store)
	var want []time.Time
	for range 3 {
		want = append(want, s.now)
		for n := range 3 {
			s.guess(fmt.Sprint("nobody ", n), 1)
		}
		s.now = s.now.Add(time.Minute)
	}
	officetest.Equal(t, "when attempts were forgotten", fmt.Sprint(store.at), fmt.Sprint(want))
}

// Promise 38: one password tried on many accounts from one address is paused; what
// succeeds there makes up for what fails, as in an office behind one address.
func TestSprayingManyAccounts(t *testing.T) {
	f := open(t)
	s, number := newReplica(t, f.Store), known(t, f, 1).ArmyNumber
	for n := range 60 { // with 120 failures
		s.guess(fmt.Sprint("nobody ", n), 1)
		s.guess(fmt.Sprint("somebody ", n), 1)
		s.wants("who succeeds", s.login(here, number, secret), yes)
		s.wants("who succeeds", s.login(here, number, secret), yes)
	}
	for n := range 100 {
		s.guess(fmt.Sprint("one of many ", n), 1)
	}
	s.wants("one more account", s.login(here, "yet another", "wrong"), paused(15))
	s.wants("the right password", s.login(here, number, secret), paused(15))
	s.wants("elsewhere", s.login("192.0.2.2", number, secret), yes)
	s.now = s.now.Add(15 * time.Second)
	s.wants("after the pause", s.login(here, number, secret), yes)
}

// Promise 39: an IPv6 network is one address, however many it has.
func TestGuessingFromOneNetwork(t *testing.T) {
	f := open(t)
	s, one := newReplica(t, f.Store), known(t, f, 1).ArmyNumber
	from := func(n int) string { return fmt.Sprintf("[2001:db8:0:1::%x]", n) }
	for n := range 10 {
		s.wants("a guess", s.login(from(n), one, "wrong"), no)
	}
	s.wants("its next address", s.login(from(10), one, secret), paused(15))
	s.wants("another network", s.login("[2001:db8:0:2::1]", one, secret), yes)
}

// Promise 39: where somebody has logged in lately, no failures elsewhere keep him
// waiting; his own do, as before.
func TestKnownAddressKeepsItsOwnCount(t *testing.T) {
	f := open(t)
	s, number := newReplica(t, f.Store), known(t, f, 1).ArmyNumber
	s.wants("once from here", s.login(here, number, secret), yes)
	attack := func() {
		for n := range 100 {
			s.login(fmt.Sprintf("192.0.2.%d", 100+n/9), number, "wrong")
		}
		s.wants("an address that is not known", s.login("192.0.2.2", number, secret), paused(15))
	}
	attack()
	s.guess(number, 9)
	s.wants("where he is known", s.login(here, number, secret), yes)
	s.guess(number, 10)
	s.wants("his own failures", s.login(here, number, secret), paused(15))
	s.now = s.now.Add(31 * 24 * time.Hour)
	attack()
	s.wants("where he was known long ago", s.login(here, number, secret), paused(15))
}

// Promise 39: a clock that was ahead and is corrected leaves no pause behind, and what
// follows is counted as ever.
func TestClockThatWasAhead(t *testing.T) {
	f := open(t)
	s, number := newReplica(t, f.Store), known(t, f, 1).ArmyNumber
	s.now = now.AddDate(4, 0, 0)
	s.guess(number, 10)
	s.wants("while it is ahead", s.login(here, number, secret), paused(15))
	s.now = now
	s.guess(number, 1)
	s.wants("a failure more", s.login(here, number, secret), paused(30))
	s.now = s.now.Add(30 * time.Second)
	s.wants("after the pause", s.login(here, number, secret), yes)
}
