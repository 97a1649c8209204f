// Package conn opens the SQLite file and runs statements and transactions on
// it, and says what its errors mean. It knows nothing of what the tables hold.
package conn

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
)

// DB is an open database file. There is one writer, because SQLite allows one at a
// time, and a pool of readers, which see the last commit and never wait.
type DB struct {
	Reader *sql.DB // for single queries; it cannot write
	writer *sql.DB
	group  *group
	path   string
	file   os.FileInfo // of the file that is open
}

const (
	// readers is how many queries read at a time.
	readers = 4
	// cacheSize is how many KB of the file each connection keeps in memory.
	cacheSize = 16 << 10
	// busyTimeout is how long to wait for another process that has the file,
	// such as a command that runs beside the server.
	busyTimeout = 5 * time.Second
)

// Open opens the database file, creates it if there is none, and brings it up
// to date. It does not touch a file that is damaged or not one of ours.
func Open(ctx context.Context, path string, migrations []Migration) (*DB, error) {
	if err := ensure(ctx, path, migrations); err != nil {
		return nil, err
	}
	db := &DB{path: path}
	if err := db.open(ctx, migrations); err != nil {
		db.Close()
		return nil, explain(path, err)
	}
	return db, nil
}

func (db *DB) open(ctx context.Context, migrations []Migration) (err error) {
	if db.writer, err = connect(db.path, 1, "_txlock=immediate"); err != nil {
		return err
	}
	if db.Reader, err = connect(db.path, readers, "_pragma=query_only(true)"); err != nil {
		return err
	}
	if err := migrate(ctx, db.writer, migrations); err != nil {
		return err
	}
	if err := checkWritable(ctx, db.writer); err != nil {
		return err
	}
	if err := checkQuickly(ctx, db.path); err != nil {
		return err
	}
	db.group = newGroup(db.WriteTx)
	db.file, err = os.Stat(db.path)
	return err
}

// connect opens a pool of connections to a file that exists. Every commit is
// on the disk before it is answered: WAL with synchronous FULL.
func connect(path string, connections int, option string) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file := url.URL{Scheme: "file", Path: absolute, RawQuery: fmt.Sprintf(
		"mode=rw&_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)"+
			"&_pragma=cache_size(-%d)&%s", busyTimeout.Milliseconds(), cacheSize, option)}
	connector, err := sqlite.NewConnector(file.String())
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(preparing{connector})
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool, nil
}

// Close closes the file. What was committed is in it.
func (db *DB) Close() error {
	var errs []error
	for _, pool := range []*sql.DB{db.Reader, db.writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// Ready tells whether the file can be read, and is where it was.
func (db *DB) Ready(ctx context.Context) error {
	if _, err := Int(ctx, db.Reader, "SELECT count(*) FROM (SELECT 1 FROM sqlite_master LIMIT 1)"); err != nil {
		return err
	}
	return db.checkInPlace()
}

// ReadTx runs queries that all see the database as it is at one moment. It
// begins and ends like other statements, which are prepared, rather than by a
// transaction of database/sql, which are not.
func (db *DB) ReadTx(ctx context.Context, do func(context.Context, Querier) error) error {
	conn, err := db.Reader.Conn(ctx)
	if err != nil {
		return translate(err)
	}
	defer conn.Close()
	always := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(always, "BEGIN"); err != nil {
		return translate(err)
	}
	defer func() {
		if _, err := conn.ExecContext(always, "COMMIT"); err != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // so that nobody goes on in it
		}
	}()
	return do(ctx, conn)
}

// WriteTx runs one transaction that has the database for itself: all that do
// does is kept, on disk, when it returns nil, and nothing otherwise.
func (db *DB) WriteTx(ctx context.Context, do Do) error {
	return withTx(ctx, db.writer, func(ctx context.Context, tx *sql.Tx) error {
		if err := do(ctx, tx); err != nil {
			return err
		}
		return db.checkInPlace()
	})
}

// GroupWriteTx is WriteTx for what is small and comes often: such transactions
// share commits. The context that do gets does not end.
func (db *DB) GroupWriteTx(ctx context.Context, do Do) error { return db.group.writeTx(ctx, do) }

// Do is what happens in a transaction.
type Do func(ctx context.Context, tx *sql.Tx) error

func withTx(ctx context.Context, pool *sql.DB, do Do) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err == nil {
		defer tx.Rollback() // does nothing after a commit
		if err = do(ctx, tx); err == nil {
			err = tx.Commit()
		}
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // database/sql has many errors for this
	}
	return translate(err)
}
