package admin

import (
	"context"
	"errors"
	"fmt"

	"officepay.example/shared/environ"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
)

// Credentials are what somebody logs in with.
type Credentials struct {
	ArmyNumber string
	Password   string // empty when none is set
}

// LoadFirstAdmin reads the credentials of the first admin, noting faults in env.
func LoadFirstAdmin(env *environ.Env) Credentials {
	c := Credentials{Password: env.Password("ADMIN_PASSWORD")}
	var err error
	if c.ArmyNumber, err = office.Code.Parse(env.Text("ADMIN_ARMY_NUMBER", "ADMIN001")); err != nil {
		env.Fault("ADMIN_ARMY_NUMBER", "%v", err)
	} else if c.ArmyNumber == "" {
		env.Fault("ADMIN_ARMY_NUMBER", "must not be blank")
	}
	if err := password.Check(c.Password, c.ArmyNumber); err != nil && c.Password != "" {
		env.Fault("ADMIN_PASSWORD", "%v", err)
	}
	return c
}

// ErrNoAdmin: there is no admin, and none could be created.
var ErrNoAdmin = errors.New("there is no admin")

// EnsureFirstAdmin creates an admin when there is none, or only read-only ones, and
// tells whether it did. If several replicas start at once, only one of them does, since
// army numbers are unique. It returns ErrNoAdmin, and says what to do, when no password
// is set, since a default one could be guessed, or when a user has the army number.
func EnsureFirstAdmin(ctx context.Context, store Store, hasher *password.Hasher, first Credentials) (created bool, err error) {
	exists, err := anyAdmin(ctx, store)
	if err != nil || exists {
		return false, err
	}
	if first.Password == "" {
		return false, fmt.Errorf("%w, and ADMIN_PASSWORD is not set: set it and start again to create the first one", ErrNoAdmin)
	}
	err = CreateAdmin(ctx, store, hasher, first, "First", "Admin")
	if !errors.Is(err, office.ErrArmyNumberTaken) {
		return err == nil, err
	}
	if exists, err = anyAdmin(ctx, store); err == nil && !exists {
		err = fmt.Errorf("%w, and ADMIN_ARMY_NUMBER belongs to a user: set it to another and start again", ErrNoAdmin)
	}
	return false, err
}

func anyAdmin(ctx context.Context, store Store) (bool, error) {
	_, count, err := store.Users(ctx, UserQuery{Role: office.RoleAdmin, SkipReadOnly: true, Limit: 1})
	return count > 0, err
}

// CreateAdmin creates an admin, and marks the password as one to be replaced (is_generated).
// It returns office.ErrArmyNumberTaken when a user has the army number.
func CreateAdmin(ctx context.Context, store Store, hasher *password.Hasher, c Credentials, firstName, lastName string) error {
	hash, err := hasher.Hash(ctx, password.Member(c.ArmyNumber), c.Password)
	if err != nil {
		return err
	}
	return store.CreateUser(ctx, office.User{
		ID: office.NewID(), FirstName: firstName, LastName: lastName, ArmyNumber: c.ArmyNumber,
		Role: office.RoleAdmin, PasswordHash: hash, IsGenerated: true, CreatedAt: office.Now(),
	})
}
