package faults

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
)

// office is a database with records and a user who may see it.
type office struct {
	r    *rig.Rig
	id   string
	size int
	user *client.Client
}

func newOffice(t *testing.T, r *rig.Rig, size int) office {
	t.Helper()
	o := office{r: r, id: r.NewDB(), size: size}
	if _, err := client.Send[client.Upload](t.Context(), r.Admin, "POST", "/personnels/upload", rig.Records(o.id, size)); err != nil {
		t.Fatal(err)
	}
	o.user = r.NewUser(o.id)
	return o
}

// delete deletes the database and returns the status of the answer, or 0.
func (o office) delete(t *testing.T) int {
	res, err := o.r.Admin.Call(t.Context(), "DELETE", "/admin/dbs/"+o.id, nil)
	if err != nil {
		return 0
	}
	return res.Status
}

// records is the number of records that are seen, or -1 where no database is.
func (o office) records(t *testing.T) int {
	t.Helper()
	res := patiently(t, o.r, "GET", "/personnels/db/"+o.id+"?limit=1", nil)
	var page client.List[client.Record]
	switch {
	case res.Status == 404:
		return -1
	case !res.OK() || res.Into(&page) != nil:
		t.Fatalf("the list of a database: %d %s", res.Status, res.Message)
	}
	return page.Meta.Total
}

// TestDeletionKilled is promise 24: whatever is killed at whatever moment, a database is
// there completely or not at all. The next start of what was killed completes the
// deletion, and so does the same call. A kill may come after the answer, and then shows
// nothing: there are more until some have come before it.
func TestDeletionKilled(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, start rig.Start) {
		const fewest, most = 2, 40 // deletions to be stopped, and rounds
		r := start(t)
		whole := timeOfDeletion(t, r)
		keeps := newOffice(t, r, 5) // which must not change
		rounds, stopped := 0, 0
		for ; rounds < rig.Rounds(4, 20) || stopped < fewest && rounds < most; rounds++ {
			o := newOffice(t, r, 600)
			if o.deleteAndKill(t, r, killer(r, rounds), rand.N(whole)) {
				stopped++
			}
			o.mustDelete(t)
			if left := keeps.records(t); left != 5 {
				t.Errorf("another database has %d records of 5", left)
			}
		}
		if stopped < fewest {
			t.Errorf("only %d of %d deletions were stopped", stopped, rounds)
		}
		rig.Report(t, 24, "%d of %d deletions stopped by a kill, each completed", stopped, rounds)
	})
}

// timeOfDeletion is how long a deletion takes that nobody stops.
func timeOfDeletion(t *testing.T, r *rig.Rig) time.Duration {
	t.Helper()
	o := newOffice(t, r, 600)
	begin := time.Now()
	if status := o.delete(t); status != 200 {
		t.Fatalf("a deletion is answered with %d", status)
	}
	took := time.Since(begin)
	o.mustDelete(t)
	return took
}

// killer is what to kill: the process that deletes, or the database below.
func killer(r *rig.Rig, round int) *stack.Process {
	switch {
	case r.Stack == nil:
		return r.Serving[0]
	case round%2 == 0:
		return r.Stack.Process("admin")
	}
	return r.Database
}

// deleteAndKill kills a process while it deletes, starts it again, and tells
// whether the deletion had no answer.
func (o office) deleteAndKill(t *testing.T, r *rig.Rig, process *stack.Process, after time.Duration) bool {
	t.Helper()
	answered := make(chan int)
	go func() { answered <- o.delete(t) }()
	time.Sleep(after)
	process.Kill()
	status := <-answered
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	r.AwaitReady(patience)
	if seen := o.records(t); seen != -1 && (seen != o.size || status == 200) {
		t.Errorf("after a deletion with the status %d, %d records of %d are seen", status, seen, o.size)
	} else if seen == -1 && process != r.Database { // the start completes what the process had begun
		o.wantGone(t)
	}
	return status != 200
}

// mustDelete deletes the database, or what is left of it, and checks that it
// is gone.
func (o office) mustDelete(t *testing.T) {
	t.Helper()
	if res := patiently(t, o.r, "DELETE", "/admin/dbs/"+o.id, nil); res.Status != 200 && res.Status != 404 {
		t.Errorf("the deletion is answered with %d %s", res.Status, res.Message)
	}
	o.wantGone(t)
}

// wantGone checks that nobody sees anything of the database.
func (o office) wantGone(t *testing.T) {
	t.Helper()
	if seen := o.records(t); seen != -1 {
		t.Errorf("a deleted database is seen, with %d records", seen)
	}
	for _, db := range get[client.List[client.DB]](t, o.r, "/admin/dbs?limit=10000").Data {
		if db.ID == o.id {
			t.Error("a deleted database is listed")
		}
	}
	eventually(t, patience, func() error { // a start goes on serving meanwhile
		for _, record := range get[[]client.Record](t, o.r, "/personnels") {
			if record.DBID == o.id {
				return errors.New("a record of a deleted database is listed")
			}
		}
		return nil
	})
	user, err := client.Get[client.User](t.Context(), o.user, "/auth/me")
	if err != nil || len(user.AllowedDBs) > 0 {
		t.Errorf("the user may see %v (%v)", user.AllowedDBs, err)
	}
}
