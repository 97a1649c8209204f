package sqlitestore

import (
	"context"
	"database/sql"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/admin"
	"officepay.example/shared/office"
)

// Admin is the store of the admin service: admin.Store says what its methods do.
type Admin struct{ common }

var _ admin.Store = Admin{}

func (db *DB) Admin() Admin { return Admin{common{db.DB}} }

func (s Admin) Users(ctx context.Context, query admin.UserQuery) ([]office.User, int, error) {
	const words = "WITH word (text) AS MATERIALIZED (SELECT value FROM json_each(?2)) "
	const matching = ` FROM users WHERE (?1 = '' OR role = ?1) AND NOT (?3 AND read_only)
		AND (?2 = '[]' OR NOT EXISTS (SELECT 1 FROM word WHERE instr(search_text, text) = 0))`
	args := []any{query.Role, conn.List(query.Words), query.SkipReadOnly}
	total, err := conn.Int(ctx, s.db.Reader, words+"SELECT count(*)"+matching, args...)
	if err != nil {
		return nil, 0, err
	}
	users, err := conn.Select(ctx, s.db.Reader, scanUser, words+"SELECT "+userColumns+matching+" ORDER BY created_at, id LIMIT ?4 OFFSET ?5",
		append(args, query.Limit, query.Offset)...)
	return users, total, err
}

func (s Admin) CreateUser(ctx context.Context, user office.User) error {
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error { return insertUser(ctx, tx, user) })
}

func (s Admin) UpdateUser(ctx context.Context, id office.ID, patch office.UserPatch) error {
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		user, err := userByID(ctx, tx, id)
		if err != nil {
			return err
		}
		before := user
		if patch.Apply(&user); !user.Administers() {
			if err := checkAnotherAdmin(ctx, tx, before); err != nil {
				return err
			}
		}
		err = conn.Exec(ctx, tx, `UPDATE users SET first_name = ?, last_name = ?, army_number = ?, role = ?,
			allowed_dbs = ?, read_only = ?, search_text = ?, army_number_folded = ? WHERE id = ?`,
			user.FirstName, user.LastName, user.ArmyNumber, user.Role,
			conn.PackIDs(user.AllowedDBs), user.ReadOnly, user.SearchText(), office.Fold(user.ArmyNumber), id[:])
		return orTaken(err, office.ErrArmyNumberTaken)
	})
}

func (s Admin) DeleteUser(ctx context.Context, id office.ID) error {
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		user, err := userByID(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := checkAnotherAdmin(ctx, tx, user); err != nil {
			return err
		}
		return conn.Exec(ctx, tx, "DELETE FROM users WHERE id = ?", id[:])
	})
}

// checkAnotherAdmin returns office.ErrLastAdmin if nobody but the user administers.
func checkAnotherAdmin(ctx context.Context, tx *sql.Tx, user office.User) error {
	others, err := conn.Int(ctx, tx, "SELECT count(*) FROM users WHERE role = 'admin' AND NOT read_only AND id <> ?", user.ID[:])
	if err == nil && others == 0 && user.Administers() {
		return office.ErrLastAdmin
	}
	return err
}

func (s Admin) ResetPassword(ctx context.Context, id office.ID, change office.PasswordChange) error {
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := conn.Get(ctx, tx, office.ErrNotFound, scanID, `UPDATE users
			SET password_hash = ?, is_generated = ?, kept_token = ?, session = session + 1
			WHERE id = ? RETURNING id`,
			change.Hash, change.IsGenerated, change.KeptToken, id[:])
		return err
	})
}

func (s Admin) DBs(ctx context.Context, query admin.DBQuery) ([]office.DB, int, error) {
	const words = "WITH word (text) AS MATERIALIZED (SELECT value FROM json_each(?3)) "
	const matching = ` FROM dbs WHERE (?1 OR id IN (SELECT unhex(value) FROM json_each(?2)))
		AND (?3 = '[]' OR NOT EXISTS (SELECT 1 FROM word WHERE instr(search_text, text) = 0))`
	args := []any{query.Scope.All, conn.List(query.Scope.DBs), conn.List(query.Words)}
	total, err := conn.Int(ctx, s.db.Reader, words+"SELECT count(*)"+matching, args...)
	if err != nil {
		return nil, 0, err
	}
	dbs, err := conn.Select(ctx, s.db.Reader, scanDB, words+"SELECT "+dbColumns+matching+" ORDER BY created_at, id LIMIT ?4 OFFSET ?5",
		append(args, query.Limit, query.Offset)...)
	return dbs, total, err
}

func (s Admin) CreateDB(ctx context.Context, db office.DB) error {
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error { return insertDB(ctx, tx, db) })
}

func (s Admin) UpdateDB(ctx context.Context, id office.ID, patch office.DBPatch) (db office.DB, err error) {
	err = s.db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if db, err = dbByID(ctx, tx, id); err != nil {
			return err
		}
		was := db.ShortCode
		patch.Apply(&db)
		err = conn.Exec(ctx, tx, `UPDATE dbs SET name = ?, short_code = ?, short_code_folded = iif(?, short_code_folded, ?),
			description = ?, search_text = ? WHERE id = ?`,
			db.Name, db.ShortCode, db.ShortCode == was, office.Fold(db.ShortCode), db.Description, db.SearchText(), id[:])
		if err != nil {
			return orTaken(err, office.ErrShortCodeTaken)
		}
		return conn.Exec(ctx, tx, regainCodes)
	})
	return db, err
}
