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
	Page(ctx context.Context, query Query) ([]office.Answered, int, error)
	// IDs returns the ids of what Page returns, in its order, and how many match in
	// all.
	IDs(ctx context.Context, query Query) ([]office.ID, int, error)
	// After returns the first limit records of the scope that follow the
	// given one in the order of Page; those that follow the zero record are
	// the first of all. Of the last of them, it returns what the order is by: reading
	// on from there visits every record that is there throughout, once.
	After(ctx context.Context, scope office.Scope, last office.Personnel, limit int) ([]office.Answered, office.Personnel, error)
	// Numbered returns those records of a database that have one of the army
	// numbers, in any order.
	Numbered(ctx context.Context, db office.ID, numbers []string) ([]office.Personnel, error)
	// WithIDs returns those records of the scope that have one of the ids, in their
	// order. No id is named twice.
	WithIDs(ctx context.Context, scope office.Scope, ids []office.ID) ([]office.Answered, error)
	// Get returns office.ErrNotFound when there is no such record.
	Get(ctx context.Context, scope office.Scope, id office.ID) (office.Answered, error)

	// Create keeps new records of one database, all that can be kept as one
	// step, and returns the indexes in the slice of those that cannot because
	// a live record of the database, or one further up the slice, has the
	// army number. It returns office.ErrDBNotFound, and keeps none, when
	// there is no such database. Also under a race.
	Create(ctx context.Context, records []office.Personnel, edit office.Edit) (taken []int, err error)
	// Update changes the named fields and no others, as one step, and returns
	// the record as it is then, and the entry; the zero entry where nothing was
	// to change. It returns office.ErrNotFound, office.ErrDBNotFound when the
	// record would move to a database that does not exist,
	// office.ErrArmyNumberTaken, also under a race, or office.ErrStale with the
	// record as it is.
	Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, edit office.Edit) (office.Personnel, office.Entry, error)
	// UpdateAll changes records of a database as Update does, each once, and
	// returns the indexes of those that are not there. No army number or
	// database is among the fields. The changes are one step where the store
	// has steps of several records; where not, some may be made when it fails.
	UpdateAll(ctx context.Context, db office.ID, changes []RecordPatch, edit office.Edit) (missing []int, err error)
	// Delete marks the records as deleted, of those that the edit matches, and
	// returns the ids of those that it marked, in any order. Of concurrent
	// calls, one marks a record.
	Delete(ctx context.Context, scope office.Scope, ids []office.ID, edit office.Edit) ([]office.ID, error)

	HistoryStore
	CheckStore
}

// HistoryStore is what the service asks of the past. Whatever changes a record
// adds its entry in the same step: there is never one without the other.
type HistoryStore interface {
	// Recorded returns a record, live or deleted, with all of its history that
	// is kept, or office.ErrNotFound.
	Recorded(ctx context.Context, scope office.Scope, id office.ID) (office.Recorded, error)
	// Changed returns the first records of a database, live or deleted, that were
	// changed from since on and before last, each with its history: the last
	// changed first, and of those changed at one time, the one with the greatest
	// id. Of what was changed at the time of last, it returns what has a lesser
	// id. After the one with which these have so many bytes, more or less, there
	// are no more. Reading on from the last of each answer until there is none visits
	// every record once.
	Changed(ctx context.Context, db office.ID, since time.Time, last office.Personnel, limit, bytes int) ([]office.Recorded, error)
	// Trash returns a part of the deleted records that match, the last deleted
	// first, each with the last entry of its history at the end of what it has of
	// it, and how many match in all; not how many, where After is set.
	Trash(ctx context.Context, query TrashQuery) ([]office.Recorded, int, error)
	// Restore makes a deleted record live again, and returns it and the entry; a
	// live one as it is, with the zero entry. It returns office.ErrNotFound,
	// office.ErrArmyNumberTaken, also under a race, or office.ErrStale with the
	// record as it is.
	Restore(ctx context.Context, scope office.Scope, id office.ID, edit office.Edit) (office.Personnel, office.Entry, error)
}

// RecordPatch is a change of one record.
type RecordPatch struct {
	ID    office.ID
	Patch office.PersonnelPatch
}

// Query asks for records.
type Query struct {
	Scope  office.Scope
	Words  []string      // folded; each must be in office.Personnel.SearchText
	Status office.Status // empty means any
	Offset int
	Limit  int
}

// TrashQuery asks for deleted records.
type TrashQuery struct {
	DB     office.ID
	Words  []string // as in Query
	Offset int
	Limit  int
	// After is the record that the part follows, and from which Offset counts; zero
	// is none.
	After office.Personnel
}

// Deps are what the service works with.
type Deps struct {
	Store Store
	Keys  *token.Keys
	Now   func() time.Time
}

type service struct{ Deps }
