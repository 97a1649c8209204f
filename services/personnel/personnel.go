// Package personnel is the service that keeps the personnel records: one at a
// time, in bulk, and as lists.
//
// It owns the rules of a record. It only reads users and databases, to know what a
// caller may see.
package personnel

import (
	"context"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/token"
)

// Store is what this service keeps. A record outside the scope that a method
// is given does not exist for it, and neither does a deleted one. Any method
// may also return office.ErrUnavailable, or office.ErrStorageFull where it
// writes.
type Store interface {
	// UserByID returns office.ErrNotFound when there is no such user.
	UserByID(ctx context.Context, id office.ID) (office.User, error)
	// CheckDB returns office.ErrDBNotFound when there is no such database.
	CheckDB(ctx context.Context, id office.ID) error

	// Page returns a part of the records that match, by database and within
	// one in order of creation, and how many match in all.
	Page(ctx context.Context, query Query) ([]office.Personnel, int, error)
	// After returns the first limit records of the scope that follow the
	// given one in the order of Page; those that follow the zero record are
	// the first of all. Reading on from the last of each answer visits every
	// record that is there throughout, once.
	After(ctx context.Context, scope office.Scope, last office.Personnel, limit int) ([]office.Personnel, error)
	// Get returns office.ErrNotFound when there is no such record.
	Get(ctx context.Context, scope office.Scope, id office.ID) (office.Personnel, error)

	// Create keeps new records of one database, all that can be kept as one
	// step, and returns the indexes in the slice of those that cannot because
	// a live record of the database, or one further up the slice, has the
	// army number. It returns office.ErrDBNotFound, and keeps none, when
	// there is no such database. Also under a race.
	Create(ctx context.Context, records []office.Personnel) (taken []int, err error)
	// Update changes the named fields and no others, as one step, and returns
	// the record as it is then. It returns office.ErrNotFound,
	// office.ErrDBNotFound when the record would move to a database that does
	// not exist, or office.ErrArmyNumberTaken, also under a race.
	Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, now time.Time) (office.Personnel, error)
	// Delete marks the records as deleted and returns the ids of those that
	// it marked, in any order. Of concurrent calls, one marks a record.
	Delete(ctx context.Context, scope office.Scope, ids []office.ID, now time.Time) ([]office.ID, error)
}

// Query asks for records.
type Query struct {
	Scope  office.Scope
	Words  []string      // folded; each must be in office.Personnel.SearchText
	Status office.Status // empty means any
	Offset int
	Limit  int
}

// Deps are what the service works with.
type Deps struct {
	Store Store
	Keys  *token.Keys
	Now   func() time.Time
}

type service struct{ Deps }
