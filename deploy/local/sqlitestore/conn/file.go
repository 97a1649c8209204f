package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"officepay.example/deploy/local/durable"
	"officepay.example/shared/office"
)

// The suffixes of the files that SQLite puts beside a database
// (https://sqlite.org/tempfiles.html). The WAL has the latest commits.
const (
	walSuffix     = "-wal"
	shmSuffix     = "-shm"
	journalSuffix = "-journal"
)

var (
	errDamaged  = errors.New("it is damaged")
	errReadOnly = errors.New("it is read-only")
)

// resolve follows symbolic links, so that the file and those that SQLite puts beside it
// are in one place.
func resolve(path string) (string, error) {
	resolved, err := filepath.EvalSymlinks(path)
	switch {
	case err == nil:
		return resolved, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("cannot open the database: %w", err)
	}
	if target, err := os.Readlink(path); err == nil {
		return "", fmt.Errorf("%s is a link to %s, which is not there: mount it, or remove the link to start afresh", path, target)
	}
	return path, nil
}

// ensure creates a database if there is none. It never replaces a damaged one: our
// databases are never empty, because they get their names only when they are complete.
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
	return checkWAL(path)
}

// checkWAL returns an error if the WAL beside a database belongs to another one: SQLite
// would write it into the file all the same. Backups and closed databases are not in WAL
// mode; see closeWriter.
func checkWAL(path string) error {
	if !hasWAL(path) || isInWALMode(path) {
		return nil
	}
	return fmt.Errorf("%s does not belong to %s, but to the database that was here before: move it away to start with this one, "+
		"or put the other one back; nothing was changed", filepath.Base(path+walSuffix), path)
}

// hasWAL tells whether there are commits in the WAL beside a database.
func hasWAL(path string) bool {
	wal, err := os.Stat(path + walSuffix)
	return err == nil && wal.Size() > 0
}

// isInWALMode reads the header of a database file. At offset 18 it has the version of the
// file format for writing: 1, or 2 for WAL (https://sqlite.org/fileformat.html). A file
// without a header counts as in WAL mode: its fault is reported elsewhere.
func isInWALMode(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return true
	}
	defer file.Close()
	var header [19]byte
	_, err = io.ReadFull(file, header[:])
	return err != nil || header[18] != 1
}

func create(ctx context.Context, path string, migrations []Migration) error {
	if hasWAL(path) {
		return fmt.Errorf("%s is gone, but its latest changes are in %s: put it back, or move that file away too to start afresh",
			path, filepath.Base(path+walSuffix))
	}
	err := durable.File(path, func(part string) error {
		pool, err := openPool(part, 1, asWriter, nil)
		if err != nil {
			return err
		}
		err = migrate(ctx, pool, migrations)
		return errors.Join(err, closeWriter(pool)) // it removes the WAL
	})
	if err != nil && !errors.Is(err, fs.ErrExist) { // if it exists, another process was faster
		return fmt.Errorf("cannot create the database: %w", err)
	}
	return nil
}

// A file of up to smallFile is checked as a whole when it is opened, and a larger one for
// checkTime, which is enough for some 250 MB (on 2 cores). A server leaves a large file
// to CheckLarge. Every backup checks everything, and SQLite notices most damaged pages when
// it reads them.
const (
	smallFile = 32 << 20
	checkTime = 400 * time.Millisecond
)

// inspect checks the version and the structure of a file before anything is written to it,
// on a separate connection, so that its cache is freed.
func inspect(ctx context.Context, path string, version int, mayMigrate bool) error {
	pool, err := openPool(path, 1, asReader+smallCache, nil)
	if err != nil {
		return err
	}
	defer pool.Close()
	found, err := schemaVersion(ctx, pool)
	if err == nil {
		err = checkVersion(found, version, mayMigrate)
	}
	if err != nil {
		return err
	}
	limited := ctx
	if isLarge(path) {
		if mayMigrate && found == version {
			return nil // left to CheckLarge
		}
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, checkTime)
		defer cancel()
	}
	err = check(limited, pool, structure)
	if limited.Err() != nil && ctx.Err() == nil && !errors.Is(err, errDamaged) {
		return nil // no fault was found within checkTime
	}
	return err
}

const (
	smallCache = "&_pragma=cache_size(-1000)"
	structure  = "PRAGMA quick_check(1)"
)

func isLarge(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > smallFile
}

// CheckLarge checks the structure of a whole large file while others use it, which Migrate
// does not. Damage is noted as if a query had found it.
func (db *DB) CheckLarge(ctx context.Context) error {
	if !isLarge(db.path) {
		return nil
	}
	return db.checkStructure(ctx)
}

func (db *DB) checkStructure(ctx context.Context) error {
	pool, err := openPool(db.path, 1, asReader+smallCache, db.damage)
	if err != nil {
		return err
	}
	defer pool.Close()
	return db.damage.note(check(ctx, pool, structure))
}

// CheckWhole reads the whole file and returns an error if it is damaged. The connection
// must be new: to an older one, a search index that has been rebuilt since looks damaged.
func CheckWhole(ctx context.Context, q Querier) error {
	return check(ctx, q, "PRAGMA integrity_check(1)")
}

// check runs one of SQLite's checks, and returns errDamaged if it finds a fault.
func check(ctx context.Context, q Querier, pragma string) error {
	verdict, err := Select(ctx, q, ScanOne[string], pragma)
	if all := strings.Join(verdict, " "); err == nil && all != "ok" {
		err = fmt.Errorf("%w: %s", errDamaged, strings.Join(strings.Fields(all), " "))
	}
	return err
}

// checkInPlace checks that the open file still has its name. SQLite would go on writing to
// a file that was moved or removed, and everything acknowledged since would be lost. It
// must be called after a connection was used, since it looks for the WAL, which the last
// connection removes when it closes.
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
