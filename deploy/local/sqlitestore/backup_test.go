package sqlitestore

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
)

// Promise 26: a backup that another process makes while records are written is
// whole, and holds what was acknowledged before it began.
func TestBackupUnderLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "office.db")
	db, other := openAt(t, path), openAt(t, path)
	in := addDBs(t, db, 1)[0]
	_, err := db.Personnel().Create(t.Context(), officetest.Roster(1, 5000, in)) // a copy that takes its time
	officetest.Must(t, err)
	written, stop := writeOn(t, db, in)
	defer stop()
	for written.Load() < 5 {
		time.Sleep(time.Millisecond)
	}
	before := written.Load()
	backup := filepath.Join(t.TempDir(), "backup.db")
	_, err = other.Backup(t.Context(), backup)
	during := written.Load() - before
	stop()
	officetest.Must(t, err)
	if during == 0 {
		t.Error("nothing was acknowledged while the backup was made")
	}
	copied := openAt(t, backup)
	checkTally(t, copied)
	if got := liveRecords(t, copied); got < 5000+int(before) {
		t.Errorf("the backup has %d records, but %d were there before it began", got, 5000+before)
	}
}

// writeOn writes records until it is stopped, and counts those acknowledged.
func writeOn(t *testing.T, db *DB, in office.ID) (written *atomic.Int64, stop func()) {
	t.Helper()
	written = &atomic.Int64{}
	ctx, cancel := context.WithCancel(t.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for ctx.Err() == nil {
			if _, err := add(ctx, db, in); err == nil {
				written.Add(1)
			}
		}
	})
	return written, func() { cancel(); writer.Wait() }
}

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
	db := openAt(t, path)
	dir := t.TempDir()
	_, err := db.Backup(t.Context(), filepath.Join(dir, "backup.db"))
	officetest.WantError(t, err, errDamaged)
	left, err := os.ReadDir(dir)
	officetest.Must(t, err)
	officetest.Equal(t, "the number of files that are left", len(left), 0)
}
