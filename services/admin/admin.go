// Package admin is the service that administers users and databases.
//
// It owns who may do what: roles, allowed databases, passwords set for somebody
// else. It touches personnel records only to delete them with their database.
package admin

import (
	"context"

	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/token"
)

// Store is what this service keeps. Any method may also return
// office.ErrUnavailable, or office.ErrStorageFull where it writes.
//
// It keeps a user's databases as they are given. A database that is deleted at the same
// moment may stay among them: it is shown nowhere and gives no access, since no other
// database ever gets its id.
type Store interface {
	token.Users
	// Users returns a part of the users that match, in order of creation, and
	// how many match in all.
	Users(ctx context.Context, query UserQuery) ([]office.User, int, error)
	// CreateUser returns office.ErrArmyNumberTaken when another user has the army
	// number, even if both are created at once.
	CreateUser(ctx context.Context, user office.User) error
	// UpdateUser changes the named fields and no others, as one step. It returns
	// office.ErrNotFound, office.ErrArmyNumberTaken, or office.ErrLastAdmin when no
	// admin who is not read-only would be left, even if several are changed at once.
	UpdateUser(ctx context.Context, id office.ID, patch office.UserPatch) error
	// DeleteUser returns office.ErrNotFound, or office.ErrLastAdmin as UpdateUser does.
	DeleteUser(ctx context.Context, id office.ID) error
	// ResetPassword replaces the hash and begins the user's next session, as one step.
	// It returns office.ErrNotFound when there is no such user.
	ResetPassword(ctx context.Context, id office.ID, change office.PasswordChange) error

	// DBsByID returns those of the databases that exist, in any order.
	DBsByID(ctx context.Context, ids []office.ID) ([]office.DB, error)
	// DBs returns a part of the databases that match, in order of creation, and how
	// many match in all.
	DBs(ctx context.Context, query DBQuery) ([]office.DB, int, error)
	// CreateDB returns office.ErrShortCodeTaken when another database has the short
	// code in any letter case, even if both are created at once.
	CreateDB(ctx context.Context, db office.DB) error
	// UpdateDB changes the named fields and no others, as one step, and returns the
	// changed database. It returns office.ErrDBNotFound or office.ErrShortCodeTaken.
	UpdateDB(ctx context.Context, id office.ID, patch office.DBPatch) (office.DB, error)
	// DeleteDB deletes the database, every reference to it in allowed_dbs, and all its
	// records, and returns how many records it deleted, those in the trash included.
	// It takes several steps. The first makes the database unusable: nobody can add a
	// record from then on. If a later one fails, the same call again completes the
	// deletion. It returns office.ErrDBNotFound when there is no such database.
	DeleteDB(ctx context.Context, id office.ID) (int, error)
}

// UserQuery asks for a part of the users that match.
type UserQuery struct {
	Words        []string    // folded; each must be in the name or the army number
	Role         office.Role // empty means any
	SkipReadOnly bool
	Offset       int
	Limit        int
}

// DBQuery asks for a part of the databases of a scope that match.
type DBQuery struct {
	Scope  office.Scope
	Words  []string // folded; each must be in the name or the short code
	Offset int
	Limit  int
}

// Deps are what the service works with.
type Deps struct {
	Store  Store
	Keys   *token.Keys
	Hasher *password.Hasher
}

type service struct{ Deps }
