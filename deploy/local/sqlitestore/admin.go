package sqlitestore

import (
	"context"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/admin"
	"officepay.example/shared/office"
)

// Admin is the store of the admin service: admin.Store says what its methods do.
type Admin struct{ common }

func (db *DB) Admin() Admin { return Admin{common{db.DB}} }

func (s Admin) Users(ctx context.Context, query admin.UserQuery) ([]office.User, int, error) {
	const matching = " FROM users WHERE " + hasWords + " AND (?2 = '' OR role = ?2) AND NOT (?3 AND read_only)"
	return list(ctx, s.db.Reader, scanUser, userColumns, matching, query.Limit, query.Offset,
		conn.List(query.Words), query.Role, query.SkipReadOnly)
}

// list returns a part of the matching rows, in order of creation, and how many match in all.
func list[T any](ctx context.Context, q conn.Querier, scan func(conn.Row) (T, error), columns, matching string, limit, offset int, args ...any) ([]T, int, error) {
	total, err := conn.Int(ctx, q, "SELECT count(*)"+matching, args...)
	if err != nil {
		return nil, 0, err
	}
	found, err := conn.Select(ctx, q, scan, "SELECT "+columns+matching+" ORDER BY created_at, id LIMIT ? OFFSET ?", append(args, limit, offset)...)
	return found, total, err
}

func (s Admin) CreateUser(ctx context.Context, user office.User) error {
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error { return insertUser(ctx, tx, user) })
}

func (s Admin) UpdateUser(ctx context.Context, id office.ID, patch office.UserPatch) error {
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
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
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
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
func checkAnotherAdmin(ctx context.Context, tx *conn.Tx, user office.User) error {
	others, err := conn.Int(ctx, tx, "SELECT count(*) FROM users WHERE role = 'admin' AND NOT read_only AND id <> ?", user.ID[:])
	if err == nil && others == 0 && user.Administers() {
		return office.ErrLastAdmin
	}
	return err
}

func (s Admin) ResetPassword(ctx context.Context, id office.ID, change office.PasswordChange) error {
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
		_, err := conn.Get(ctx, tx, office.ErrNotFound, scanID, `UPDATE users
			SET password_hash = ?, is_generated = ?, kept_token = ?, session = session + 1
			WHERE id = ? RETURNING id`,
			change.Hash, change.IsGenerated, change.KeptToken, id[:])
		return err
	})
}

func (s Admin) DBs(ctx context.Context, query admin.DBQuery) ([]office.DB, int, error) {
	const matching = " FROM dbs WHERE " + hasWords + " AND (?2 OR id IN (SELECT unhex(value) FROM json_each(?3)))"
	return list(ctx, s.db.Reader, scanDB, dbColumns, matching, query.Limit, query.Offset,
		conn.List(query.Words), query.Scope.All, conn.List(query.Scope.DBs))
}

func (s Admin) CreateDB(ctx context.Context, db office.DB) error {
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error { return insertDB(ctx, tx, db) })
}

func (s Admin) UpdateDB(ctx context.Context, id office.ID, patch office.DBPatch) (db office.DB, err error) {
	err = s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
		if db, err = dbByID(ctx, tx, id); err != nil {
			return err
		}
		was := office.Fold(db.ShortCode)
		patch.Apply(&db)
		folded := office.Fold(db.ShortCode)
		err = conn.Exec(ctx, tx, `UPDATE dbs SET name = ?, short_code = ?, short_code_folded = iif(?, short_code_folded, ?),
			description = ?, search_text = ? WHERE id = ?`,
			db.Name, db.ShortCode, folded == was, folded, db.Description, db.SearchText(), id[:])
		if err != nil {
			return orTaken(err, office.ErrShortCodeTaken)
		}
		return conn.Exec(ctx, tx, regainCodes)
	})
	return db, err
}
