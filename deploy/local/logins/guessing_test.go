// Package logins tests promises 9, 11 and 12 as the service of logins keeps them
// on a store, with a clock in hand. The store is that of the all-in-one: what
// each store owes the service, services/auth/storetest says.
package logins

import (
	"context"
	"fmt"
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
	d, number := openDesk(t, f.Store), known(t, f, 1).ArmyNumber
	d.guess(number, 10)
	for _, seconds := range []int{15, 30, 60} {
		d.wants("one more", d.login(here, number, "wrong"), paused(seconds))
		d.wants("the right password", d.login(here, number, secret), paused(seconds))
		d.now = d.now.Add(time.Duration(seconds)*time.Second - time.Millisecond)
		d.wants("just before the end", d.login(here, number, secret), paused(1))
		d.now = d.now.Add(time.Millisecond)
		d.guess(number, 1)
	}
	d.now = d.now.Add(2 * time.Minute)
	d.wants("the right password after the pause", d.login(here, number, secret), yes)
	d.guess(number, 9) // who gets in begins anew
	d.wants("the right password", d.login(here, number, secret), yes)
}

func TestGuessingOneAccountFromOneAddress(t *testing.T) {
	f := open(t)
	d, one, two := openDesk(t, f.Store), known(t, f, 1).ArmyNumber, known(t, f, 2).ArmyNumber
	for _, number := range []string{one, "nobody"} {
		d.guess(number, 10)
		d.wants(number, d.login(here, number, secret), paused(15))
	}
	d.wants("another account", d.login(here, two, secret), yes)
	d.wants("another account of nobody", d.login(here, "nobody else", secret), no)
	d.wants("another address", d.login("192.0.2.2", one, secret), yes)
}

func TestGuessingOneAccountFromEverywhere(t *testing.T) {
	f := open(t)
	d, number := openDesk(t, f.Store), known(t, f, 1).ArmyNumber
	for n := range 100 {
		d.wants("guess", d.login(fmt.Sprintf("192.0.2.%d", 100+n/9), number, "wrong"), no)
	}
	d.wants("another address", d.login(here, number, secret), paused(15))
	d.wants("another account", d.login(here, known(t, f, 2).ArmyNumber, secret), yes)
	d.now = d.now.Add(15 * time.Second)
	d.wants("the right password after the pause", d.login(here, number, secret), yes)
}

func TestOnlyAProxyNamesAnAddress(t *testing.T) {
	f := open(t)
	d, number := openDesk(t, f.Store), known(t, f, 1).ArmyNumber
	from := func(n int) string { return fmt.Sprintf("198.51.100.%d", n) }
	for n := range 10 {
		d.wants("a client's word", d.login(here, number, "wrong", from(n)), no)
	}
	d.wants("a client's word", d.login(here, number, secret, from(77)), paused(15))
	d.wants("a proxy's word", d.login(proxy, number, secret, from(77)), yes)
	for n := range 10 {
		d.wants("what a client told the proxy", d.login(proxy, number, "wrong", from(n)+", "+from(99)), no)
	}
	d.wants("what a client told the proxy", d.login(proxy, number, secret, from(77)+", "+from(99)), paused(15))
}

func TestReplicasShareTheCount(t *testing.T) {
	f := open(t)
	one, two, number := openDesk(t, f.Store), openDesk(t, f.Store), known(t, f, 1).ArmyNumber
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

func (q *queued) Attempts(ctx context.Context, key string) (auth.Attempts, error) {
	kept, err := q.Store.Attempts(ctx, key)
	if q.reads.Add(1) == 2 { // of the account from here, and from everywhere
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
	one, two, number := openDesk(t, f.Store), openDesk(t, store), known(t, f, 1).ArmyNumber
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
	d, user := openDesk(t, f.Store), known(t, f, 1)
	d.guess(user.ArmyNumber, 5)
	for range 5 {
		d.wants("a wrong old password", d.changePassword(user, "wrong"), answer{status: 400})
	}
	d.wants("the right old password", d.changePassword(user, secret), paused(15))
	d.wants("the right password", d.login(here, user.ArmyNumber, secret), paused(15))
	f.WantUser(t, user)
}

func TestResetEndsThePause(t *testing.T) {
	f := open(t)
	d, user := openDesk(t, f.Store), known(t, f, 1)
	d.guess(user.ArmyNumber, 10)
	d.wants("before", d.login(here, user.ArmyNumber, secret), paused(15))
	fresh := withSecret(t, user, "from the admin", cost)
	change := office.PasswordChange{Hash: fresh.PasswordHash, IsGenerated: true}
	officetest.Must(t, f.Store.SetPassword(t.Context(), user.ID, user.PasswordHash, change))
	d.wants("after", d.login(here, user.ArmyNumber, "from the admin"), yes)
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
	before, d, number := openDesk(t, f.Store), openDesk(t, full{f.Store}), known(t, f, 1).ArmyNumber
	before.guess(number, 4)
	for range 12 {
		d.wants("the right password", d.login(here, number, secret), yes)
	}
	d.guess(number, 6) // with those before it was full
	d.wants("the right password", d.login(here, number, secret), paused(15))
	d.wants("another account", d.login(here, known(t, f, 2).ArmyNumber, secret), yes)
	d.now = d.now.Add(15 * time.Second)
	d.guess(number, 1)
	d.wants("one more", d.login(here, number, secret), paused(30))
	d.now = d.now.Add(30 * time.Second)
	d.wants("the right password after the pause", d.login(here, number, secret), yes)
}

// Nobody is paused for logging in often.
func TestGoodLoginsAreNoGuesses(t *testing.T) {
	f := open(t)
	d, number := openDesk(t, f.Store), known(t, f, 1).ArmyNumber
	for range 101 {
		d.wants("the right password", d.login(here, number, secret), yes)
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
	d := openDesk(t, store)
	var want []time.Time
	for range 3 {
		want = append(want, d.now)
		for n := range 3 {
			d.guess(fmt.Sprint("nobody ", n), 1)
		}
		d.now = d.now.Add(time.Minute)
	}
	officetest.Equal(t, "when attempts were forgotten", fmt.Sprint(store.at), fmt.Sprint(want))
}
