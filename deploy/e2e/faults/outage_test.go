// Package faults checks the promises while something below the product fails.
package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

const (
	outageLimit   = 3 * time.Second  // until an answer, while the database is gone
	recoveryLimit = 10 * time.Second // until everything works, after its return
	onTheWay      = 2 * time.Second  // and what a busy machine adds until the client has the answer
)

// outage is a way in which the database can be gone.
type outage struct {
	name       string
	begin, end func()
}

func outages(t *testing.T, r *rig.Rig) []outage {
	silent := func() { r.Relay.Swallow(true) }
	return []outage{
		{"refused", r.Relay.Cut, r.Relay.Start},
		{"black hole", silent, func() { r.Relay.Swallow(false) }},
		{"black hole, then cut", silent, func() {
			r.Relay.Cut()
			r.Relay.Swallow(false)
			r.Relay.Start()
		}},
		{"killed", r.Database.Kill, func() {
			if err := r.Database.Start(); err != nil {
				t.Fatal(err)
			}
		}},
	}
}

// Promise 28: while the database is gone, every route says 503 in time; when it is back,
// everything works without a restart.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	r := rig.ImpatientStack(t)
	calls := eachRoute(t, r)
	for _, outage := range outages(t, r) {
		t.Run(outage.name, func(t *testing.T) {
			outage.begin()
			var slowest time.Duration
			for _, isFresh := range []bool{false, true} {
				slowest = max(slowest, wantUnavailable(t, r, calls, isFresh))
			}
			wantNotReady(t, r)
			outage.end()
			rig.Report(t, 28, "%s: answers within %v, everything works again %v after its return", outage.name, slowest, wantWell(t, r, calls))
		})
	}
	for _, process := range r.Serving {
		select {
		case <-process.Done():
			t.Errorf("%s has ended", process.Name)
		default:
		}
	}
}

// wantUnavailable makes all calls at once, and returns how long the slowest
// answer took.
func wantUnavailable(t *testing.T, r *rig.Rig, calls []call, isFresh bool) (slowest time.Duration) {
	t.Helper()
	answers := make([]answer, len(calls))
	atOnce(t, len(calls), func(i int) error {
		answers[i] = calls[i].send(t.Context(), r.Admin, isFresh)
		if err := answers[i].checkUnavailable(); err != nil {
			return fmt.Errorf("%v: %w", calls[i], err)
		}
		return nil
	})
	for _, a := range answers {
		slowest = max(slowest, a.took)
		eventually(t, patience, func() error { return checkLines(r, a.id) })
	}
	return slowest
}

func (a answer) checkUnavailable() error { return a.checkUnavailableWithin(outageLimit) }

func (a answer) checkUnavailableWithin(limit time.Duration) error {
	err := a.checkFailed(http.StatusServiceUnavailable)
	if a.took > limit+onTheWay {
		err = errors.Join(err, fmt.Errorf("it took %v", a.took))
	}
	return err
}

// logLine is what these tests read of a line of the log.
type logLine struct {
	RequestID string  `json:"request_id"`
	Logger    string  `json:"logger"` // of Caddy's lines alone
	Level     string  `json:"level"`
	Message   string  `json:"msg"`
	Status    int     `json:"status"`
	Duration  float64 `json:"duration_ms"`
	Error     string  `json:"error"`
}

func (line logLine) took() time.Duration {
	return time.Duration(line.Duration * float64(time.Millisecond))
}

