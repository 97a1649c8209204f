package serve

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/web"
)

func TestHealth(t *testing.T) {
	cases := map[string]struct {
		target string
		ready  error
		status int
		body   string
	}{
		"the process is up":        {"/healthz", nil, 200, "ok"},
		"also without a store":     {"/healthz", errors.New("refused: secret@host"), 200, "ok"},
		"the store answers":        {"/readyz", nil, 200, "ready"},
		"the store does not":       {"/readyz", errors.New("refused: secret@host"), 503, "database unavailable"},
		"with a slash at the end":  {"/readyz/", nil, 200, "ready"},
		"the store takes too long": {"/readyz", context.DeadlineExceeded, 503, "database unavailable"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			ready := func(ctx context.Context) error {
				// docker-compose.yml gives up after three seconds.
				if deadline, limited := ctx.Deadline(); !limited || time.Until(deadline) > 3*time.Second {
					t.Error("answers after those who ask have given up")
				}
				return test.ready
			}
			for _, method := range []string{"GET", "HEAD"} {
				rec := ask(common(ready, ""), method, test.target)
				if want := `{"status":"` + test.body + `"}`; rec.Code != test.status || strings.TrimSpace(rec.Body.String()) != want {
					t.Errorf("%s: %d %s, want %s", method, rec.Code, rec.Body, want)
				}
			}
		})
	}
}

// common serves the routes that every service has.
func common(ready func(context.Context) error, docsDir string) http.Handler {
	return web.NewServer(web.Options{Logger: slog.New(slog.DiscardHandler)}, Routes(ready, docsDir))
}

// ask sends a request to a handler, with headers as "Name: value".
func ask(handler http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, r)
	return rec
}

// The root says what this is.
func TestRoot(t *testing.T) {
	for target, status := range map[string]int{"/": 200, "//": 200, "/x": 404} {
		var got struct {
			Data map[string]any
		}
		rec := ask(common(nil, ""), "GET", target)
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != status || (got.Data["documentation"] != nil) != (status == 200) {
			t.Errorf("%s: %d %s", target, rec.Code, rec.Body)
		}
	}
}

// Every one of them is answered under overload; of the probes, which come every
// few seconds, the log is for debugging alone.
func TestCommonRoutesNeedNoSlot(t *testing.T) {
	for _, route := range Routes(nil, "") {
		probe := route.Path == "/healthz" || route.Path == "/readyz"
		if !route.NoSlot || (route.Level == slog.LevelDebug) != probe {
			t.Errorf("%s: no slot %v, level %v", route.Path, route.NoSlot, route.Level)
		}
	}
}
