package faults

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
)

// downTime is how long a service is away between its end and its start.
const downTime = 300 * time.Millisecond

// Promise 32: nobody sees that the services are restarted one after the other,
// each as a deployment does it: SIGTERM, the end, a start on the same port.
func TestRollingRestart(t *testing.T) {
	r := rig.Stack(t)
	load := startTraffic(t, r)
	for range rig.Rounds(1, 2) {
		for _, process := range r.Serving {
			load.proceed(t)
			stop(t, process)
			time.Sleep(downTime)
			start(t, process)
		}
	}
	load.proceed(t)
	load.end()
	rig.Report(t, 32, "%d reads and %d writes during rolling restarts: none failed; the slowest took %v",
		load.reads.Load(), load.writes.Load(), time.Duration(load.slowest.Load()))
	wantAll(t, r, load)
}

// Promise 32: when a service is killed, no read fails, and a write fails only
// if it was in flight at that moment.
func TestRollingKill(t *testing.T) {
	r := rig.Stack(t)
	load := startTraffic(t, r)
	for range rig.Rounds(1, 2) {
		for _, process := range r.Serving {
			load.proceed(t)
			load.killed.Store(math.MaxInt64)
			process.Kill()
			load.killed.Store(time.Now().UnixNano())
			start(t, process)
		}
	}
	load.proceed(t)
	load.end()
	rig.Report(t, 32, "%d reads and %d writes during kills: %d writes in flight failed", load.reads.Load(), load.writes.Load(), load.failed.Load())
	wantAll(t, r, load)
}

// traffic is what clients do meanwhile.
type traffic struct {
	r      *rig.Rig
	db     string
	ctx    context.Context
	end    func()
	killed atomic.Int64 // when a service was last, in Unix nanoseconds

	reads, writes, failed, slowest atomic.Int64

	mu   sync.Mutex
	kept []string // army numbers of answered writes
}

// readers of each service, and one writer to each that has something to write.
func startTraffic(t *testing.T, r *rig.Rig) *traffic {
	t.Helper()
	l := &traffic{r: r, db: r.NewDB()}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	l.ctx, l.end = ctx, func() { cancel(); running.Wait() }
	reads := []string{"/auth/me", "/admin/dbs", "/personnels/db/" + l.db, "/analytics/dashboard"}
	for i := range 2 * len(reads) {
		running.Go(func() { l.read(t, call{"GET", reads[i%len(reads)], nil}, i < len(reads)) })
	}
	for range 2 {
		running.Go(func() { l.write(t) })
		running.Go(func() { l.login(t) })
	}
	return l
}

// pause keeps the load below what the machine can do, so that what is measured
// is the restart.
func (l *traffic) pause() bool {
	time.Sleep(5 * time.Millisecond)
	return l.ctx.Err() == nil
}

func (l *traffic) read(t *testing.T, c call, isFresh bool) {
	for l.pause() {
		a := c.send(context.WithoutCancel(l.ctx), l.r.Admin, isFresh)
		if a.err != nil || a.Status != http.StatusOK {
			t.Errorf("%v: %d %v %s", c, a.Status, a.err, a.Message)
		}
		l.count(&l.reads, a)
	}
}

func (l *traffic) write(t *testing.T) {
	for l.pause() {
		record := rig.Record(l.db)
		if l.done(t, call{"POST", "/personnels", record}, http.StatusCreated) {
			l.mu.Lock()
			l.kept = append(l.kept, record["army_number"].(string))
			l.mu.Unlock()
		}
	}
}

func (l *traffic) login(t *testing.T) {
	for l.pause() {
		l.done(t, call{"POST", "/auth/login", credentials}, http.StatusOK)
	}
}

// closing is how long the proxy may take, on a busy machine, to see that its
// connections are gone.
const closing = time.Second

// done makes a call that must not be made twice, and tells whether it was
// done. It may fail only if it was in flight when a service was killed.
func (l *traffic) done(t *testing.T, c call, status int) bool {
	begin := time.Now().Add(-closing).UnixNano()
	a := c.send(context.WithoutCancel(l.ctx), l.r.Admin, false)
	l.count(&l.writes, a)
	switch {
	case a.err == nil && a.Status == status:
		return true
	case a.err == nil && a.Status == http.StatusBadGateway && begin < l.killed.Load():
		l.failed.Add(1)
	default:
		t.Errorf("%v: %d %v %s", c, a.Status, a.err, a.Message)
	}
	return false
}

