package sqlitestore

import (
	"path/filepath"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Promise 28: a file that another process has for too long is a fault of the
// store, to try again, and none of the program.
func TestAnotherProcessHasTheFileForTooLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	db, other := openAt(t, path), openAt(t, path)
	in := addDBs(t, db, 1)[0]
	_, err := db.writer.ExecContext(t.Context(), "PRAGMA busy_timeout = 10")
	officetest.Must(t, err)
	officetest.Must(t, other.change(t.Context(), func(*transaction) error {
		_, err := add(t.Context(), db, in)
		officetest.WantError(t, err, office.ErrUnavailable)
		return nil
	}))
	_, err = add(t.Context(), db, in)
	officetest.Must(t, err)
}
