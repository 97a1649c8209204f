package conn

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	sqlite3 "modernc.org/sqlite/lib"

	"officepay.example/shared/office"
)

// damage remembers that an open file was found damaged. From then on nothing is written to
// it: acknowledged writes might be lost, and the next start would refuse the file. What can
// still be read is read.
type damage struct {
	path  string
	found atomic.Pointer[error]
}

// note returns the error. It keeps and logs the first one that means damage. A nil damage
// notes nothing.
func (d *damage) note(err error) error {
	if err == nil || d == nil || !isDamage(err) || !d.found.CompareAndSwap(nil, &err) {
		return err
	}
	slog.Error("the database is damaged, and nothing more is written to it: stop the server, keep a copy of its "+
		"directory, run the command verify to see what is damaged, and restore a backup", "path", d.path, "error", err.Error())
	return err
}

func isDamage(err error) bool {
	code := primaryCode(err)
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB || errors.Is(err, errDamaged)
}

// check returns office.ErrUnavailable once damage was found.
func (d *damage) check() error {
	if found := d.found.Load(); found != nil {
		return fmt.Errorf("%w: the database was found damaged: %w", office.ErrUnavailable, *found)
	}
	return nil
}