func (l *traffic) count(kind *atomic.Int64, a answer) {
	kind.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slowest.Store(max(l.slowest.Load(), int64(a.took)))
}

// proceed waits until every client has gone on for a while.
func (l *traffic) proceed(t *testing.T) {
	t.Helper()
	reads, writes := l.reads.Load(), l.writes.Load()
	eventually(t, patience, func() error {
		if l.reads.Load() < reads+40 || l.writes.Load() < writes+10 {
			return fmt.Errorf("only %d reads and %d writes were answered", l.reads.Load()-reads, l.writes.Load()-writes)
		}
		return nil
	})
}

// wantAll looks for every answered write.
func wantAll(t *testing.T, r *rig.Rig, l *traffic) {
	t.Helper()
	records, err := client.Get[[]client.Record](t.Context(), r.Admin, "/personnels?db_id="+l.db)
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, record := range records {
		there = append(there, record.ArmyNumber)
	}
	slices.Sort(there)
	for _, number := range l.kept {
		if _, found := slices.BinarySearch(there, number); !found {
			t.Errorf("%s was answered and is not there", number)
		}
	}
	if len(slices.Compact(there)) != len(records) {
		t.Error("a write was made twice")
	}
}

// Promise 34: the parts start in any order, even on a new database, and say meanwhile
// that they are not ready; nothing has to be restarted.
func TestStartsInAnyOrder(t *testing.T) {
	t.Parallel()
	r := rig.ImpatientStack(t)
	names := append([]string{stack.Proxy}, stack.Services...)
	orders := [][]string{
		append(slices.Clone(names), stack.Database),                              // the proxy first, the database last
		append([]string{stack.Database}, reversed(names)...),                     // the proxy last
		{"analytics", "personnel", stack.Database, "admin", stack.Proxy, "auth"}, // before and after the database
	}
	for _, order := range orders[:rig.Rounds(2, len(orders))] {
		stopAll(t, r)
		for i, name := range order {
			start(t, r.Process(name))
			if name == stack.Proxy || i == len(order)-2 {
				wantUpAndWaiting(t, r, order[:i+1])
			}
		}
		took := r.AwaitReady(recoveryLimit)
		took += eventually(t, recoveryLimit, func() error { // as the admin whom the first start has created
			_, _, err := client.New(r.URL).Login(t.Context(), rig.AdminNumber, rig.AdminPassword)
			return err
		})
		rig.Report(t, 34, "%v: everything works %v after the last", order, took)
	}
}

func reversed(names []string) []string {
	names = slices.Clone(names)
	slices.Reverse(names)
	return names
}

// stopAll ends everything and forgets the data.
func stopAll(t *testing.T, r *rig.Rig) {
	t.Helper()
	for _, name := range append(slices.Clone(stack.Services), stack.Proxy, stack.Database) {
		r.Process(name).Kill()
	}
	for _, name := range []string{stack.Database, stack.Proxy} { // Caddy would find the locks of the one that was killed
		dir := filepath.Join(r.DataDir, name)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// wantUpAndWaiting checks that the services that were started are up, and are
// not ready unless their database was started too.
func wantUpAndWaiting(t *testing.T, r *rig.Rig, started []string) {
	t.Helper()
	for _, name := range started {
		if !slices.Contains(stack.Services, name) {
			continue
		}
		address := r.Stack.Address(name)
		eventually(t, patience, func() error {
			if got := statusOf(t, address+"/healthz"); got != http.StatusOK {
				return fmt.Errorf("healthz of %s is %d", name, got)
			}
			return nil
		})
		if slices.Contains(started, stack.Database) {
			continue
		}
		if got := statusOf(t, address+"/readyz"); got != http.StatusServiceUnavailable {
			t.Errorf("readyz of %s without a database is %d", name, got)
		}
		a := call{"GET", "/" + map[string]string{"auth": "auth/me", "admin": "admin/dbs", "personnel": "personnels", "analytics": "analytics/dashboard"}[name], nil}.
			send(t.Context(), client.New(address).With(r.Admin.Token()), true)
		if err := a.checkUnavailable(); err != nil {
			t.Errorf("%s without a database: %v", name, err)
		}
	}
}
