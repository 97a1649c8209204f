// Package auth is the service that checks who somebody is: login, and the caller's own
// password and user. It owns the throttling of guesses.
//
// It issues the tokens that every service verifies. No token decides what a user may do.
package auth

import (
	"context"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/token"
)

// Store is what this service keeps. Any method may also return
// office.ErrUnavailable, or office.ErrStorageFull where it writes.
type Store interface {
	token.Users
	// UserByArmyNumber returns the user whom office.WithArmyNumber picks, or
	// office.ErrNotFound. It reads all candidates in one step, so that its time does
	// not tell which of them exist.
	UserByArmyNumber(ctx context.Context, armyNumber string) (office.User, error)
	// DBsByID returns those of the databases that exist, in any order.
	DBsByID(ctx context.Context, ids []office.ID) ([]office.DB, error)

	// SetPassword replaces the hash if it is still the old one, and in the same step
	// begins the user's next session. It returns office.ErrNotFound when there is no
	// such user, or the hash has changed in the meantime.
	SetPassword(ctx context.Context, id office.ID, oldHash string, change office.PasswordChange) error
	// RenewHash replaces the hash if it is still the old one, and otherwise does
	// nothing. It ends no session.
	RenewHash(ctx context.Context, id office.ID, oldHash, newHash string) error

	// Attempts returns, read in one step, the attempts under each of the keys. Keys
	// without attempts are left out.
	Attempts(ctx context.Context, keys ...string) (map[string]Attempts, error)
	// SwapAttempts replaces the attempts under the key if they are still old, as one
	// step, and tells whether it did. If old is zero, there must be none yet; if new is
	// zero, they are removed. Old and new differ.
	SwapAttempts(ctx context.Context, key string, old, new Attempts) (bool, error)
	// ForgetAttempts removes the attempts whose ForgetAt is not after now.
	ForgetAttempts(ctx context.Context, now time.Time) error
}

// Deps are what the service works with.
type Deps struct {
	Store  Store
	Keys   *token.Keys
	Hasher *password.Hasher
	Now    func() time.Time
}

type service struct {
	Deps
	throttle *throttle
}
