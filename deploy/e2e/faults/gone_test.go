package faults

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
)

// The patience of the proxy, in deploy/Caddyfile: with a service that is not
// there, and with one that does not answer.
const (
	tryDuration   = 5 * time.Second
	answerTimeout = 15 * time.Second
)

// Promises 20 and 34: the routes of a service that is not there, or accepts
// and never answers, say so in the envelope and in time; those of the others go
// on. When it is there again, so are its routes.
func TestServiceGone(t *testing.T) {
	for name, w := range waysToGo {
		for _, service := range stack.Services {
			t.Run(name+" "+service, func(t *testing.T) {
				t.Parallel()
				r := rig.Stack(t)
				calls, gone := eachRoute(t, r), r.Stack.Process(service)
				w.begin(t, gone)
				wantGone(t, r, append(slices.DeleteFunc(slices.Clone(calls), w.leaveOut), odd(service)...), service, w.statuses, w.limit+2*time.Second)
				w.end(t, gone)
				wantWell(t, r, calls)
			})
		}
	}
}

// wayToGo is how a service can be gone, and what the proxy says then.
type wayToGo struct {
	begin, end func(t *testing.T, p *stack.Process)
	leaveOut   func(c call) bool
	statuses   []int
	limit      time.Duration
}

var waysToGo = map[string]wayToGo{
	"killed":  {kill, start, nothingAtAll, []int{502, 503}, tryDuration},
	"stopped": {stop, start, nothingAtAll, []int{502, 503}, tryDuration},
	"hanging": {hold, goOn, isUnfitToHang, []int{504}, answerTimeout},
}

func nothingAtAll(call) bool { return false }

// isUnfitToHang tells whether a call takes away what others need, since a service may
// still do it when it goes on, or is one for which the proxy waits longer.
func isUnfitToHang(c call) bool {
	return c.method == "DELETE" || c.path == "/auth/change-password" || c.path == "/personnels/upload" || strings.HasPrefix(c.path, "/personnels/checks")
}

func goOn(_ *testing.T, p *stack.Process) { p.Signal(syscall.SIGCONT) }

func kill(_ *testing.T, p *stack.Process) { p.Kill() }

func stop(t *testing.T, p *stack.Process) {
	t.Helper()
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
}

func start(t *testing.T, p *stack.Process) {
	t.Helper()
	<-p.Done()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
}

// hold stops the process where it is, which takes it a moment.
func hold(t *testing.T, p *stack.Process) {
	t.Helper()
	p.Signal(syscall.SIGSTOP)
	eventually(t, patience, func() error {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID()))
		if errors.Is(err, os.ErrNotExist) {
			return nil // a system that does not tell
		}
		if _, state, _ := strings.Cut(string(stat), ") "); err == nil && !strings.HasPrefix(state, "T") {
			err = fmt.Errorf("its state is %.1s", state)
		}
		return err
	})
}

// odd are calls besides the routes that go to a service.
func odd(service string) []call {
	path := root(service) + "/nothing"
	calls := []call{{"HEAD", path, nil}, {"OPTIONS", path, nil}, {"GET", path, nil}, {"PUT", path, rig.Fields{}}}
	if service == "auth" { // it answers what no service owns
		calls = append(calls, call{"GET", unowned, nil}, call{"POST", unowned, rig.Fields{}})
	}
	return calls
}

// root is where all routes of a service are.
func root(service string) string {
	if service == "personnel" {
		return "/personnels"
	}
	return "/" + service
}

const unowned = "/nothing"

// wantGone makes all calls at once: those of the service fail, and the reads and
// writes of the others do not.
func wantGone(t *testing.T, r *rig.Rig, calls []call, service string, statuses []int, limit time.Duration) {
	t.Helper()
	atOnce(t, len(calls), func(i int) error {
		c := calls[i]
		isGone := strings.HasPrefix(c.path, root(service)) || c.path == unowned
		if !isGone && !isRepeatable(c) {
			return nil
		}
		a := c.send(t.Context(), r.Admin, true)
		if isGone {
			err := a.checkFailed(statuses...)
			if a.took > limit {
				err = errors.Join(err, fmt.Errorf("it took %v", a.took))
			}
			return named(c, err)
		}
		if a.err != nil || a.Status != http.StatusOK {
			return fmt.Errorf("%v, of a service that is there: %d, %v", c, a.Status, a.err)
		}
		return nil
	})
}

// isRepeatable tells whether a call may be made at any time, and always gets
// 200. Every service has one that reads, and one that writes if any does.
func isRepeatable(c call) bool {
	return c.method == "GET" || c.method == "PATCH" || c.path == "/auth/login"
}

func named(c call, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%v: %w", c, err)
}

// Promise 32: what may have reached a service is never sent again, unless it
// changes nothing. The service is stopped while it has the request, and killed.
func TestProxyRepeatsNoWrite(t *testing.T) {
	t.Parallel()
	r := rig.Stack(t)
	db := r.NewDB()
	record := newRecord(t, r, db)
	service := r.Stack.Process("personnel")
	hold(t, service)
	writes := []call{{"POST", "/personnels", rig.Record(db)}, {"DELETE", "/personnels/" + record, nil}}
	read := call{"GET", "/personnels/db/" + db, nil}
	answers := make([]answer, 3)
	var running sync.WaitGroup
	for i, c := range append(writes, read) {
		running.Go(func() { answers[i] = c.send(t.Context(), r.Admin, true) })
	}
	eventually(t, patience, arrival(r.Address(service), len(answers)))
	service.Kill()
	start(t, service)
	running.Wait()
	for i, want := range []int{http.StatusBadGateway, http.StatusBadGateway, http.StatusOK} {
		if answers[i].Status != want {
			t.Errorf("the status of call %d is %d, want %d", i, answers[i].Status, want)
		}
	}
	list, err := client.Get[client.List[client.Record]](t.Context(), r.Admin, "/personnels/db/"+db)
	if err != nil || list.Meta.Total != 1 || list.Data[0].ID != record {
		t.Errorf("%d records, %v: a write was sent again", list.Meta.Total, err)
	}
}

// arrival checks that this many connections to an address hold something that
// the process there, which is stopped, has not read.
func arrival(address string, want int) func() error {
	_, port, _ := strings.Cut(strings.TrimPrefix(address, "http://"), ":")
	number, _ := strconv.Atoi(port) // it is one: the process listens there
	// The columns, in hexadecimal: local address, remote address, state, and
	// what is to be sent and to be read. State 01 is an open connection.
	unread := regexp.MustCompile(fmt.Sprintf(`(?m)^ *\d+: 0100007F:%04X \S+ 01 \S{8}:0*[1-9A-F]`, number))
	return func() error {
		table, err := os.ReadFile("/proc/net/tcp")
		if errors.Is(err, os.ErrNotExist) {
			time.Sleep(time.Second) // a system that does not tell
			return nil
		}
		if got := len(unread.FindAllIndex(table, -1)); err == nil && got < want {
			err = fmt.Errorf("%d of %d requests were passed on", got, want)
		}
		return err
	}
}
