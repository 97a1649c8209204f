// Package analytics is the service that counts: the figures of the dashboard and of one
// database, each compared with the month before.
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
	// Dashboard counts over everything.
	Dashboard(ctx context.Context, months Months) (Dashboard, error)
	// DBFigures counts in one database. It returns office.ErrDBNotFound when
	// there is no such database.
	DBFigures(ctx context.Context, db office.ID, months Months) (DBFigures, error)
	// Breakdown counts the live records of a database by the value of a field: the
	// most frequent values first, and equally frequent ones in order of their bytes.
	// It returns office.ErrDBNotFound when there is no such database.
	Breakdown(ctx context.Context, db office.ID, by Field, limit int) ([]Share, error)
	// Flow counts in one database, by consecutive months. It returns
	// office.ErrDBNotFound when there is no such database.
	Flow(ctx context.Context, db office.ID, months []Month) (Flow, error)
}

// Months are the two calendar months (UTC) that figures compare.
type Months struct {
	Previous time.Time // the first moment of the month before
	This     time.Time // the first moment of this month
	Next     time.Time // the first moment after this month
}

// MonthsOf are the months that a figure compares at a given time.
func MonthsOf(at time.Time) Months {
	this := MonthAt(at).Start()
	return Months{Previous: this.AddDate(0, -1, 0), This: this, Next: this.AddDate(0, 1, 0)}
}

// Count is how many there are in all, and how many belong to each of the two months.
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
