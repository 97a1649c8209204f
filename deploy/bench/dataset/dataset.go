// Package dataset makes an office of any size: databases, users and records
// that look like those of a real one. The same size, seed and time give the
// same office.
package dataset

import (
	"context"
	"fmt"
	"time"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/office"
)

// Words to search for, of eight letters each. Each begins with three that occur nowhere
// else.
const (
	Few  = "qaxbivwe" // FewMatches in every database
	Many = "qoyzovhu" // ManyMatches in the first database, none elsewhere
	None = "qxqxqxqx"

	FewMatches  = 20
	ManyMatches = 1000
)

// Who may log in, with Password: an admin, and a user of the first database.
const (
	Admin    = "BENCH-ADMIN"
	Clerk    = "BENCH-CLERK"
	Password = "the bench's own password"
)

// transaction is how many records are added at a time, as in a large upload.
const transaction = 10_000

// Spec says which office to make.
type Spec struct {
	Size  int // records, deleted ones included
	Seed  uint64
	Until time.Time // the last records were created shortly before
}

// Write puts the office into an empty database. Report is told now and then
// how many records are there.
func Write(ctx context.Context, db *sqlitestore.DB, spec Spec, hash string, report func(done int)) error {
	m := newMaker(spec)
	if err := db.Load(ctx, func(l *sqlitestore.Loader) error { return addPeople(l, m.dbs, hash, m.began) }); err != nil {
		return err
	}
	for m.made < spec.Size {
		err := db.Load(ctx, func(l *sqlitestore.Loader) error {
			for step := 0; step < transaction && m.made < spec.Size; step++ {
				if outcome, err := l.AddPersonnel(office.RecordWithHistory{Personnel: m.next()}, spec.Until); err != nil || outcome != sqlitestore.Added {
					return fmt.Errorf("record %d was not added: %w", m.made, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		report(m.made)
	}
	return nil
}

// addPeople adds the databases and the users.
func addPeople(l *sqlitestore.Loader, dbs []office.DB, hash string, at time.Time) error {
	for _, db := range dbs {
		if _, err := l.AddDB(db); err != nil {
			return err
		}
	}
	users := []office.User{
		{ID: idAt(at, 1), FirstName: "Bench", LastName: "Admin", ArmyNumber: Admin, Role: office.RoleAdmin, AllowedDBs: []office.ID{}},
		{ID: idAt(at, 2), FirstName: "Bench", LastName: "Clerk", ArmyNumber: Clerk, Role: office.RoleUser, AllowedDBs: []office.ID{dbs[0].ID}},
	}
	for _, user := range users {
		user.PasswordHash, user.CreatedAt = hash, at
		if _, err := l.AddUser(user); err != nil {
			return err
		}
	}
	return nil
}
