package sqlitestore

import (
	"context"
	"database/sql"

	"officepay.example/shared/office"
)

const userColumns = `id, first_name, last_name, army_number, role, password_hash,
	allowed_dbs, is_generated, session, kept_token, created_at`

func scanUser(r row) (office.User, error) {
	var u office.User
	var allowed []byte
	var created sql.NullInt64
	err := r.Scan(scannedID{&u.ID}, &u.FirstName, &u.LastName, &u.ArmyNumber, &u.Role, &u.PasswordHash,
		&allowed, &u.IsGenerated, &u.Session, &u.KeptToken, &created)
	u.AllowedDBs, u.CreatedAt = unpackIDs(allowed), timeOf(created)
	return u, err
}

// selectUser returns office.ErrNotFound when the condition fits nobody.
func selectUser(ctx context.Context, q querier, condition string, arg any) (office.User, error) {
	user, err := scanUser(q.QueryRowContext(ctx, "SELECT "+userColumns+" FROM users WHERE "+condition, arg))
	return user, translate(orMissing(err, office.ErrNotFound))
}

// insertUser returns office.ErrArmyNumberTaken.
func insertUser(ctx context.Context, tx *transaction, u office.User) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO users (id, first_name, last_name, army_number, role, password_hash,
			allowed_dbs, is_generated, session, kept_token, created_at, search_text)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		u.ID[:], u.FirstName, u.LastName, u.ArmyNumber, u.Role, u.PasswordHash,
		packIDs(u.AllowedDBs), u.IsGenerated, u.Session, u.KeptToken, millis(u.CreatedAt), u.SearchText())
	if isUniqueViolation(err) {
		return office.ErrArmyNumberTaken
	}
	return err
}

// common is what several services do alike.
type common struct{ db *DB }

// UserByID implements token.Users.
func (s common) UserByID(ctx context.Context, id office.ID) (office.User, error) {
	return selectUser(ctx, s.db.reader, "id = ?", id[:])
}

// setPassword replaces the hash and begins the next session of the users who
// fit the condition. It returns office.ErrNotFound when nobody does.
func (s common) setPassword(ctx context.Context, change office.PasswordChange, condition string, args ...any) error {
	return s.db.change(ctx, func(tx *transaction) error {
		return mustChange(tx.ExecContext(ctx, `UPDATE users
			SET password_hash = ?, is_generated = ?, kept_token = ?, session = session + 1 WHERE `+condition,
			append([]any{change.Hash, change.IsGenerated, change.KeptToken}, args...)...))
	})
}

// mustChange returns office.ErrNotFound when a statement changed no row.
func mustChange(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return office.ErrNotFound
	}
	return err
}
