package conn

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"officepay.example/deploy/local/durable"
	"officepay.example/shared/office"
)

// walSuffix ends the name of the file that holds the latest commits
// (https://sqlite.org/wal.html).
const walSuffix = "-wal"

var (
	errDamaged  = errors.New("it is damaged")
	errReadOnly = errors.New("it is read-only")
)

// ensure creates a database where there is none. It never creates one in the
// place of a damaged one: a database of ours is never empty, because it gets its
// name only when it is complete.
func ensure(ctx context.Context, path string, migrations []Migration) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return create(ctx, path, migrations)
	case err != nil:
		return fmt.Errorf("cannot open the database: %w", err)
	case info.IsDir():
		return fmt.Errorf("%s is a directory where the database should be: move it away", path)
	case info.Size() == 0:
		return fmt.Errorf("%s is empty: restore a backup, or remove it to start afresh (%w)", path, errDamaged)
	}
	return nil
}

func create(ctx context.Context, path string, migrations []Migration) error {
	if left, err := os.Stat(path + walSuffix); err == nil && left.Size() > 0 {
		return fmt.Errorf("%s is gone, but its latest changes are in %s: put it back, or move both away to start afresh",
			path, filepath.Base(path+walSuffix))
	}
	err := durable.File(path, func(part string) error {
		pool, err := connect(part, 1, "_txlock=immediate")
		if err != nil {
			return err
		}
		err = migrate(ctx, pool, migrations)
		return errors.Join(err, pool.Close()) // closing it removes the WAL
	})
	if err != nil && !errors.Is(err, fs.ErrExist) { // another process was faster
		return fmt.Errorf("cannot create the database: %w", err)
	}
	return nil
}

// checkWritable returns errReadOnly when SQLite has opened the file for
// reading only, which it does silently where it may not write.
func checkWritable(ctx context.Context, pool *sql.DB) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		readOnly, err := driver.(sqliteConn).IsReadOnly("main")
		if err == nil && readOnly {
			err = errReadOnly
		}
		return err
	})
}

// checkTime is how long the check at a start may take. It reads some 250 MB in
// that time, 700,000 records (measured on 2 cores; see the README of the
// all-in-one). Every backup checks the rest of a larger file, and SQLite
// mostly notices a damaged page when it reads it.
const checkTime = 400 * time.Millisecond

// checkQuickly checks as much of the database as there is time for, on a connection
// that is closed with its cache, and returns errDamaged when it finds a fault.
func checkQuickly(ctx context.Context, path string) error {
	pool, err := connect(path, 1, "_pragma=query_only(true)&_pragma=cache_size(-1000)")
	if err != nil {
		return err
	}
	defer pool.Close()
	limited, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	err = check(limited, pool, "PRAGMA quick_check(1)")
	if limited.Err() != nil && ctx.Err() == nil && !errors.Is(err, errDamaged) {
		return nil
	}
	return err
}

// checkWhole checks a whole database file and returns errDamaged when it finds a
// fault.
func checkWhole(ctx context.Context, path string) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	file := url.URL{Scheme: "file", Path: absolute, RawQuery: "mode=ro"} // any character may be in a path
	pool, err := sql.Open("sqlite", file.String())
	if err != nil {
		return err
	}
	defer pool.Close()
	return check(ctx, pool, "PRAGMA integrity_check(1)")
}

func check(ctx context.Context, q Querier, pragma string) error {
	verdict, err := Get(ctx, q, errDamaged, ScanText, pragma)
	if err == nil && verdict != "ok" {
		err = fmt.Errorf("%w: %s", errDamaged, strings.Join(strings.Fields(verdict), " "))
	}
	return err
}

// checkInPlace tells whether the file that is open is still the one with its
// name. SQLite would go on writing to one that was moved or removed, and
// everything answered meanwhile would be lost. It must be called after a
// connection has been used: the last one that closes takes the WAL with it.
func (db *DB) checkInPlace() error {
	now, err := os.Stat(db.path)
	if err == nil && !os.SameFile(now, db.file) {
		err = errors.New("another file has its name")
	}
	if err == nil {
		_, err = os.Stat(db.path + walSuffix)
	}
	if err != nil {
		return fmt.Errorf("%w: the database was moved or replaced while it was open; put it back, or restart: %w", office.ErrUnavailable, err)
	}
	return nil
}
