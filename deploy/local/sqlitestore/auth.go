package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"officepay.example/services/auth"
	"officepay.example/shared/office"
)

// Auth is the store of the auth service.
type Auth struct{ common }

var _ auth.Store = Auth{}

// Auth is the store of the auth service in this database.
func (db *DB) Auth() Auth { return Auth{common{db}} }

// UserByArmyNumber implements auth.Store.
func (s Auth) UserByArmyNumber(ctx context.Context, armyNumber string) (office.User, error) {
	return selectUser(ctx, s.db.reader, "army_number = ?", armyNumber)
}

// SetPassword implements auth.Store.
func (s Auth) SetPassword(ctx context.Context, id office.ID, oldHash string, change office.PasswordChange) error {
	return s.setPassword(ctx, change, "id = ? AND password_hash = ?", id[:], oldHash)
}

// RenewHash implements auth.Store.
func (s Auth) RenewHash(ctx context.Context, id office.ID, oldHash, newHash string) error {
	return s.db.change(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx, "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
			newHash, id[:], oldHash)
		return err
	})
}

// Attempts implements auth.Store.
func (s Auth) Attempts(ctx context.Context, key string) (auth.Attempts, error) {
	return selectAttempts(ctx, s.db.reader, key)
}

func selectAttempts(ctx context.Context, q querier, key string) (auth.Attempts, error) {
	var a auth.Attempts
	var pause int64
	var blockedUntil, forgetAt sql.NullInt64
	err := q.QueryRowContext(ctx, "SELECT count, pause, blocked_until, forget_at FROM attempts WHERE key = ?", key).
		Scan(&a.Count, &pause, &blockedUntil, &forgetAt)
	if errors.Is(err, sql.ErrNoRows) {
		return auth.Attempts{}, nil
	}
	a.Pause = time.Duration(pause) * time.Millisecond
	a.BlockedUntil, a.ForgetAt = timeOf(blockedUntil), timeOf(forgetAt)
	return a, translate(err)
}

// SwapAttempts implements auth.Store.
func (s Auth) SwapAttempts(ctx context.Context, key string, old, new auth.Attempts) (swapped bool, err error) {
	err = s.db.change(ctx, func(tx *transaction) error {
		current, err := selectAttempts(ctx, tx, key)
		if err != nil || current != old {
			return err
		}
		swapped = true
		if new == (auth.Attempts{}) {
			_, err = tx.ExecContext(ctx, "DELETE FROM attempts WHERE key = ?", key)
			return err
		}
		_, err = tx.ExecContext(ctx, "REPLACE INTO attempts (key, count, pause, blocked_until, forget_at) VALUES (?, ?, ?, ?, ?)",
			key, new.Count, new.Pause.Milliseconds(), millis(new.BlockedUntil), millis(new.ForgetAt))
		return err
	})
	return swapped && err == nil, err
}

// ForgetAttempts implements auth.Store.
func (s Auth) ForgetAttempts(ctx context.Context, now time.Time) error {
	return s.db.change(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM attempts WHERE forget_at <= ?", millis(now))
		return err
	})
}
