package faults

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// entry is one of a history.
type entry struct {
	Revision int
	Action   string
	Changes  []struct{ Field, From, To string }
}

// wantHistories checks that no change of a database's records is without its entry,
// and no entry without its change: of every record that was made alone, live or
// deleted, and of one of each upload.
func wantHistories(t *testing.T, r *rig.Rig, db string, live []client.Record) {
	t.Helper()
	deleted := get[client.List[client.Record]](t, r, "/personnels/db/"+db+"/trash?limit=10000").Data
	seen := map[string]bool{}
	for _, record := range append(deleted, live...) {
		if upload, _, isRow := strings.Cut(record.ArmyNumber, "/"); !isRow || !seen[upload] {
			wantHistory(t, r, record, "rank", "Cpl", record.Rank)
			seen[upload] = true
		}
	}
}

// wantHistory follows a field over the history of a record, from its first value to
// its last one.
func wantHistory(t *testing.T, r *rig.Rig, record client.Record, field, first, last string) (values []string) {
	t.Helper()
	history := get[client.List[entry]](t, r, "/personnels/history/"+record.ID+"?limit=10000").Data
	if len(history) != record.Revision {
		t.Errorf("record %s has the revision %d, and %d entries", record.ID, record.Revision, len(history))
	}
	value := first
	for i := range history {
		e := history[len(history)-1-i]
		if e.Revision != i+1 || (e.Action == "created") != (i == 0) || record.IsDeleted != (history[0].Action == "deleted") {
			t.Errorf("record %s, deleted %v: entry %d is %+v", record.ID, record.IsDeleted, i, e)
		}
		for _, change := range e.Changes {
			if change.Field != field || change.From != value {
				t.Errorf("record %s: from %s=%q, entry %d goes from %q", record.ID, field, value, i, change.From)
			}
			value = change.To
			values = append(values, value)
		}
	}
	if value != last {
		t.Errorf("record %s: its history ends with %q, and it has %q", record.ID, value, last)
	}
	return values
}

// TestKilledUnderChangesOfOneRecord is promise 47: many change one record, and its
// process and the database are killed meanwhile. What was acknowledged has its entry,
// once, and each entry begins where the one before ended.
func TestKilledUnderChangesOfOneRecord(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, start rig.Start) {
		r := start(t)
		const clients = 8
		each := 25
		if r.Stack != nil {
			each = 6 // the embedded database makes one change at a time
		}
		fields := rig.Record(r.NewDB())
		record, err := client.Send[client.Record](t.Context(), r.Admin, "POST", "/personnels", fields)
		if err != nil {
			t.Fatal(err)
		}
		var acked atomic.Int64
		var values sync.Map // by what was sent, whether it was acknowledged
		third, twoThirds := make(chan struct{}), make(chan struct{})
		var changing sync.WaitGroup
		for i := range clients {
			changing.Go(func() {
				for n := range each {
					value := fmt.Sprintf("%d-%d", i, n)
					res, err := r.Admin.Call(context.Background(), "PATCH", "/personnels/"+record.ID, rig.Fields{"acct_number": value})
					values.Store(value, err == nil && res.OK())
					if err != nil || !res.OK() {
						time.Sleep(50 * time.Millisecond) // it is being started again
						continue
					}
					switch acked.Add(1) {
					case int64(clients * each / 6):
						close(third)
					case int64(clients * each / 3):
						close(twoThirds)
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { changing.Wait(); close(done) }()
		for i, when := range []chan struct{}{third, twoThirds} {
			select {
			case <-when:
			case <-done:
			}
			for _, process := range victims(r)[i] {
				process.Kill()
				if err := process.Start(); err != nil {
					t.Fatal(err)
				}
			}
			r.AwaitReady(patience)
		}
		<-done
		record = get[client.Record](t, r, "/personnels/"+record.ID)
		count := map[string]int{}
		for _, value := range wantHistory(t, r, record, "acct_number", fields["acct_number"].(string), record.AcctNumber) {
			count[value]++
		}
		values.Range(func(value, isAcked any) bool {
			if n := count[value.(string)]; n > 1 || isAcked.(bool) && n == 0 {
				t.Errorf("%s was acknowledged: %v, and has %d entries", value, isAcked, n)
			}
			return true
		})
		rig.Report(t, 47, "%d changes of one record during 2 kills, %d acknowledged, revision %d, an entry for each", clients*each, acked.Load(), record.Revision)
	})
}
