package officetest

import (
	"encoding/binary"
	"fmt"
	"time"

	"officepay.example/shared/office"
)

// begin is shortly before the end of a second, a day and a month, so that the
// times that follow it have one, two and three digits of milliseconds.
var begin = time.Date(2024, time.February, 29, 23, 59, 59, 990e6, time.UTC)

// At is the nth millisecond of the tests.
func At(n int) time.Time { return begin.Add(time.Duration(n) * time.Millisecond) }

// kind keeps the ids of users, databases and records apart.
type kind byte

const (
	userKind kind = iota + 1
	dbKind
	recordKind
)

// id is the nth id of a kind. In the order of n, ids are in no order.
func (k kind) id(n int) office.ID {
	const scatter = 2654435761 // odd, so that no two n meet
	id := office.ID{byte(k)}
	binary.BigEndian.PutUint32(id[8:], uint32(n)*scatter)
	return id
}

// Missing is the id of nothing.
var Missing = office.ID{0xff, 11: 0xff}

// Hash looks like the nth bcrypt hash.
func Hash(n int) string {
	return fmt.Sprintf("$2b$12$saltSaltSaltSaltSaltSuHashHashHashHashHashHash%09d", n)
}

// User is the nth test user, with the role user, no databases and a different password for
// each n, created at At(n).
func User(n int, edits ...func(*office.User)) office.User {
	user := office.User{
		ID:           userKind.id(n),
		FirstName:    fmt.Sprintf("Musa%d", n),
		LastName:     fmt.Sprintf("Ibrahim%d", n),
		ArmyNumber:   fmt.Sprintf("NA/%03d", n),
		Role:         office.RoleUser,
		PasswordHash: Hash(n),
		AllowedDBs:   []office.ID{},
		CreatedAt:    At(n),
	}
	return edited(user, edits)
}

// Admin makes a user an admin.
func Admin(u *office.User) { u.Role = office.RoleAdmin }

// ReadOnly makes a user read-only.
func ReadOnly(u *office.User) { u.ReadOnly = true }

// InSession gives a user all that a changed password leaves behind.
func InSession(u *office.User) { u.IsGenerated, u.Session, u.KeptToken = true, 3, "2.kept" }

// WithPassword is the user after a change of password.
func WithPassword(user office.User, change office.PasswordChange) office.User {
	user.PasswordHash, user.IsGenerated, user.KeptToken = change.Hash, change.IsGenerated, change.KeptToken
	user.Session++
	return user
}

// Allowed lets a user see databases.
func Allowed(dbs ...office.ID) func(*office.User) {
	return func(u *office.User) { u.AllowedDBs = dbs }
}

// DB is the nth test database, created at At(n).
func DB(n int, edits ...func(*office.DB)) office.DB {
	db := office.DB{
		ID:          dbKind.id(n),
		Name:        fmt.Sprintf("Sector %d", n),
		ShortCode:   fmt.Sprintf("SEC-%d", n),
		Description: fmt.Sprintf("Everybody of sector %d", n),
		CreatedAt:   At(n),
	}
	return edited(db, edits)
}

// Coded gives a database a short code.
func Coded(code string) func(*office.DB) {
	return func(db *office.DB) { db.ShortCode = code }
}

// DBs are the test databases 1 to n.
func DBs(n int) []office.DB {
	dbs := make([]office.DB, n)
	for i := range dbs {
		dbs[i] = DB(i + 1)
	}
	return dbs
}

// Personnel is the nth test record, live and with every field filled, created at At(n).
func Personnel(n int, db office.ID, edits ...func(*office.Personnel)) office.Personnel {
	record := office.Personnel{
		ID:          recordKind.id(n),
		FirstName:   fmt.Sprintf("Aisha%d", n),
		MiddleName:  fmt.Sprintf("Ngozi%d", n),
		LastName:    fmt.Sprintf("Bello%d", n),
		ArmyNumber:  fmt.Sprintf("N/%03d", n),
		PhoneNumber: fmt.Sprintf("0803%07d", n),
		Rank:        "Corporal",
		Bank:        office.Bank{Name: "First Bank", SortCode: fmt.Sprintf("%06d", n)},
		AcctNumber:  fmt.Sprintf("%010d", n),
		SubSector:   "3A",
		Location:    "Maiduguri",
		Remark:      "paid in cash until May",
		DBID:        db,
		Status:      office.StatusActive,
		CreatedAt:   At(n),
		UpdatedAt:   At(n),
		Revision:    1,
	}
	return edited(record, edits)
}

// Numbered gives a record an army number.
func Numbered(number string) func(*office.Personnel) {
	return func(p *office.Personnel) { p.ArmyNumber = number }
}

// Created says when a record was created.
func Created(at time.Time) func(*office.Personnel) {
	return func(p *office.Personnel) { p.CreatedAt, p.UpdatedAt = at, at }
}

// Roster are the test records first to last of a database.
func Roster(first, last int, db office.ID, edits ...func(*office.Personnel)) []office.Personnel {
	records := make([]office.Personnel, 0, last-first+1)
	for n := first; n <= last; n++ {
		records = append(records, Personnel(n, db, edits...))
	}
	return records
}

// IDs are the ids of records.
func IDs(records []office.Personnel) []office.ID {
	ids := make([]office.ID, len(records))
	for i, record := range records {
		ids[i] = record.ID
	}
	return ids
}

func edited[T any](thing T, edits []func(*T)) T {
	for _, edit := range edits {
		edit(&thing)
	}
	return thing
}
