// Package personnel is the service that keeps the personnel records: one at a time, in
// bulk, as lists and as files. It keeps their history, and checks them before a payment.
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

// Store is what this service keeps. To a method, records outside the scope that it is given do
// not exist, nor do deleted ones unless its comment says so. Each change of a record adds its
// entry to the history in the same step. Any method may also return office.ErrUnavailable, or
// office.ErrStorageFull where it writes.
type Store interface {
	token.Users
	// CheckDB returns office.ErrDBNotFound when there is no such database.
	CheckDB(ctx context.Context, id office.ID) error

	// Page returns a part of the records that match, by database and within each in
	// order of creation, and how many match in all.
	Page(ctx context.Context, query Query) ([]office.RecordJSON, int, error)
	// IDs returns the ids of what Page returns, in its order, and how many match in all.
	IDs(ctx context.Context, query Query) ([]office.ID, int, error)
	// After returns the first limit records of the scope that follow the given one in the order
	// of Page, and fewer only if no more follow; those that follow the zero record are the first
	// of all. It also returns the last of them, with the fields that order records: reading on from
	// there visits every record that exists throughout exactly once.
	After(ctx context.Context, scope office.Scope, last office.Personnel, limit int) ([]office.RecordJSON, office.Personnel, error)
	// WithNumbers returns the records of a database that have one of the army numbers,
	// in any order. Several of an old database may share one.
	WithNumbers(ctx context.Context, db office.ID, numbers []string) ([]office.Personnel, error)
	// WithIDs returns the records of the scope that have one of the ids, in the order of
	// the ids, which must be distinct.
	WithIDs(ctx context.Context, scope office.Scope, ids []office.ID) ([]office.RecordJSON, error)
	// Get returns office.ErrNotFound when there is no such record.
	Get(ctx context.Context, scope office.Scope, id office.ID) (office.RecordJSON, error)

	// Create stores new records of one database as one step, except those whose army
	// number a live record of the database has, or an earlier one in the slice: it
	// returns the indexes of these. It returns office.ErrDBNotFound, and stores none,
	// when there is no such database. All of this also holds under a race.
	Create(ctx context.Context, records []office.Personnel, edit office.Edit) (taken []int, err error)
	// Update changes the named fields and no others, as one step, and returns the changed
	// record and the entry, which is zero if nothing differs. It returns office.ErrNotFound,
	// office.ErrDBNotFound when the record would move to a database that does not exist,
	// office.ErrArmyNumberTaken, also under a race, with the record as it would be, or
	// office.ErrStale with the record as it is.
	Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, edit office.Edit) (office.Personnel, office.Entry, error)
	// UpdateAll changes records of a database, each named once, as Update does, and returns the
	// indexes of those that do not exist. No patch may change an army number or the database.
	// The changes are one step if the store has transactions; else, some may have been made when it fails.
	UpdateAll(ctx context.Context, db office.ID, changes []RecordPatch, edit office.Edit) (missing []int, err error)
	// Delete marks as deleted those of the records whose revisions the edit matches, and returns
	// their ids, in any order. Of concurrent calls, only one marks a record.
	Delete(ctx context.Context, scope office.Scope, ids []office.ID, edit office.Edit) ([]office.ID, error)

	// GetWithHistory returns a record, live or deleted, with all of its history that
	// is kept, or office.ErrNotFound.
	GetWithHistory(ctx context.Context, scope office.Scope, id office.ID) (office.RecordWithHistory, error)
	// Changed returns records of a database, live or deleted, that were changed at or after
	// since, each with its history: the last changed first and, of those changed at the same
	// time, the one with the greatest id first. It begins after last in that order. It returns
	// at most limit records, and no more once their histories have about so many bytes.
	// Reading on from the last record until none is left visits each once.
	Changed(ctx context.Context, db office.ID, since time.Time, last office.Personnel, limit, bytes int) ([]office.RecordWithHistory, error)
	// Trash returns a part of the deleted records that match, the last deleted first,
	// and how many match in all, unless After is set. The last entry of each
	// history is there, and earlier ones may be missing.
	Trash(ctx context.Context, query TrashQuery) ([]office.RecordWithHistory, int, error)
	// Restore makes a deleted record live again, and returns it and the entry. It returns
	// a live record unchanged, with the zero entry. Its errors are those of Update, except
	// office.ErrDBNotFound.
	Restore(ctx context.Context, scope office.Scope, id office.ID, edit office.Edit) (office.Personnel, office.Entry, error)

	CheckStore
}

// RecordPatch is a change of one of several records.
type RecordPatch struct {
	ID    office.ID
	Patch office.PersonnelPatch
}

// Query asks for a part of the records of a scope that match.
type Query struct {
	Scope  office.Scope
	Words  []string      // folded; each must be in office.Personnel.SearchText
	Status office.Status // empty means any
	Offset int
	Limit  int
}

// TrashQuery asks for a part of the deleted records of a database that match.
type TrashQuery struct {
	DB     office.ID
	Words  []string // as in Query
	Offset int
	Limit  int
	// After is the record that the part follows, and from which Offset counts; zero means none.
	After office.Personnel
}

// Deps are what the service works with.
type Deps struct {
	Store Store
	Keys  *token.Keys
	Now   func() time.Time
}

type service struct{ Deps }
