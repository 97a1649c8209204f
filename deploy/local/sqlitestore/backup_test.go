package sqlitestore

import (
	"context"
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
	_, err := db.Personnel().Create(t.Context(), officetest.Roster(1, 2000, in), office.Edit{}) // a copy that takes its time
	officetest.Must(t, err)
	written, stop := writeOn(t, db, in)
	defer stop()
	for written.Load() < 5 {
		time.Sleep(time.Millisecond)
	}
	var backup string
	var before, during int64
	for range 20 { // on a busy machine the writer may have no turn during the first
		before, backup = written.Load(), filepath.Join(t.TempDir(), "backup.db")
		_, err = other.Backup(t.Context(), backup)
		officetest.Must(t, err)
		if during = written.Load() - before; during > 0 {
			break
		}
	}
	stop()
	if during == 0 {
		t.Error("nothing was acknowledged while a backup was made")
	}
	copied := openAt(t, backup)
	checkTally(t, copied)
	if got := liveRecords(t, copied); got < 2000+int(before) {
		t.Errorf("the backup has %d records, but %d were there before it began", got, 2000+before)
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
