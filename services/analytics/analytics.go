// Package analytics is the service that counts: the figures of the dashboard and of one
// database, each compared with the month before, and the breakdowns and the trend of one.
//
// It owns the meaning of the figures. It changes nothing.
package analytics

import (
	"context"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/token"
)

// Store is what this service reads. Every figure includes all writes that were answered
// before the call. Any method may also return office.ErrUnavailable.
type Store interface {
	token.Users
	// Dashboard counts over everything, in a month and in the one before.
	Dashboard(ctx context.Context, this Month) (Dashboard, error)
	// DBFigures counts the records of a database, in a month and in the one before. It
	// returns office.ErrDBNotFound when there is no such database.
	DBFigures(ctx context.Context, db office.ID, this Month) (DBFigures, error)
	// Breakdown counts the live records of a database by the value of a field: the
	// most frequent values first, and equally frequent ones in order of their bytes.
	// It returns office.ErrDBNotFound when there is no such database.
	Breakdown(ctx context.Context, db office.ID, by Field, limit int) ([]Share, error)
	// Flow counts the records of a database by month. The months must be consecutive. It
	// returns office.ErrDBNotFound when there is no such database.
	Flow(ctx context.Context, db office.ID, months []Month) (Flow, error)
}

// Count is how many there are in all, in a month, and in the one before.
type Count struct{ Total, This, Previous int }

// Dashboard are the figures over everything.
type Dashboard struct {
	Users            Count // by creation
	Databases        Count // by creation
	Personnel        Count // live, by creation
	DeletedPersonnel Count // by deletion
}

// DBFigures are the figures of one database.
type DBFigures struct {
	ByStatus map[office.Status]Count // live, by creation; a missing status counts zero
	Deleted  Count                   // by deletion
}

// Deps are what the service works with.
type Deps struct {
	Store Store
	Keys  *token.Keys
	Now   func() time.Time
}

type service struct{ Deps }
