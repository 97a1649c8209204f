// Package conn opens the SQLite file, runs statements and transactions on it, and explains
// its errors. It knows nothing about the tables.
package conn

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"

	"officepay.example/shared/metrics"
	"officepay.example/shared/office"
)

// DB is an open database file. It has one writer, because SQLite allows one at a time, and
// a pool of readers, which see the last commit and never wait for the writer.
type DB struct {
	Reader  *Pool // for single queries; it cannot write
	writer  *Pool
	group   *group
	cache   *cache
	path    string
	damage  *damage
	version int         // of the schema
	file    os.FileInfo // of the open file
	onBusy  func()      // see WaitWhenBusy
}

const (
	// readers is how many queries read at a time.
	readers = 4
	// cacheSize is how many KB of the file each connection caches: few enough that a server
	// with GOMEMLIMIT=200MiB, of which Go gets three quarters, stays below 256 MB.
	cacheSize = 5 << 10
	// busyTimeout is how long to wait for another process that writes, such as a command
	// that runs beside the server.
	busyTimeout = 5 * time.Second
	// busyTries is how often WaitWhenBusy waits that long.
	busyTries = 24
)

// Open opens the database file, or creates one if there is none. It does not touch a file
// that is damaged, belongs to another program, or has another version.
func Open(ctx context.Context, path string, migrations []Migration) (*DB, error) {
	return openDB(ctx, path, migrations, false)
}

// Migrate is Open, but brings a file of an older version up to date.
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
	if err == nil && mayMigrate { // otherwise inspect has found this version
		err = migrate(ctx, db.writer, migrations)
	}
	if err != nil {
		db.Close()
		return nil, explain(path, err)
	}
	return db, nil
}

func (db *DB) connect(ctx context.Context) error {
	file, err := os.OpenFile(db.path, os.O_RDWR, 0)
	if err != nil { // SQLite would silently open it read-only
		return fmt.Errorf("%w: %w", errReadOnly, err)
	}
	db.file, err = file.Stat()
	file.Close() // now: later it would also end the locks that SQLite has on the file
	if err != nil {
		return err
	}
	if db.writer, err = openPool(db.path, 1, asWriter, db.damage); err != nil {
		return err
	}
	if db.Reader, err = openPool(db.path, readers, asReader, db.damage); err != nil {
		return err
	}
	// isInUse recognizes the file as open only once it has been read.
	if _, err := schemaVersion(ctx, db.writer); err != nil {
		return err
	}
	if db.cache, err = openCache(ctx, db); err != nil {
		return err
	}
	db.group = &group{runTx: db.WriteTx, turn: make(chan struct{}, 1)}
	metrics.Func("office_sqlite_wal_bytes", "The size of the WAL beside the database.", func() float64 {
		info, err := os.Stat(db.path + walSuffix)
		if err != nil {
			return 0
		}
		return float64(info.Size())
	})
	return nil
}

// The options of a connection. The writer puts the file into WAL mode, in which it stays
// while anybody has it open.
const (
	asWriter = "_pragma=journal_mode(WAL)"
	asReader = "_pragma=query_only(true)"
)

// openPool opens a pool of connections to an existing file. Every commit is on the disk
// before it is answered: WAL with synchronous FULL. What is deleted is overwritten, so
// that no account number survives in a free page. Damage is noted in damage.
func openPool(path string, connections int, options string, damage *damage) (*Pool, error) {
	// Unlike the default locks, OFD locks are not lost when other code closes the file.
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
	pool := sql.OpenDB(preparingConnector{connector, damage})
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return &Pool{pool}, nil
}

// WaitWhenBusy makes writes wait up to two minutes for another process that writes, and
// call say each time busyTimeout has passed.
func (db *DB) WaitWhenBusy(say func()) { db.onBusy = say }

// Close closes the file. What was committed is in it.
func (db *DB) Close() error {
	var errs []error
	if db.cache != nil {
		errs = append(errs, db.cache.anchor.Close())
		defer db.cache.index.Close() // last: closing it ends the locks that SQLite has on the index
	}
	if db.Reader != nil {
		errs = append(errs, db.Reader.Close())
	}
	if db.writer != nil {
		errs = append(errs, closeWriter(db.writer))
	}
	return errors.Join(errs...)
}

// closeWriter takes the file out of WAL mode, unless another process has it open, and
// closes it. So a WAL beside a file that is not in WAL mode never belongs to it; see
// checkWAL.
func closeWriter(pool *Pool) error {
	_, _ = pool.Exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE")
	return pool.Close()
}

// Version is the version of the schema.
func (db *DB) Version() int { return db.version }

// Ready returns nil if the file can be read, is still in place, and has not been found
// damaged.
func (db *DB) Ready(ctx context.Context) error {
	if err := db.damage.check(); err != nil {
		return err
	}
	return db.checkUnchanged(ctx, db.Reader)
}

// checkUnchanged checks that the file is still in place, and still has the version of this
// program: if another program has migrated it, this one must not write to it.
func (db *DB) checkUnchanged(ctx context.Context, q Querier) error {
	version, err := Int(ctx, q, "PRAGMA user_version")
	if err != nil {
		return err
	}
	if version != db.version {
		return fmt.Errorf("%w: the database now has version %d, but this program needs version %d: start the program that has migrated it",
			office.ErrUnavailable, version, db.version)
	}
	return db.checkInPlace()
}
