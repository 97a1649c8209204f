package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"officepay.example/shared/limit"
	"officepay.example/shared/office"
	"officepay.example/shared/token"
)

var somebody = token.Caller{User: office.User{ID: office.NewID(), AllowedDBs: []office.ID{}}}

// letting is a guard that says this.
func letting(caller token.Caller, err error) Guard {
	return func(context.Context, *http.Request) (token.Caller, error) { return caller, err }
}

// Promise 2: who may not come in is told so before anything is read of what he
// sends, and before anything is said of what there is.
func TestGuardComesFirst(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		status int
		says   string // in the log
	}{
		"nobody":       {token.ErrUnauthenticated, 401, `"user_id":""`},
		"no admin":     {token.ErrNotAdmin, 403, `"event":"denied","user_id":"` + somebody.ID.Hex() + `","client":"192.0.2.1","route":"PATCH /things/{id}"`},
		"no store":     {office.ErrUnavailable, 503, `"msg":"request failed"`},
		"as it should": {nil, 400, `"user_id":"` + somebody.ID.Hex()},
	} {
		t.Run(name, func(t *testing.T) {
			var logs bytes.Buffer
			caller := somebody
			if test.err == token.ErrUnauthenticated {
				caller = token.Caller{}
			}
			server := NewServer(logging(&logs), []Route{On("PATCH", "/things/{id}", letting(caller, test.err), take)})
			r := httptest.NewRequest("PATCH", "/things/no-id", iotest.ErrReader(errors.New("it was read")))
			r.Header.Set("Content-Type", "text/plain")
			rec := httptest.NewRecorder()
			server.ServeHTTP(rec, r)
			if got := unwrap(t, rec); got.StatusCode != test.status || strings.Contains(got.Message, "body") {
				t.Errorf("got %d %s", got.StatusCode, got.Message)
			}
			if !strings.Contains(logs.String(), test.says) {
				t.Errorf("the log lacks %s: %s", test.says, logs.String())
			}
		})
	}
}

func TestCheckAccess(t *testing.T) {
	var logs bytes.Buffer
	allowed, other := office.NewID(), office.NewID()
	caller := token.Caller{User: office.User{ID: office.NewID(), AllowedDBs: []office.ID{allowed}}}
	server := NewServer(logging(&logs), []Route{
		On("GET", "/dbs/{id}", letting(caller, nil), func(_ context.Context, r *Request) (*Answer, error) {
			return &Answer{Message: "Here."}, r.CheckAccess(r.ID)
		}),
	})
	for id, status := range map[office.ID]int{allowed: 200, other: 403} {
		logs.Reset()
		if rec := ask(server, "GET", "/dbs/"+id.Hex()); rec.Code != status {
			t.Errorf("got %d, want %d", rec.Code, status)
		}
		if denied := strings.Contains(logs.String(), `"event":"denied"`); denied != (status == 403) {
			t.Errorf("%d: %s", status, logs.String())
		}
	}
}

// limits are a route that has one of each.
func limits(handler Handler) Route {
	slots := func(query url.Values) int { return len(query) }
	return On("POST", "/costly", letting(somebody, nil), handler).Within(Limits{
		Memory: Limit{Limiter: limit.New("large things", limit.Size{Slots: 1}), Slots: slots},
		Work:   Limit{Limiter: limit.New("hard things", limit.Size{Slots: 1}), Slots: slots},
	})
}

// Promise 41: what is in memory as a whole keeps its place from when its body has
// arrived until the answer is written; what works hard, only while it works.
func TestLimitsOfARoute(t *testing.T) {
	for name, memory := range map[string]bool{"memory": true, "work": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				working := make(chan struct{})
				route := limits(func(ctx context.Context, r *Request) (*Answer, error) {
					<-working
					return echo(ctx, r)
				})
				if memory {
					route.Work = Limit{}
				} else {
					route.Memory = Limit{}
				}
				n := narrow{NewServer(quiet(), []Route{route}), nil}
				body, reader := make(chan struct{}), make(chan struct{})
				call := func(target string, body io.Reader) int {
					rec := httptest.NewRecorder()
					n.ServeHTTP(rec, httptest.NewRequest("POST", target, body))
					return rec.Code
				}
				client := newSlowly(reader)
				first := n.start(client, httptest.NewRequest("POST", "/costly?costly", newSlowly(body)))
				wantBusy := func(when string, want bool) {
					t.Helper()
					synctest.Wait()
					if when == "it works" {
						if got := call("/costly?costly", nil) == 503; got != want {
							t.Errorf("%s: another is refused: %v", when, got)
						}
					}
				}
				close(body)
				wantBusy("it works", true)
				close(working)
				synctest.Wait()
				if got := call("/costly?costly", nil) == 503; got != memory {
					t.Errorf("its answer is read: another is refused: %v", got)
				}
				if got := call("/costly", nil); got != 200 {
					t.Errorf("one that is not costly: %d", got)
				}
				close(reader)
				<-first
				if got := call("/costly?costly", nil); got != 200 {
					t.Errorf("when it is done: %d", got)
				}
			})
		})
	}
}
