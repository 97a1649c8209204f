// Package sqlitestore has the Store of each service for the all-in-one, in one SQLite file.
//
// It stores, and nothing more: the handlers have decided what is allowed and what is valid.
package sqlitestore

import (
	"context"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
)

// DB is an open database file.
type DB struct{ *conn.DB }

// Open opens the database file, and creates it if there is none. It does not touch
// a file that is damaged, not one of ours, or of another version.
func Open(ctx context.Context, path string) (*DB, error) {
	db, err := conn.Open(ctx, path, migrations)
	if err != nil {
		return nil, err
	}
	return &DB{db}, nil
}

// Migrate is Open, but brings a file of an older version up to date. It also repairs one that a
// quick check finds to be wrong, perhaps because rows were edited by hand.
func Migrate(ctx context.Context, path string) (*DB, error) {
	opened, err := conn.Migrate(ctx, path, migrations)
	if err != nil {
		return nil, err
	}
	db := &DB{opened}
	if err := db.repairAtStart(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// Restore puts a copy of a backup in the place of the database; see conn.Restore.
func Restore(ctx context.Context, backup, path string) (before string, err error) {
	return conn.Restore(ctx, backup, path, migrations)
}

// common has the methods that several stores share.
type common struct{ db *conn.DB }

const userColumns = `id, first_name, last_name, army_number, role, password_hash,
	allowed_dbs, read_only, is_generated, session, kept_token, created_at`

func scanUser(row conn.Row) (office.User, error) {
	var u office.User
	var allowed []byte
	err := row.Scan(conn.ID{To: &u.ID}, &u.FirstName, &u.LastName, &u.ArmyNumber, &u.Role, &u.PasswordHash,
		&allowed, &u.ReadOnly, &u.IsGenerated, &u.Session, &u.KeptToken, conn.Time{To: &u.CreatedAt})
	u.AllowedDBs = conn.UnpackIDs(allowed)
	return u, err
}

func (s common) UserByID(ctx context.Context, id office.ID) (office.User, error) {
	return conn.Cached(s.db, id, func() (office.User, int, error) {
		user, err := userByID(ctx, s.db.Reader, id)
		return user, len(user.AllowedDBs) * len(id), err
	})
}

func userByID(ctx context.Context, q conn.Querier, id office.ID) (office.User, error) {
	return conn.Get(ctx, q, office.ErrNotFound, scanUser, "SELECT "+userColumns+" FROM users WHERE id = ?", id[:])
}

// insertUser returns office.ErrArmyNumberTaken.
func insertUser(ctx context.Context, tx *conn.Tx, u office.User) error {
	err := conn.Exec(ctx, tx, "INSERT INTO users ("+userColumns+`, search_text, army_number_folded)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		u.ID[:], u.FirstName, u.LastName, u.ArmyNumber, u.Role, u.PasswordHash,
		conn.PackIDs(u.AllowedDBs), u.ReadOnly, u.IsGenerated, u.Session, u.KeptToken, conn.Millis(u.CreatedAt), u.SearchText(), office.Fold(u.ArmyNumber))
	return orTaken(err, office.ErrArmyNumberTaken)
}

// orTaken returns taken in place of a unique violation.
func orTaken(err, taken error) error {
	if conn.IsUniqueViolation(err) {
		return taken
	}
	return err
}

const dbColumns = "id, name, short_code, description, created_at"

var scanDB = conn.Scan(func(d *office.DB) []any {
	return []any{conn.ID{To: &d.ID}, &d.Name, &d.ShortCode, &d.Description, conn.Time{To: &d.CreatedAt}}
})

// DBsByID implements auth.Store and admin.Store.
func (s common) DBsByID(ctx context.Context, ids []office.ID) ([]office.DB, error) {
	return conn.Select(ctx, s.db.Reader, scanDB,
		"SELECT "+dbColumns+" FROM dbs WHERE id IN (SELECT unhex(value) FROM json_each(?))", conn.List(ids))
}

func dbByID(ctx context.Context, q conn.Querier, id office.ID) (office.DB, error) {
	return conn.Get(ctx, q, office.ErrDBNotFound, scanDB, "SELECT "+dbColumns+" FROM dbs WHERE id = ?", id[:])
}

// insertDB returns office.ErrShortCodeTaken.
func insertDB(ctx context.Context, tx *conn.Tx, d office.DB) error {
	err := conn.Exec(ctx, tx, `INSERT INTO dbs (id, name, short_code, short_code_folded, description, created_at, search_text)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		d.ID[:], d.Name, d.ShortCode, office.Fold(d.ShortCode), d.Description, conn.Millis(d.CreatedAt), d.SearchText())
	return orTaken(err, office.ErrShortCodeTaken)
}

var scanID = conn.Scan(func(id *office.ID) []any { return []any{conn.ID{To: id}} })

// checkDB returns office.ErrDBNotFound when there is no such database.
func checkDB(ctx context.Context, q conn.Querier, id office.ID) error {
	_, err := conn.Get(ctx, q, office.ErrDBNotFound, scanID, "SELECT id FROM dbs WHERE id = ?", id[:])
	return err
}

// hasWords tells whether a row has all words in the first argument of a query.
const hasWords = `(?1 = '[]' OR NOT EXISTS (
	WITH word (text) AS MATERIALIZED (SELECT value FROM json_each(?1)) SELECT 1 FROM word WHERE instr(search_text, text) = 0))`

// notBeingDeleted leaves out the databases whose deletion has begun: nobody sees their records
// any more, not even an admin. One that exists again, from an import, is not among them.
// SQLite looks an id up in either table; for a computed list it would first build a table.
const notBeingDeleted = " AND (db_id NOT IN (SELECT db_id FROM deletions) OR db_id IN (SELECT id FROM dbs))"
