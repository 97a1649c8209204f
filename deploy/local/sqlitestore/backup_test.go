package sqlitestore

import (
	"os"
	"path/filepath"
	"testing"

	"officepay.example/shared/office/officetest"
)

// loseEntries makes an index of a database miss entries, in a way that only a
// whole check sees.
func loseEntries(t *testing.T, path string) {
	t.Helper()
	db, err := Open(t.Context(), path)
	officetest.Must(t, err)
	defer db.Close()
	in := addDBs(t, db, 1)[0]
	_, err = db.Personnel().Create(t.Context(), officetest.Roster(1, 10, in))
	officetest.Must(t, err)
	_, err = db.writer.ExecContext(t.Context(), `PRAGMA writable_schema = ON;
		UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', 'NULL') WHERE name = 'personnels_deleted'`)
	officetest.Must(t, err)
}

// Promise 26: a backup of what is damaged fails and leaves nothing, where a
// start has seen no damage.
func TestBackupOfADamagedDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	loseEntries(t, path)
	db, err := Open(t.Context(), path)
	officetest.Must(t, err)
	defer db.Close()
	dir := t.TempDir()
	_, err = db.Backup(t.Context(), filepath.Join(dir, "backup.db"))
	officetest.WantError(t, err, errDamaged)
	left, err := os.ReadDir(dir)
	officetest.Must(t, err)
	officetest.Equal(t, "the number of files that are left", len(left), 0)
}
