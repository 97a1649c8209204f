package proxy

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
	"officepay.example/shared/faulttest"
)

// line is what the tests read of a line of Caddy's log.
type line struct {
	Message   string `json:"msg"`
	RequestID string `json:"request_id"`
	Status    int    `json:"status"`
	Error     string `json:"error"`
	Request   struct {
		URI string `json:"uri"`
	} `json:"request"`
}

// linesOf are the lines about requests.
func linesOf(t *testing.T, log *faulttest.Log) (lines []line) {
	t.Helper()
	for text := range strings.Lines(log.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if l.Message == "handled request" {
			lines = append(lines, l)
		}
	}
	return lines
}

// TestLog is promises 37 and 45, of Caddy: each 5xx has a line, others if the level says
// so. It has the id that the service and the client see, even if Caddy answers itself,
// and nothing of what somebody searched for.
func TestLog(t *testing.T) {
	const secret = "Musa"
	for level, others := range map[string]bool{"": false, "INFO": true, "DEBUG": true} {
		for _, sent := range []string{"client-7", "not sane"} {
			t.Run(level+" "+sent, func(t *testing.T) {
				t.Parallel() // Caddy tries for a while
				log := new(faulttest.Log)
				echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("X-Request-ID", r.Header.Get("X-Request-ID"))
					if r.URL.Path == "/auth/failed" {
						w.WriteHeader(http.StatusServiceUnavailable)
					}
				}))
				t.Cleanup(echo.Close)
				env := []string{"ANALYTICS_PORT=" + freePort(t)}
				if level != "" {
					env = append(env, "CADDY_LOG_LEVEL="+level)
				}
				origin, process := caddy{host: "127.0.0.1", file: "../../Caddyfile", log: log}.start(t, echo, env...)
				want := map[string]line{}
				for path, status := range map[string]int{"/auth/me": 200, "/auth/failed": 503, "/analytics/dashboard": 502} {
					id := askAbout(t, origin+path+"?search="+secret, sent, status)
					if (id == sent) != (sent == "client-7") {
						t.Errorf("the id %q becomes %q", sent, id)
					}
					if others || status >= 500 {
						want[id+path] = line{RequestID: id, Status: status}
					}
				}
				if err := process.Stop(); err != nil { // then every line is written
					t.Fatal(err)
				}
				checkLines(t, log, want)
				if strings.Contains(log.String(), secret) {
					t.Errorf("the log tells what was searched for: %s", log)
				}
			})
		}
	}
}

// askAbout asks as somebody who came from a page with a search, and returns the
// id of the answer.
func askAbout(t *testing.T, address, id string, status int) string {
	t.Helper()
	req, err := http.NewRequest("GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Request-ID", id)
	req.Header.Set("Referer", address)
	res, err := client.Do(req)
	if err != nil || res.Status != status {
		t.Fatalf("%s: got %d (%v), want %d", address, res.Status, err, status)
	}
	return res.Header.Get("X-Request-ID")
}

// checkLines wants one line for each id and path.
func checkLines(t *testing.T, log *faulttest.Log, want map[string]line) {
	t.Helper()
	for _, got := range linesOf(t, log) {
		key := got.RequestID + got.Request.URI
		if w, found := want[key]; !found || got.Status != w.Status || strings.Contains(got.Error, "refused") != (got.Status == 502) {
			t.Errorf("there is a line %+v", got)
		}
		delete(want, key)
	}
	for key := range want {
		t.Errorf("there is no line of %s: %s", key, log)
	}
}
