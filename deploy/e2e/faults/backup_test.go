package faults

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// load is what goes on while backups are made: records one by one, and
// uploads.
type load struct {
	r  *rig.Rig
	db string

	mu    sync.Mutex
	acked map[string]bool // army numbers
}

// write writes until it is told to stop.
func (l *load) write(t *testing.T, stop <-chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		rows, key := rig.Records(l.db, 1), rig.Unique("UPLOAD")
		if i%10 == 0 {
			rows = rig.Records(l.db, uploadSize(l.r))
		}
		for n, row := range rows {
			row["army_number"] = fmt.Sprint(key, "/", n)
		}
		res, err := l.r.Admin.Call(t.Context(), "POST", "/personnels/upload", rows)
		if err != nil || res.Status != 201 {
			t.Errorf("an upload beside a backup: %d %s %v", res.Status, res.Message, err)
			return
		}
		l.acknowledge(rows)
	}
}

func (l *load) acknowledge(rows []rig.Fields) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, row := range rows {
		l.acked[row["army_number"].(string)] = true
	}
}

// acknowledged is what was acknowledged so far.
func (l *load) acknowledged() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.acked)
}

// await waits until that many records are acknowledged, and returns them.
func (l *load) await(t *testing.T, count int) map[string]bool {
	t.Helper()
	eventually(t, patience, func() error {
		if n := len(l.acknowledged()); n < count {
			return fmt.Errorf("only %d records were acknowledged", n)
		}
		return nil
	})
	return l.acknowledged()
}

// TestBackupUnderLoad is promise 26: a backup that is made while others write can be
// served, with all that was acknowledged before it began.
func TestBackupUnderLoad(t *testing.T) {
	for range rig.Rounds(3, 10) {
		backUpUnderLoad(t)
	}
}

// backUpUnderLoad begins with an empty database: what the writers add while a
// large one is copied would make the next round ever longer.
func backUpUnderLoad(t *testing.T) {
	r := rig.AllInOne(t)
	l := &load{r: r, db: r.NewDB(), acked: map[string]bool{}}
	stop, dir := make(chan struct{}), t.TempDir()
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() { l.write(t, stop) })
	}
	end := sync.OnceFunc(func() {
		close(stop)
		writers.Wait()
	})
	defer end()
	before := l.await(t, 500)
	count := len(before)
	backUp(t, r, filepath.Join(dir, "office.db"))
	end()
	wantServed(t, dir, l.db, before)
	rig.Report(t, 26, "a backup made beside 4 writers has the %d records that were acknowledged before it, of %d in all", count, len(l.acknowledged()))
}

// wantServed serves a backup, logs in to it, and checks what is in it.
func wantServed(t *testing.T, dir, db string, acknowledged map[string]bool) {
	t.Helper()
	restored := rig.AllInOne(t, "DATA_DIR="+dir)
	rows := map[string]int{}
	list := get[[]client.Record](t, restored, "/personnels?db_id="+db)
	for _, record := range list {
		upload, _, _ := strings.Cut(record.ArmyNumber, "/")
		rows[upload]++
		delete(acknowledged, record.ArmyNumber)
	}
	if len(acknowledged) > 0 {
		t.Errorf("the backup lacks %d acknowledged records", len(acknowledged))
	}
	for upload, count := range rows {
		if count != 1 && count != uploadSize(restored) {
			t.Errorf("the backup has %d rows of the upload %s", count, upload)
		}
	}
	wantTotals(t, restored, db, len(list))
	if _, err := client.Send[client.Record](t.Context(), restored.Admin, "POST", "/personnels", rig.Record(db)); err != nil {
		t.Errorf("a write to the restored backup: %v", err)
	}
	if err := restored.Serving[0].Stop(); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "office.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup is for more than its owner: %v (%v)", info.Mode(), err)
	}
}
