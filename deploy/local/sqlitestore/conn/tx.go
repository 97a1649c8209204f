package conn

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"officepay.example/shared/metrics"
)

// Pool is a pool of connections.
type Pool struct{ *sql.DB }

// use lends do a connection that nobody else uses meanwhile.
func (p *Pool) use(ctx context.Context, do func(*connection) error) error {
	conn, err := p.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	defer conn.Close()
	return conn.Raw(func(opened any) error { return do(opened.(*connection)) })
}

// Tx is a transaction. It ends with the context that it began with.
type Tx struct {
	ctx  context.Context
	conn *connection
}

func (tx *Tx) use(_ context.Context, do func(*connection) error) error {
	if err := tx.ctx.Err(); err != nil {
		return err
	}
	return do(tx.conn)
}

// Do is what happens in a transaction.
type Do func(ctx context.Context, tx *Tx) error

// The ways to begin a transaction. beginWriting waits for other writers.
const (
	beginReading = "BEGIN"
	beginWriting = "BEGIN IMMEDIATE"
)

var commits = metrics.Histogram("office_sqlite_commit_seconds", "How long commits took to reach the disk.")

// tx runs a transaction. It sends BEGIN and COMMIT itself: those of database/sql would not be
// prepared statements.
func (p *Pool) tx(ctx context.Context, begin string, do Do) error {
	err := p.use(ctx, func(c *connection) error {
		unwatched := context.WithoutCancel(ctx)
		_, err := c.exec(ctx, begin)
		if err == nil {
			err = do(ctx, &Tx{ctx, c})
		}
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			begun := time.Now()
			_, err = c.exec(unwatched, "COMMIT")
			if err == nil && begin == beginWriting {
				commits.Of().Observe(time.Since(begun))
			}
		}
		if err == nil {
			return nil
		}
		// ROLLBACK fails with SQLITE_ERROR if SQLite has already rolled the transaction back.
		if _, failed := c.exec(unwatched, "ROLLBACK"); failed != nil && primaryCode(failed) != sqlite3.SQLITE_ERROR {
			err = errors.Join(err, driver.ErrBadConn) // so that nobody else gets this connection
		}
		return err
	})
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // SQLite has several errors for this
	}
	return translate(err)
}

// ReadTx runs queries that all see the database as of one moment.
func (db *DB) ReadTx(ctx context.Context, do Do) error {
	return db.Reader.tx(ctx, beginReading, do)
}

// ScratchTx is ReadTx on a separate connection, which may have temporary tables.
func (db *DB) ScratchTx(ctx context.Context, do Do) error {
	pool, err := openPool(db.path, 1, "", db.damage)
	if err != nil {
		return err
	}
	defer pool.Close()
	return pool.tx(ctx, beginReading, do)
}

// WriteTx runs a transaction while nobody else writes. When it returns nil, everything that
// do did is on the disk; otherwise nothing is kept.
func (db *DB) WriteTx(ctx context.Context, do Do) error {
	write := func(ctx context.Context, tx *Tx) error {
		err := do(ctx, tx)
		if err == nil {
			err = db.damage.check() // after do, which may have found some
		}
		if err != nil {
			return err
		}
		return db.checkUnchanged(ctx, tx)
	}
	err := db.writer.tx(ctx, beginWriting, write)
	for tries := 1; db.onBusy != nil && tries < busyTries && primaryCode(err) == sqlite3.SQLITE_BUSY; tries++ {
		db.onBusy()
		err = db.writer.tx(ctx, beginWriting, write)
	}
	return err
}

// GroupWriteTx is WriteTx for small and frequent writes, which share commits. It may roll
// back and call do again. The context of do never ends.
func (db *DB) GroupWriteTx(ctx context.Context, do Do) error { return db.group.writeTx(ctx, do) }

// Exec runs statements in a transaction. A single statement is prepared only once.
func Exec(ctx context.Context, tx *Tx, statements string, args ...any) error {
	return tx.use(ctx, func(c *connection) error {
		_, err := c.exec(ctx, statements, args...)
		return err
	})
}

// Insert is Exec for one new row, and returns its rowid.
func Insert(ctx context.Context, tx *Tx, statement string, args ...any) (seq int64, err error) {
	err = tx.use(ctx, func(c *connection) error {
		result, err := c.exec(ctx, statement, args...)
		if err == nil {
			seq, err = result.LastInsertId()
		}
		return err
	})
	return seq, err
}

// Script returns a transaction that only runs these statements.
func Script(statements string, args ...any) Do {
	return func(ctx context.Context, tx *Tx) error { return Exec(ctx, tx, statements, args...) }
}
