package conn

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"officepay.example/shared/office"
)

// extendedCode is the extended result code of an error of SQLite
// (https://sqlite.org/rescode.html), or 0.
func extendedCode(err error) int {
	var failed *sqlite.Error
	if errors.As(err, &failed) {
		return failed.Code()
	}
	return 0
}

// primaryCode is the result code without the details in its higher bits.
func primaryCode(err error) int { return extendedCode(err) & 0xFF }

// isFull tells whether the disk is full. For the index of the WAL there is another code.
func isFull(err error) bool {
	code := extendedCode(err)
	return code == sqlite3.SQLITE_FULL || code == sqlite3.SQLITE_IOERR_SHMSIZE
}

// IsUniqueViolation tells whether a statement failed because a unique value is taken.
func IsUniqueViolation(err error) bool { return extendedCode(err) == sqlite3.SQLITE_CONSTRAINT_UNIQUE }

// translate adds office.ErrStorageFull or office.ErrUnavailable to an error that is no fault
// of the statement. Other errors stay as they are.
func translate(err error) error {
	if isFull(err) {
		return fmt.Errorf("%w: %w", office.ErrStorageFull, err)
	}
	switch primaryCode(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
		sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_NOMEM:
		return fmt.Errorf("%w: %w", office.ErrUnavailable, err)
	}
	return err
}

// explain tells the operator what to do about an error in opening a file.
func explain(path string, err error) error {
	if isFull(err) {
		return fmt.Errorf("there is no room left on the disk of %s (%w)", path, err)
	}
	code := primaryCode(err)
	switch {
	case isDamage(err):
		return fmt.Errorf("%s is damaged or not a database: restore a backup, or move it away to start afresh (%w)", path, err)
	case errors.Is(err, errReadOnly), code == sqlite3.SQLITE_READONLY, code == sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%s cannot be written: check its owner and permissions (%w)", path, err)
	case code == sqlite3.SQLITE_BUSY:
		return fmt.Errorf("%s is in use by another process (%w)", path, err)
	}
	return fmt.Errorf("cannot use %s: %w", path, err)
}
