package faults

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
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

// Promise 20: a body beyond the proxy's own limit is refused in the envelope,
// whether it says its length or not.
func TestProxyRefusesLargeBodies(t *testing.T) {
	t.Parallel()
	r := rig.Services(t)
	for path, size := range map[string]int{"/auth/login": 200 << 10, "/personnels/bulk-delete": 3 << 20, "/personnels/upload": 18 << 20} {
		body := strings.Repeat("x", size)
		for kind, reader := range map[string]io.Reader{"sized": strings.NewReader(body), "chunked": io.MultiReader(strings.NewReader(body))} {
			a := sendBody(t, r, path, reader)
			if err := a.checkFailed(http.StatusRequestEntityTooLarge); err != nil {
				t.Errorf("%s, %s: %v", path, kind, err)
			}
		}
	}
}

func sendBody(t *testing.T, r *rig.Rig, path string, body io.Reader) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{id: rig.Unique("CALL")}
	request.Header.Set("X-Request-ID", a.id)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+r.Admin.Token())
	if a.Response, a.err = client.Do(request); a.err == nil {
		a.Response, a.err = a.Open()
	}
	return a
}

// Promises 20 and 34: the routes of a service that is not there, or accepts
// and never answers, say so in the envelope and in time; those of the others go
// on. When it is there again, so are its routes.
func TestServiceGone(t *testing.T) {
	for name, c := range map[string]struct {
		begin, end func(t *testing.T, p *stack.Process)
		statuses   []int
		limit      time.Duration
	}{
		"killed":  {kill, start, []int{502, 503}, tryDuration},
		"stopped": {stop, start, []int{502, 503}, tryDuration},
		"hanging": {hold, func(_ *testing.T, p *stack.Process) { p.Signal(syscall.SIGCONT) }, []int{504}, answerTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rig.Services(t)
			calls := eachRoute(t, r)
			gone := r.Stack.Process("analytics")
			if name == "killed" {
				gone = r.Stack.Process("auth") // has what no service owns
			}
			c.begin(t, gone)
			wantGone(t, r, append(calls, odd(gone.Name)...), gone.Name, c.statuses, c.limit+2*time.Second)
			c.end(t, gone)
			wantWell(t, r, calls)
		})
	}
}

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
	eventually(t, 5*time.Second, func() error {
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

// odd are calls beside the routes that go to a service.
func odd(service string) []call {
	path := "/" + service + "/nothing"
	calls := []call{{"HEAD", path, nil}, {"OPTIONS", path, nil}, {"GET", path, nil}, {"PUT", path, rig.Fields{}}}
	if service == "auth" { // it answers what no service owns
		calls = append(calls, call{"GET", unowned, nil}, call{"POST", unowned, rig.Fields{}})
	}
	return calls
}

const unowned = "/nothing"

// wantGone makes all calls at once: those of the service fail, and the others
// do not.
func wantGone(t *testing.T, r *rig.Rig, calls []call, service string, statuses []int, limit time.Duration) {
	t.Helper()
	atOnce(t, len(calls), func(i int) error {
		c := calls[i]
		isGone := strings.HasPrefix(c.path, "/"+service) || c.path == unowned
		if !isGone && c.method != "GET" {
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
			return fmt.Errorf("%v, of a service that is there: %d %w", c, a.Status, a.err)
		}
		return nil
	})
}

func named(c call, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%v: %w", c, err)
}

// Promise 20: the id of a request goes into an error of the proxy only where
// it is safe in a header and a log.
func TestRequestIDsOfProxy(t *testing.T) {
	t.Parallel()
	r := rig.Services(t)
	longest := strings.Repeat("x", 128)
	for sent, isKept := range map[string]bool{
		"": false, "Aa0-_.:": true, longest: true, longest + "x": false, `a"b`: false, "a b": false,
		"{http.request.host}": false, "{env.HOME}": false, "${1}": false, "é": false, "a,b": false,
	} {
		request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+"/auth/login", strings.NewReader(strings.Repeat("x", 200<<10)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Request-ID", sent)
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.Header.Get("X-Request-ID"); got == "" || (got == sent) != isKept || answer.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("%q was sent, and %q came back with %d", sent, got, answer.Status)
		}
	}
}

// Promise 20: the proxy allows the same origins as the services.
func TestOriginsOfProxy(t *testing.T) {
	t.Parallel()
	const known = "https://pay.example"
	r := rig.Services(t, "CORS_ORIGINS=https://other.example, "+known)
	for origin, want := range map[string]string{known: known, "https://evil.example": "", "": ""} {
		for kind, size := range map[string]int{"a service": 100 << 10, "the proxy": 200 << 10} {
			request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+"/auth/login", strings.NewReader(strings.Repeat("x", size)))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			request.Header.Set("Origin", origin)
			answer, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if got := answer.Header.Get("Access-Control-Allow-Origin"); got != want || answer.Status != http.StatusRequestEntityTooLarge {
				t.Errorf("the error of %s for %q: %d with %q, want %q", kind, origin, answer.Status, got, want)
			}
		}
	}
}

// Promise 32: a service that once failed, or is slow to say that it is well, is
// asked all the same: there may be no other. One that is away is waited for as
// long as a restart takes.
func TestProxyTakesNoServiceOut(t *testing.T) {
	caddyfile := read(t, "../../Caddyfile")
	for _, setting := range []string{"fail_duration", "max_fails", "unhealthy_", "health_"} {
		if strings.Contains(caddyfile, setting) {
			t.Errorf("the Caddyfile has %s", setting)
		}
	}
	if want := fmt.Sprintf("lb_try_duration %v\n", tryDuration); !strings.Contains(caddyfile, want) {
		t.Errorf("the Caddyfile lacks %s", want)
	}
}

// Promise 32: what the tests run is the proxy that is deployed, and knows the
// settings: 2.11.4 or later.
func TestVersionOfProxy(t *testing.T) {
	built := regexp.MustCompile(`caddyserver/caddy/v2 v2\.(\d+)\.(\d+)`).FindStringSubmatch(read(t, "../../tools/go.mod"))
	if built == nil {
		t.Fatal("deploy/tools/go.mod names no Caddy")
	}
	minor, _ := strconv.Atoi(built[1])
	if patch, _ := strconv.Atoi(built[2]); minor < 11 || minor == 11 && patch < 4 {
		t.Errorf("deploy/tools has %s", built[0])
	}
	if image := fmt.Sprintf("caddy:2.%s.%s-", built[1], built[2]); !strings.Contains(read(t, "../../../docker-compose.yml"), image) {
		t.Errorf("docker-compose.yml deploys another Caddy than %s", image)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Promise 32: what may have reached a service is never sent again, unless it
// changes nothing. The service is stopped while it has the request, and killed.
func TestProxyRepeatsNoWrite(t *testing.T) {
	t.Parallel()
	r := rig.Services(t)
	db := r.NewDB()
	record := newRecord(t, r, db)
	service := r.Stack.Process("personnel")
	service.Signal(syscall.SIGSTOP)
	writes := []call{{"POST", "/personnels", rig.Record(db)}, {"DELETE", "/personnels/" + record, nil}}
	read := call{"GET", "/personnels/db/" + db, nil}
	answers := make([]answer, 3)
	var running sync.WaitGroup
	for i, c := range append(writes, read) {
		running.Go(func() { answers[i] = c.send(t.Context(), r.Admin, true) })
	}
	time.Sleep(time.Second) // the proxy has passed them on; the service cannot say so
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
