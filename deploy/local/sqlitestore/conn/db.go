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
	sqlite3 "modernc.org/sqlite/lib"

	"officepay.example/shared/metrics"
	"officepay.example/shared/office"
)

// DB is an open database file. There is one writer, because SQLite allows one at a
// time, and a pool of readers, which see the last commit and never wait.
type DB struct {
	Reader  *sql.DB // for single queries; it cannot write
	writer  *sql.DB
	group   *group
	path    string
	damage  *damage
	version int         // of the schema
	file    os.FileInfo // of the file that is open
	onBusy  func()      // what to say while another process writes; nil not to wait longer than busyTimeout
}

const (
	// readers is how many queries read at a time.
	readers = 4
	// cacheSize is how many KB of the file each connection keeps in memory.
	cacheSize = 16 << 10
	// busyTimeout is how long to wait for another process that has the file,
	// such as a command that runs beside the server.
	busyTimeout = 5 * time.Second
	// busyTries is how often somebody with patience waits that long.
	busyTries = 24
)

// Open opens the database file, and creates it if there is none. It does not touch
// a file that is damaged, not one of ours, or of another version.
func Open(ctx context.Context, path string, migrations []Migration) (*DB, error) {
	return openDB(ctx, path, migrations, false)
}

// Migrate is Open, and brings a file of an older version up to date.
func Migrate(ctx context.Context, path string, migrations []Migration) (*DB, error) {
	return openDB(ctx, path, migrations, true)
}

func openDB(ctx context.Context, path string, migrations []Migration, mayMigrate bool) (*DB, error) {
	path, err := resolve(path)
	if err == nil {
		err = ensure(ctx, path, migrations)
	}
	if err != nil {
		return nil, err
	}
	db := &DB{path: path, damage: &damage{path: path}, version: len(migrations)}
	if err = inspect(ctx, path, db.version, mayMigrate); err == nil {
		err = db.connect(ctx)
	}
	if err == nil && mayMigrate { // the other files are of this version
		err = migrate(ctx, db.writer, migrations)
	}
	if err != nil {
		db.Close()
		return nil, explain(path, err)
	}
	return db, nil
}

func (db *DB) connect(ctx context.Context) (err error) {
	if db.writer, err = connect(db.path, 1, asWriter, db.damage); err != nil {
		return err
	}
	if db.Reader, err = connect(db.path, readers, asReader, db.damage); err != nil {
		return err
	}
	if err := checkWritable(ctx, db.writer); err != nil {
		return err
	}
	// Only who has read has the file open in the eyes of a restore.
	if _, err := schemaVersion(ctx, db.writer); err != nil {
		return err
	}
	db.group = newGroup(db.WriteTx)
	metrics.Func("office_sqlite_wal_bytes", "The size of the WAL beside the database.", func() float64 {
		info, err := os.Stat(db.path + walSuffix)
		if err != nil {
			return 0
		}
		return float64(info.Size())
	})
	db.file, err = os.Stat(db.path)
	return err
}

// What a connection is for. The writer puts the file into WAL mode, in which it
// stays for as long as somebody has it open.
const (
	asWriter = "_txlock=immediate&_pragma=journal_mode(WAL)"
	asReader = "_pragma=query_only(true)"
)

// connect opens a pool of connections to a file that exists. Every commit is
// on the disk before it is answered: WAL with synchronous FULL. What is deleted is
// overwritten, so that no account number survives in a page that is free. Damage that they come
// upon is noted.
func connect(path string, connections int, options string, found *damage) (*sql.DB, error) {
	// Where there are such locks, they outlive other code that closes the file.
	_, _ = sqlite.OFDLocking(true)
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file := url.URL{Scheme: "file", Path: absolute, RawQuery: fmt.Sprintf(
		"mode=rw&_pragma=busy_timeout(%d)&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-%d)&%s",
		busyTimeout.Milliseconds(), cacheSize, options)}
	connector, err := sqlite.NewConnector(file.String())
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(preparing{connector, found})
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool, nil
}

// WaitWhenBusy lets whoever writes wait for another process that does, for minutes, and
// say so.
func (db *DB) WaitWhenBusy(say func()) { db.onBusy = say }

// Close closes the file. What was committed is in it.
func (db *DB) Close() error {
	var errs []error
	if db.Reader != nil {
		errs = append(errs, db.Reader.Close())
	}
	if db.writer != nil {
		errs = append(errs, closeWriter(db.writer))
	}
	return errors.Join(errs...)
}

// closeWriter takes the file out of WAL mode, unless somebody else has it open,
// and closes it. So a WAL beside a file that is not in WAL mode is never its own:
// see checkWAL.
func closeWriter(pool *sql.DB) error {
	_, _ = pool.Exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE")
	return pool.Close()
}

// Version is that of the schema.
func (db *DB) Version() int { return db.version }

// Ready tells whether the file can be read, and is what it was, and whole as far as is
// known.
func (db *DB) Ready(ctx context.Context) error {
	if err := db.damage.check(); err != nil {
		return err
	}
	return db.checkUnchanged(ctx, db.Reader)
}

// checkUnchanged tells whether the file is where it was, and of the version of this
// program: another one may have migrated it, and what this one writes would not fit
// any more.
func (db *DB) checkUnchanged(ctx context.Context, q Querier) error {
	version, err := Int(ctx, q, "PRAGMA user_version")
	if err != nil {
		return err
	}
	if version != db.version {
		return fmt.Errorf("%w: the database is now of version %d, and this program is for version %d: start the program that has migrated it",
			office.ErrUnavailable, version, db.version)
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

// ScratchTx is ReadTx on a connection of its own, which may have temporary tables.
func (db *DB) ScratchTx(ctx context.Context, do Do) error {
	pool, err := connect(db.path, 1, "", db.damage)
	if err != nil {
		return err
	}
	defer pool.Close()
	return withTx(ctx, pool, do)
}

// WriteTx runs one transaction that has the database for itself: all that do
// does is kept, on disk, when it returns nil, and nothing otherwise.
func (db *DB) WriteTx(ctx context.Context, do Do) error {
	write := func(ctx context.Context, tx *sql.Tx) error {
		err := do(ctx, tx)
		if err == nil {
			err = db.damage.check() // also of what it has read itself
		}
		if err != nil {
			return err
		}
		return db.checkUnchanged(ctx, tx)
	}
	err := withTx(ctx, db.writer, write)
	for tries := 1; db.onBusy != nil && tries < busyTries && codeOf(err) == sqlite3.SQLITE_BUSY; tries++ {
		db.onBusy()
		err = withTx(ctx, db.writer, write)
	}
	return err
}

// GroupWriteTx is WriteTx for what is small and comes often: such transactions
// share commits. The context that do gets does not end.
func (db *DB) GroupWriteTx(ctx context.Context, do Do) error { return db.group.writeTx(ctx, do) }

// Do is what happens in a transaction.
type Do func(ctx context.Context, tx *sql.Tx) error

var commits = metrics.Histogram("office_sqlite_commit_seconds", "How long commits took to be on the disk.")

func withTx(ctx context.Context, pool *sql.DB, do Do) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err == nil {
		defer tx.Rollback() // does nothing after a commit
		if err = do(ctx, tx); err == nil {
			begun := time.Now()
			err = tx.Commit()
			commits.Of().Observe(time.Since(begun))
		}
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // database/sql has many errors for this
	}
	return translate(err)
}
