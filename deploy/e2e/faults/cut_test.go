package faults

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// Promises 21 and 28: what is in flight when the database goes is never
// answered as done when it is not. An unknown outcome is a 503.
func TestWritesAtACut(t *testing.T) {
	t.Parallel()
	r := rig.ImpatientStack(t)
	outages := outages(t, r)
	for round := range rig.Rounds(len(outages), 2*len(outages)) {
		outage := outages[round%len(outages)]
		w := &writing{r: r, db: r.NewDB(), kept: map[string]bool{}}
		w.begin(t, 8)
		w.await(t)
		outage.begin()
		w.end()
		outage.end()
		kept, deleted := w.wantKept(t)
		rig.Report(t, 28, "%s: %d answered writes and %d deletions are kept", outage.name, kept, deleted)
	}
}

// writing is a crowd of clients that write until they are told that they
// cannot.
type writing struct {
	r       *rig.Rig
	db      string
	running sync.WaitGroup

	mu   sync.Mutex
	kept map[string]bool // answered records by army number; false means deleted
}

func (w *writing) begin(t *testing.T, clients int) {
	for i := range clients {
		write := w.create
		switch i % 4 {
		case 0:
			write = w.upload
		case 1:
			write = w.createAndDelete
		}
		w.running.Go(func() {
			for write(t) {
			}
		})
	}
}

// await waits until work is under way: some writes and some deletions are answered.
func (w *writing) await(t *testing.T) {
	t.Helper()
	eventually(t, 20*time.Second, func() error {
		w.mu.Lock()
		defer w.mu.Unlock()
		kept, deleted := w.count()
		if kept < 10 || deleted < 3 {
			return fmt.Errorf("only %d writes and %d deletions were answered", kept, deleted)
		}
		return nil
	})
}

func (w *writing) count() (kept, deleted int) {
	for _, isThere := range w.kept {
		if isThere {
			kept++
		} else {
			deleted++
		}
	}
	return kept, deleted
}

// end waits until every client has been told that it cannot write.
func (w *writing) end() { w.running.Wait() }

// isDone makes a call and tells whether it was done. Everything but done and
// a 503 in time is a fault.
func (w *writing) isDone(t *testing.T, c call, done int, limit time.Duration) bool {
	a := c.send(t.Context(), w.r.Admin, false)
	if a.err == nil && a.Status == done {
		return true
	}
	if err := a.checkUnavailableWithin(limit); err != nil {
		t.Errorf("%v: %v: %s", c, err, a.Message)
	}
	return false
}

func (w *writing) note(isThere bool, records ...rig.Fields) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, record := range records {
		w.kept[record["army_number"].(string)] = isThere
	}
}

func (w *writing) create(t *testing.T) bool {
	record := rig.Record(w.db)
	done := w.isDone(t, call{"POST", "/personnels", record}, http.StatusCreated, outageLimit)
	if done {
		w.note(true, record)
	}
	return done
}

func (w *writing) upload(t *testing.T) bool {
	records := rig.Records(w.db, 5)
	// It may have waited for one that went in, and then was not compared in time.
	done := w.isDone(t, call{"POST", "/personnels/upload", records}, http.StatusCreated, 2*outageLimit)
	if done {
		w.note(true, records...)
	}
	return done
}

func (w *writing) createAndDelete(t *testing.T) bool {
	record := rig.Record(w.db)
	a := call{"POST", "/personnels", record}.send(t.Context(), w.r.Admin, false)
	var made client.Record
	if a.err != nil || a.Status != http.StatusCreated || a.Into(&made) != nil {
		if err := a.checkUnavailable(); err != nil {
			t.Errorf("a record to delete: %v: %s", err, a.Message)
		}
		return false
	}
	done := w.isDone(t, call{"DELETE", "/personnels/" + made.ID, nil}, http.StatusOK, outageLimit)
	if done {
		w.note(false, record)
	}
	return done
}

// wantKept waits for the database and looks for all that was answered.
func (w *writing) wantKept(t *testing.T) (kept, deleted int) {
	t.Helper()
	var records []client.Record
	eventually(t, recoveryLimit, func() (err error) {
		records, err = client.Get[[]client.Record](t.Context(), w.r.Admin, "/personnels?db_id="+w.db)
		return err
	})
	there := map[string]bool{}
	for _, record := range records {
		there[record.ArmyNumber] = true
	}
	for number, want := range w.kept {
		if there[number] != want {
			t.Errorf("%s: it is there: %v, and was answered so: %v", number, there[number], want)
		}
	}
	return w.count()
}
