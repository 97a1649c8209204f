package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Promise 35: nothing is written to a file that has lost its name, where it
// would be lost unseen.
func TestFileMovedWhileOpen(t *testing.T) {
	for name, move := range map[string]func(path string) error{
		"moved":                   func(path string) error { return os.Rename(path, path+".away") },
		"removed":                 os.Remove,
		"its latest changes gone": func(path string) error { return os.Remove(path + "-wal") },
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".away"), os.WriteFile(path, []byte("another"), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "office.db")
			db, err := Open(t.Context(), path)
			officetest.Must(t, err)
			defer db.Close()
			in := addDBs(t, db, 1)[0]
			officetest.Must(t, db.Ready(t.Context()))
			officetest.Must(t, move(path))
			_, err = add(t.Context(), db, in)
			officetest.WantError(t, err, office.ErrUnavailable)
			officetest.WantError(t, db.Ready(t.Context()), office.ErrUnavailable)
			officetest.Equal(t, "the number of records", len(page(t, db)), 0)
		})
	}
}

// Promise 35: so is nothing made in its place by a connection that is new.
func TestNewConnectionToAFileThatWasMoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	db := openAt(t, path)
	officetest.Must(t, db.ReadTx(t.Context(), func(context.Context, *conn.Tx) error {
		officetest.Equal(t, "the number of readers that are free", db.Reader.Stats().Idle, 0)
		officetest.Must(t, os.Rename(path, path+".away"))
		_, _, err := db.Personnel().After(t.Context(), everything, office.Personnel{}, 10)
		officetest.WantError(t, err, office.ErrUnavailable)
		_, err = os.Stat(path)
		officetest.WantError(t, err, fs.ErrNotExist)
		return nil
	}))
}

// Promise 35: a page that is damaged while it is served makes its readers fail,
// and is never an empty list or another record.
func TestDamagedPageIsNeverAnAnswer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	db := openAt(t, path)
	in := addDBs(t, db, 1)[0]
	_, err := db.Personnel().Create(t.Context(), officetest.Roster(1, 500, in), office.Edit{})
	officetest.Must(t, err)
	root, err := conn.Int(t.Context(), db.Reader, "SELECT rootpage FROM sqlite_master WHERE name = 'personnels'")
	officetest.Must(t, err)
	other, err := sql.Open("sqlite", path)
	officetest.Must(t, err)
	defer other.Close()
	_, err = other.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
	officetest.Must(t, err)
	overwrite(t, path, int64(root-1)*4096)
	_, _, err = db.Personnel().After(t.Context(), everything, office.Personnel{}, 1000)
	officetest.WantError(t, err, office.ErrUnavailable)
}

func overwrite(t *testing.T, path string, at int64) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	officetest.Must(t, err)
	_, err = file.WriteAt(make([]byte, 4096), at)
	officetest.Must(t, errors.Join(err, file.Close()))
}