// linesOf are the lines of the product about one request; Caddy logs what failed as
// well.
func linesOf(r *rig.Rig, id string) (lines []logLine) {
	for text := range strings.Lines(r.Log.String()) {
		var line logLine
		if strings.Contains(text, id) && json.Unmarshal([]byte(text), &line) == nil && line.RequestID == id && line.Logger == "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// checkLines checks that a request that failed is logged once, and its cause once, and
// that it took no longer than it may.
func checkLines(r *rig.Rig, id string) error {
	causes, requests := 0, 0
	lines := linesOf(r, id)
	for _, line := range lines {
		switch {
		case line.Level == "ERROR" && line.Error != "":
			causes++
		case line.Message == "request" && line.Status == http.StatusServiceUnavailable && line.took() <= outageLimit:
			requests++
		}
	}
	if causes != 1 || requests != 1 || len(lines) != 2 {
		return fmt.Errorf("the log says of the request %s: %+v", id, lines)
	}
	return nil
}

// wantNotReady checks that every process is up and says that it is not ready.
func wantNotReady(t *testing.T, r *rig.Rig) {
	t.Helper()
	origins := []string{r.URL}
	for _, process := range r.Serving {
		origins = append(origins, r.Address(process))
	}
	atOnce(t, len(origins), func(i int) error {
		for path, status := range map[string]int{"/healthz": http.StatusOK, "/readyz": http.StatusServiceUnavailable} {
			begin := time.Now()
			if got := statusOf(t, origins[i]+path); got != status || time.Since(begin) > outageLimit+onTheWay {
				return fmt.Errorf("%s%s: %d after %v, want %d", origins[i], path, got, time.Since(begin), status)
			}
		}
		return nil
	})
}

// statusOf is the status of the answer to a plain GET, 0 where there is none.
func statusOf(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0
	}
	return answer.Status
}

// wantWell waits until every read, the login, and every process works again.
func wantWell(t *testing.T, r *rig.Rig, calls []call) time.Duration {
	t.Helper()
	return eventually(t, recoveryLimit, func() error {
		for _, c := range calls {
			if c.method != "GET" && c.path != "/auth/login" {
				continue
			}
			if a := c.send(t.Context(), r.Admin, false); a.err != nil || a.Status != http.StatusOK {
				return fmt.Errorf("%v: %d %w", c, a.Status, a.err)
			}
		}
		for _, process := range r.Serving {
			if got := statusOf(t, r.Address(process)+"/readyz"); got != http.StatusOK {
				return fmt.Errorf("readyz of %s: %d", process.Name, got)
			}
		}
		return nil
	})
}

// Promise 28: no queue of the driver makes anybody wait longer, however many ask, and
// none of it is left afterwards.
func TestManyInABlackHole(t *testing.T) {
	t.Parallel()
	const clients = 200
	r := rig.ImpatientStack(t)
	calls := eachRoute(t, r)
	var first, last usage
	for round := range rig.Rounds(3, 6) {
		r.Relay.Swallow(true)
		atOnce(t, clients, func(i int) error {
			c := calls[i%len(calls)]
			if err := c.send(t.Context(), r.Admin, i%2 == 0).checkUnavailable(); err != nil {
				return fmt.Errorf("%v: %w", c, err)
			}
			return nil
		})
		r.Relay.Swallow(false)
		wantWell(t, r, calls)
		last = usageOf(t, r.Serving...)
		if round == 0 {
			first = last
		}
	}
	rig.Report(t, 28, "what the services use after the first and the last of %d black holes with %d requests: %v, %v", rig.Rounds(3, 6), clients, first, last)
	wantNoneLonger(t, r)
	eventually(t, patience, func() error { return usageOf(t, r.Serving...).checkLike(first) })
}

// wantNoneLonger checks that no request at all has taken longer than one may
// while the database is gone.
func wantNoneLonger(t *testing.T, r *rig.Rig) {
	t.Helper()
	for text := range strings.Lines(r.Log.String()) {
		var line logLine
		if json.Unmarshal([]byte(text), &line) == nil && line.Message == "request" && line.took() > outageLimit {
			t.Errorf("a request took %v: %s", line.took(), text)
		}
	}
}

// Promise 28: a slow database is no outage. At half a second in each direction
// a connection and the command on it take all the time that there is.
func TestSlowDatabase(t *testing.T) {
	t.Parallel()
	r := rig.ImpatientStack(t)
	var reads []call
	var before []string
	for _, c := range eachRoute(t, r) {
		// On two processors checks take turns: a second one would have to wait too long.
		if c.method == "GET" && !strings.HasPrefix(c.path, "/personnels/checks?") {
			reads = append(reads, c)
			before = append(before, string(c.send(t.Context(), r.Admin, false).Data))
		}
	}
	for _, delay := range []time.Duration{100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond} {
		r.Relay.Delay(delay)
		atOnce(t, len(reads), func(i int) error {
			a := reads[i].send(t.Context(), r.Admin, false)
			if a.err != nil || a.Status != http.StatusOK || string(a.Data) != before[i] {
				return fmt.Errorf("%v: %v: %d %v after %v: %s", delay, reads[i], a.Status, a.err, a.took, a.Body)
			}
			return nil
		})
	}
}
