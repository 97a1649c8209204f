package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestEveryAnswerHasTheSafeHeaders(t *testing.T) {
	for _, target := range []string{"/", "/nowhere", "/healthz", "/shop/things?%zz", "//"} {
		h := ask(shop, "GET", target).Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" || h.Get("X-Request-ID") == "" {
			t.Errorf("%s: %v", target, h)
		}
	}
}

func TestCORS(t *testing.T) {
	const office, foreign = "https://office.example", "https://foreign.example"
	cases := map[string]struct {
		origins []string
		origin  string
		allowed string
		vary    string
	}{
		"any, with an origin":    {[]string{"*"}, foreign, "*", ""},
		"any, without":           {[]string{"*"}, "", "*", ""},
		"listed":                 {[]string{office, "https://b.example"}, office, office, "Origin"},
		"not listed":             {[]string{office}, foreign, "", "Origin"},
		"listed, other scheme":   {[]string{office}, "http://office.example", "", "Origin"},
		"listed, as a beginning": {[]string{office}, office + ".foreign.example", "", "Origin"},
		"listed, without":        {[]string{office}, "", "", "Origin"},
		"the null origin":        {[]string{office}, "null", "", "Origin"},
		"nobody":                 {nil, foreign, "", "Origin"},
		"nobody, without":        {nil, "", "", "Origin"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			options := quiet()
			options.CORSOrigins = test.origins
			server := NewServer(options, []Route{On("GET", "/", echo)})
			for _, method := range []string{"GET", "POST"} { // also when it is refused
				h := ask(server, method, "/", "Origin: "+test.origin).Header()
				if h.Get("Access-Control-Allow-Origin") != test.allowed || h.Get("Vary") != test.vary {
					t.Errorf("%s: %v", method, h)
				}
				exposed := ""
				if test.allowed != "" {
					exposed = "X-Request-ID, Retry-After"
				}
				if got := h.Get("Access-Control-Expose-Headers"); got != exposed {
					t.Errorf("%s: exposes %q, want %q", method, got, exposed)
				}
				if h.Get("Access-Control-Allow-Credentials") != "" {
					t.Error("cookies would be sent along")
				}
			}
		})
	}
}

func TestPreflight(t *testing.T) {
	options := quiet()
	options.CORSOrigins = []string{"https://office.example"}
	server := NewServer(options, []Route{On("PATCH", "/things/{id}", echo)})
	rec := ask(server, "OPTIONS", "/things/7/", "Origin: https://office.example",
		"Access-Control-Request-Method: PATCH", "Access-Control-Request-Headers: authorization, content-type")
	h := rec.Header()
	if rec.Code != 204 || rec.Body.Len() > 0 || h.Get("Access-Control-Allow-Origin") != "https://office.example" {
		t.Errorf("%d %v", rec.Code, h)
	}
	for _, method := range methods {
		if !strings.Contains(h.Get("Access-Control-Allow-Methods"), method) {
			t.Errorf("%s is not among %q", method, h.Get("Access-Control-Allow-Methods"))
		}
	}
	for _, name := range []string{"Authorization", "Content-Type", "X-Request-ID"} {
		if !strings.Contains(h.Get("Access-Control-Allow-Headers"), name) {
			t.Errorf("%s is not among %q", name, h.Get("Access-Control-Allow-Headers"))
		}
	}
	if got := h.Get("Access-Control-Max-Age"); got != "600" {
		t.Errorf("a browser asks again after %q seconds", got)
	}
}

// breaking is a server with a route for each way to break.
func breaking(logs *bytes.Buffer) http.Handler {
	half := func(w http.ResponseWriter) { io.WriteString(w, strings.Repeat("half ", 1000)) }
	return NewServer(logging(logs), []Route{
		On("GET", "/panics", func(http.ResponseWriter, *http.Request) error { panic("db password is hunter2") }),
		On("GET", "/panics-with-list", func(http.ResponseWriter, *http.Request) error { panic([]int{1}) }),
		On("GET", "/panics-halfway", func(w http.ResponseWriter, _ *http.Request) error { half(w); panic("late") }),
		On("GET", "/fails-halfway", func(w http.ResponseWriter, _ *http.Request) error { half(w); return errors.New("late") }),
		On("GET", "/aborts", func(http.ResponseWriter, *http.Request) error { panic(http.ErrAbortHandler) }),
		On("GET", "/works", echo),
	})
}

// Promise 36: a panic is one 500 in the envelope, with the request id; its
// text is for the log, and the next request is served.
func TestPanicIsOne500(t *testing.T) {
	for _, target := range []string{"/panics", "/panics-with-list"} {
		var logs bytes.Buffer
		server := breaking(&logs)
		rec := ask(server, "GET", target, "X-Request-ID: panic-1")
		if unwrap(t, rec).StatusCode != 500 || rec.Header().Get("X-Request-ID") != "panic-1" {
			t.Errorf("%s: %d %v", target, rec.Code, rec.Header())
		}
		if strings.Contains(rec.Body.String(), "hunter2") || strings.Contains(rec.Body.String(), "goroutine") {
			t.Errorf("%s: %s", target, rec.Body)
		}
		for _, want := range []string{`"msg":"panic"`, `"request_id":"panic-1"`, "middleware_test.go", `"status":500`} {
			if !strings.Contains(logs.String(), want) {
				t.Errorf("%s: no %s in %s", target, want, logs.String())
			}
		}
		if again := ask(server, "GET", "/works"); again.Code != 200 || strings.Count(logs.String(), `"msg":"panic"`) != 1 {
			t.Errorf("%s: then %d: %s", target, again.Code, logs.String())
		}
	}
}

