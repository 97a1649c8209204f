package sqlitestore

import (
	"context"
	"slices"

	"officepay.example/services/admin"
	"officepay.example/shared/office"
)

// Admin is the store of the admin service.
type Admin struct{ common }

var _ admin.Store = Admin{}

// Admin is the store of the admin service in this database.
func (db *DB) Admin() Admin { return Admin{common{db}} }

// Users implements admin.Store.
func (s Admin) Users(ctx context.Context, query admin.UserQuery) ([]office.User, int, error) {
	var w where
	if query.Role != "" {
		w.add("role = ?", query.Role)
	}
	w.words(query.Words)
	list := table[office.User]{"users", userColumns, scanUser}
	return list.page(ctx, s.db.reader, w, query.Offset, query.Limit)
}

// CreateUser implements admin.Store.
func (s Admin) CreateUser(ctx context.Context, user office.User) error {
	return s.db.change(ctx, func(tx *transaction) error { return insertUser(ctx, tx, user) })
}

// UpdateUser implements admin.Store.
func (s Admin) UpdateUser(ctx context.Context, id office.ID, patch office.UserPatch) error {
	return s.db.change(ctx, func(tx *transaction) error {
		user, err := selectUser(ctx, tx, "id = ?", id[:])
		if err != nil {
			return err
		}
		wasAdmin := user.IsAdmin()
		patch.Apply(&user)
		if wasAdmin && !user.IsAdmin() {
			if err := checkAnotherAdmin(ctx, tx, id); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE users SET first_name = ?, last_name = ?, army_number = ?, role = ?,
			allowed_dbs = ?, search_text = ? WHERE id = ?`,
			user.FirstName, user.LastName, user.ArmyNumber, user.Role,
			packIDs(user.AllowedDBs), user.SearchText(), id[:])
		if isUniqueViolation(err) {
			return office.ErrArmyNumberTaken
		}
		return err
	})
}

// DeleteUser implements admin.Store.
func (s Admin) DeleteUser(ctx context.Context, id office.ID) error {
	return s.db.change(ctx, func(tx *transaction) error {
		user, err := selectUser(ctx, tx, "id = ?", id[:])
		if err != nil {
			return err
		}
		if user.IsAdmin() {
			if err := checkAnotherAdmin(ctx, tx, id); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM users WHERE id = ?", id[:])
		return err
	})
}

// checkAnotherAdmin returns office.ErrLastAdmin when there is no admin but
// this one.
func checkAnotherAdmin(ctx context.Context, tx *transaction, id office.ID) error {
	others, err := selectInt(ctx, tx, "SELECT count(*) FROM users WHERE role = 'admin' AND id <> ?", id[:])
	if err == nil && others == 0 {
		return office.ErrLastAdmin
	}
	return err
}

// ResetPassword implements admin.Store.
func (s Admin) ResetPassword(ctx context.Context, id office.ID, change office.PasswordChange) error {
	return s.setPassword(ctx, change, "id = ?", id[:])
}

// DBs implements admin.Store.
func (s Admin) DBs(ctx context.Context, query admin.DBQuery) ([]office.DB, int, error) {
	var w where
	w.scope("id", query.Scope)
	w.words(query.Words)
	list := table[office.DB]{"dbs", dbColumns, scanDB}
	return list.page(ctx, s.db.reader, w, query.Offset, query.Limit)
}

// CreateDB implements admin.Store.
func (s Admin) CreateDB(ctx context.Context, db office.DB) error {
	return s.db.change(ctx, func(tx *transaction) error { return insertDB(ctx, tx, db) })
}

// insertDB returns office.ErrShortCodeTaken.
func insertDB(ctx context.Context, tx *transaction, d office.DB) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO dbs (id, name, short_code, short_code_folded, description, created_at, search_text)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		d.ID[:], d.Name, d.ShortCode, office.Fold(d.ShortCode), d.Description, millis(d.CreatedAt), d.SearchText())
	if isUniqueViolation(err) {
		return office.ErrShortCodeTaken
	}
	return err
}

// UpdateDB implements admin.Store.
func (s Admin) UpdateDB(ctx context.Context, id office.ID, patch office.DBPatch) (db office.DB, err error) {
	err = s.db.change(ctx, func(tx *transaction) error {
		db, err = scanDB(tx.QueryRowContext(ctx, "SELECT "+dbColumns+" FROM dbs WHERE id = ?", id[:]))
		if err != nil {
			return orMissing(err, office.ErrDBNotFound)
		}
		patch.Apply(&db)
		_, err = tx.ExecContext(ctx, `UPDATE dbs SET name = ?, short_code = ?, short_code_folded = ?, description = ?,
			search_text = ? WHERE id = ?`,
			db.Name, db.ShortCode, office.Fold(db.ShortCode), db.Description, db.SearchText(), id[:])
		if isUniqueViolation(err) {
			return office.ErrShortCodeTaken
		}
		return err
	})
	return db, err
}

// DeleteDB implements admin.Store: here in one transaction.
func (s Admin) DeleteDB(ctx context.Context, id office.ID) (deleted int, err error) {
	err = s.db.change(ctx, func(tx *transaction) error {
		if err := checkDB(ctx, tx, id); err != nil {
			return err
		}
		if err := removeReferences(ctx, tx, id); err != nil {
			return err
		}
		if err := newIndexer(tx).forget(ctx, id); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "DELETE FROM personnels WHERE db_id = ?", id[:])
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		deleted = int(n)
		if err := forgetTally(ctx, tx, id); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "DELETE FROM dbs WHERE id = ?", id[:])
		return err
	})
	return deleted, err
}

// removeReferences takes the database out of every user's allowed_dbs.
func removeReferences(ctx context.Context, tx *transaction, db office.ID) error {
	// instr may find the bytes across two ids; such a user is written back
	// unchanged.
	holders, err := selectAll(ctx, tx, scanUser, "SELECT "+userColumns+" FROM users WHERE instr(allowed_dbs, ?) > 0", db[:])
	if err != nil {
		return err
	}
	for _, user := range holders {
		left := slices.DeleteFunc(user.AllowedDBs, func(id office.ID) bool { return id == db })
		if _, err := tx.ExecContext(ctx, "UPDATE users SET allowed_dbs = ? WHERE id = ?", packIDs(left), user.ID[:]); err != nil {
			return err
		}
	}
	return nil
}
