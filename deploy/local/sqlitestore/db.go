// Package sqlitestore keeps everything in one SQLite file: the Store of each
// service, for the all-in-one.
//
// It stores and nothing more: what is allowed and what is valid was decided
// by the handlers before.
package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// DB is an open database file. There is one writer, because SQLite has one at
// a time, and a pool of readers, which see the last commit and wait for
// nobody.
type DB struct {
	path   string
	file   os.FileInfo // of the file that is open
	writer *pool
	reader *pool
	group  *group // of the writer
}

// readers is how many queries read at a time.
const readers = 4

// cacheSize is how many KB of the file each connection keeps in memory once it
// has read them.
const cacheSize = 16 << 10

// busyTimeout is how long to wait for another process that has the file, such
// as a command run beside the server.
const busyTimeout = 5 * time.Second

// Open opens the database file, and makes it if there is none. A file that is
// damaged or no database of ours is an error, and stays as it is.
func Open(ctx context.Context, path string) (*DB, error) {
	if err := ensure(ctx, path); err != nil {
		return nil, err
	}
	db := &DB{path: path}
	if err := db.connect(ctx); err != nil {
		db.Close()
		return nil, explain(path, err)
	}
	return db, nil
}

func (db *DB) connect(ctx context.Context) (err error) {
	if db.writer, err = connect(db.path, 1, "_txlock=immediate"); err != nil {
		return err
	}
	if db.reader, err = connect(db.path, readers, "_pragma=query_only(true)"); err != nil {
		return err
	}
	if err := migrate(ctx, db.writer); err != nil {
		return err
	}
	if err := checkWritable(ctx, db.writer.DB); err != nil {
		return err
	}
	if err := db.checkAtStart(ctx); err != nil {
		return err
	}
	db.group, db.writer.check = newGroup(db.writer), db.inPlace
	db.file, err = os.Stat(db.path)
	return err
}

// checkAtStart reads the file on a connection of its own, whose cache goes with
// it.
func (db *DB) checkAtStart(ctx context.Context) error {
	checking, err := connect(db.path, 1, "_pragma=query_only(true)&_pragma=cache_size(-1000)")
	if err != nil {
		return err
	}
	defer checking.Close()
	return checkQuickly(ctx, checking.DB)
}

// connect opens a pool of connections to a file that is there. Every commit
// reaches the disk before it is answered: WAL with synchronous FULL.
func connect(path string, connections int, option string) (*pool, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file := url.URL{Scheme: "file", Path: absolute, RawQuery: fmt.Sprintf(
		"mode=rw&_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)"+
			"&_pragma=cache_size(-%d)&%s", busyTimeout.Milliseconds(), cacheSize, option)}
	connected, err := sql.Open("sqlite", file.String())
	if err != nil {
		return nil, err
	}
	connected.SetMaxOpenConns(connections)
	connected.SetMaxIdleConns(connections)
	return newPool(connected), nil
}

// Close closes the file. What was committed is in it.
func (db *DB) Close() error {
	var errs []error
	for _, pool := range []*pool{db.reader, db.writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	return errors.Join(errs...)
}

// Ready tells whether the file can be read, and is where it was.
func (db *DB) Ready(ctx context.Context) error {
	var one int
	if err := db.reader.QueryRowContext(ctx, "SELECT 1 FROM sqlite_master LIMIT 1").Scan(&one); err != nil {
		return translate(err)
	}
	return db.inPlace()
}

// change runs one transaction that has the database for itself: all that do
// does is kept, on disk, when it returns nil, and nothing otherwise.
func (db *DB) change(ctx context.Context, do func(*transaction) error) error {
	return db.writer.in(ctx, do)
}

// changeOne is change for what is small and comes often.
func (db *DB) changeOne(ctx context.Context, do func(context.Context, *transaction) error) error {
	return db.group.in(ctx, do)
}

// view runs queries that all see the database as it is at one moment.
func (db *DB) view(ctx context.Context, do func(*transaction) error) error {
	return db.reader.in(ctx, do)
}

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// row is where a scan function takes its columns from.
type row interface{ Scan(columns ...any) error }

// selectAll runs a query and scans every row. Its list is never nil.
func selectAll[T any](ctx context.Context, q querier, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	list := []T{}
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, translate(err)
		}
		list = append(list, item)
	}
	return list, translate(rows.Err())
}

// selectInt runs a query that answers one number.
func selectInt(ctx context.Context, q querier, query string, args ...any) (int, error) {
	var n sql.NullInt64 // the sum of no rows is NULL
	err := q.QueryRowContext(ctx, query, args...).Scan(&n)
	return int(n.Int64), translate(err)
}
