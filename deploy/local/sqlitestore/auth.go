package sqlitestore

import (
	"context"
	"time"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/auth"
	"officepay.example/shared/office"
)

// Auth is the store of the auth service: auth.Store says what its methods do.
type Auth struct{ common }

func (db *DB) Auth() Auth { return Auth{common{db.DB}} }

func (s Auth) UserByArmyNumber(ctx context.Context, armyNumber string) (office.User, error) {
	users, err := conn.Select(ctx, s.db.Reader, scanUser,
		"SELECT "+userColumns+" FROM users WHERE army_number_folded = ?", office.Fold(armyNumber))
	if err != nil {
		return office.User{}, err
	}
	return office.WithArmyNumber(users, armyNumber)
}

func (s Auth) SetPassword(ctx context.Context, id office.ID, oldHash string, change office.PasswordChange) error {
	return s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
		_, err := conn.Get(ctx, tx, office.ErrNotFound, scanID, `UPDATE users
			SET password_hash = ?, is_generated = ?, kept_token = ?, session = session + 1
			WHERE id = ? AND password_hash = ? RETURNING id`,
			change.Hash, change.IsGenerated, change.KeptToken, id[:], oldHash)
		return err
	})
}

func (s Auth) RenewHash(ctx context.Context, id office.ID, oldHash, newHash string) error {
	return s.db.WriteTx(ctx, conn.Script("UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?", newHash, id[:], oldHash))
}

func (s Auth) Attempts(ctx context.Context, keys ...string) (map[string]auth.Attempts, error) {
	return attempts(ctx, s.db.Reader, keys...)
}

func attempts(ctx context.Context, q conn.Querier, keys ...string) (map[string]auth.Attempts, error) {
	found := map[string]auth.Attempts{}
	var key string
	scan := func(row conn.Row) (a auth.Attempts, err error) {
		err = row.Scan(&key, &a.Session, &a.Count, &a.Pause,
			conn.Time{To: &a.BlockedUntil}, conn.Time{To: &a.CountUntil}, conn.Time{To: &a.KnownUntil})
		a.Pause *= time.Millisecond
		return a, err
	}
	err := conn.Each(ctx, q, scan, func(a auth.Attempts) error {
		found[key] = a
		return nil
	}, `SELECT key, session, count, pause, blocked_until, count_until, known_until
		FROM attempts WHERE key IN (SELECT value FROM json_each(?))`, conn.List(keys))
	return found, err
}

func (s Auth) SwapAttempts(ctx context.Context, key string, old, new auth.Attempts) (swapped bool, err error) {
	err = s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
		current, err := attempts(ctx, tx, key)
		if err != nil || current[key] != old {
			return err
		}
		swapped = true
		if new == (auth.Attempts{}) {
			return conn.Exec(ctx, tx, "DELETE FROM attempts WHERE key = ?", key)
		}
		return conn.Exec(ctx, tx, `REPLACE INTO attempts (key, session, count, pause, blocked_until, count_until, known_until, forget_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, key, new.Session, new.Count, new.Pause.Milliseconds(),
			conn.Millis(new.BlockedUntil), conn.Millis(new.CountUntil), conn.Millis(new.KnownUntil), conn.Millis(new.ForgetAt()))
	})
	return swapped && err == nil, err
}

func (s Auth) ForgetAttempts(ctx context.Context, now time.Time) error {
	return s.db.WriteTx(ctx, conn.Script("DELETE FROM attempts WHERE forget_at <= ?", conn.Millis(now)))
}