// A response that has begun is cut off, so that nobody takes it for whole; and
// the process lives.
func TestBrokenResponsesAreCutOff(t *testing.T) {
	var logs bytes.Buffer
	live := httptest.NewUnstartedServer(breaking(&logs))
	live.Config.ErrorLog = nil
	live.Start()
	for _, target := range []string{"/panics-halfway", "/fails-halfway", "/aborts"} {
		res, err := http.Get(live.URL + target)
		if err == nil {
			_, err = io.ReadAll(res.Body)
			res.Body.Close()
		}
		if err == nil {
			t.Errorf("%s looks whole", target)
		}
	}
	if res, err := http.Get(live.URL + "/works"); err != nil || res.StatusCode != 200 {
		t.Errorf("afterwards: %v, %v", res, err)
	}
	live.Close() // waits for the handlers, which write the log
	if n := strings.Count(logs.String(), `"error":"late"`); n != 2 {
		t.Errorf("%d of 2 causes are logged: %s", n, logs.String())
	}
}

// Promise 29: the deadline of the route reaches the work, and what runs out of
// time is a 503 that says when to come back.
func TestDeadline(t *testing.T) {
	wait := func(w http.ResponseWriter, r *http.Request) error {
		<-r.Context().Done()
		return r.Context().Err()
	}
	for name, want := range map[string]time.Duration{"/quick": time.Second, "/standard": DefaultTimeout} {
		synctest.Test(t, func(t *testing.T) {
			server := NewServer(quiet(), []Route{
				On("GET", "/quick", wait).Within(DefaultMaxBody, time.Second),
				On("GET", "/standard", wait),
			})
			begin := time.Now()
			rec := ask(server, "GET", name)
			if took := time.Since(begin); took != want {
				t.Errorf("%s took %v, want %v", name, took, want)
			}
			if unwrap(t, rec).StatusCode != 503 || rec.Header().Get("Retry-After") != "2" {
				t.Errorf("%s: %d %v", name, rec.Code, rec.Header())
			}
		})
	}
}

// patient is a connection that notes its deadlines.
type patient struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (p *patient) SetReadDeadline(at time.Time) error  { p.read = at; return nil }
func (p *patient) SetWriteDeadline(at time.Time) error { p.write = at; return nil }

// Promises 29 and 31: a client that stops sending or reading holds nothing for
// ever, and is given the time to read why.
func TestDeadlinesOfTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &patient{ResponseRecorder: httptest.NewRecorder()}
		shop.ServeHTTP(client, httptest.NewRequest("GET", "/shop/things", nil))
		end := time.Now().Add(DefaultTimeout)
		if !client.read.Equal(end.Add(readGrace)) || !client.write.Equal(end.Add(writeGrace)) {
			t.Errorf("until %v for the request, %v to send and %v to read", end, client.read, client.write)
		}
	})
}

// Promise 29: also over a connection, whose own deadline must not pass for a
// client that has hung up.
func TestDeadlineOverAConnection(t *testing.T) {
	live := httptest.NewServer(NewServer(quiet(), []Route{
		On("POST", "/wait", func(_ http.ResponseWriter, r *http.Request) error {
			<-r.Context().Done()
			return r.Context().Err()
		}).Within(DefaultMaxBody, 50*time.Millisecond),
	}))
	defer live.Close()
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			res, err := http.Post(live.URL+"/wait", "application/json", nil)
			if err != nil {
				t.Error(err)
				return
			}
			if res.Body.Close(); res.StatusCode != 503 {
				t.Errorf("got %d", res.StatusCode)
			}
		})
	}
	group.Wait()
}

// Promise 29: a client that hangs up ends the work.
func TestClientGoneEndsTheWork(t *testing.T) {
	ctx, hangUp := context.WithCancel(context.Background())
	server := NewServer(quiet(), []Route{On("GET", "/", func(_ http.ResponseWriter, r *http.Request) error {
		hangUp()
		<-r.Context().Done()
		return r.Context().Err()
	})})
	rec := httptest.NewRecorder()
	server.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	if rec.Code != statusClientGone {
		t.Errorf("status %d", rec.Code)
	}
}

// Promise 19: every route has a limit, 64 KB unless it says otherwise.
func TestBodyLimits(t *testing.T) {
	read := func(w http.ResponseWriter, r *http.Request) error {
		_, err := Decode(r, Whole, func(*Form) any { return nil })
		if err != nil {
			return err
		}
		return OK(w, "Taken.", nil)
	}
	server := NewServer(quiet(), []Route{
		On("POST", "/standard", read),
		On("POST", "/large", read).Within(1<<20, DefaultTimeout),
	})
	cases := map[string]struct {
		target string
		size   int
		status int
	}{
		"standard, at the limit": {"/standard", 64 << 10, 200},
		"standard, one more":     {"/standard", 64<<10 + 1, 413},
		"large, at the limit":    {"/large", 1 << 20, 200},
		"large, one more":        {"/large", 1<<20 + 1, 413},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			rec := httptest.NewRecorder()
			body := "{}" + strings.Repeat(" ", test.size-2)
			server.ServeHTTP(rec, httptest.NewRequest("POST", test.target, strings.NewReader(body)))
			if got := unwrap(t, rec); got.StatusCode != test.status {
				t.Errorf("%d %s", rec.Code, got.Message)
			}
		})
	}
}
