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

// breaking is a server with a route for each way to break.
func breaking(logs *bytes.Buffer) http.Handler {
	panics := func(path string, with any) Route {
		return On("GET", path, nil, func(context.Context, *Request) (*Answer, error) { panic(with) })
	}
	halfway := func(path string, then func() error) Route {
		return On("GET", path, nil, func(context.Context, *Request) (*Answer, error) {
			return &Answer{Stream: func(yield func([]byte, error) bool) {
				_ = yield([]byte(strings.Repeat("half ", 1000)), nil) && yield(nil, then())
			}}, nil
		})
	}
	return NewServer(logging(logs), []Route{
		panics("/panics", "db password is hunter2"),
		panics("/panics-with-list", []int{1}),
		panics("/aborts", http.ErrAbortHandler),
		halfway("/panics-halfway", func() error { panic("late") }),
		halfway("/fails-halfway", func() error { return errors.New("late") }),
		On("GET", "/works", nil, echo),
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
		for _, want := range []string{`"msg":"panic"`, `"request_id":"panic-1"`, "pipeline_test.go", `"status":500`} {
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

// untilDone works until it has to end.
func untilDone(ctx context.Context, _ *Request) (*Answer, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// Promise 29: the deadline of the route reaches the work, and what runs out of
// time is a 503 that says when to come back.
func TestDeadline(t *testing.T) {
	for name, want := range map[string]time.Duration{"/quick": time.Second, "/default": DefaultTimeout} {
		synctest.Test(t, func(t *testing.T) {
			server := NewServer(quiet(), []Route{
				On("GET", "/quick", nil, untilDone).Within(Limits{Timeout: time.Second}),
				On("GET", "/default", nil, untilDone),
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
		On("POST", "/wait", nil, untilDone).Within(Limits{Timeout: 50 * time.Millisecond}),
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
	server := NewServer(quiet(), []Route{On("GET", "/", nil, func(ctx context.Context, r *Request) (*Answer, error) {
		hangUp()
		return untilDone(ctx, r)
	})})
	rec := httptest.NewRecorder()
	server.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	if rec.Code != statusClientGone {
		t.Errorf("status %d", rec.Code)
	}
}
