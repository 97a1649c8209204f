package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/limit"
	"officepay.example/shared/office"
	"officepay.example/shared/token"
)

var errorTable = map[string]struct {
	err    error
	status int
	retry  string // Retry-After
}{
	"not found":              {office.ErrNotFound, 404, ""},
	"database not found":     {office.ErrDBNotFound, 404, ""},
	"army number taken":      {office.ErrArmyNumberTaken, 409, ""},
	"short code taken":       {office.ErrShortCodeTaken, 409, ""},
	"last admin":             {office.ErrLastAdmin, 409, ""},
	"storage full":           {office.ErrStorageFull, 507, ""},
	"store unavailable":      {office.ErrUnavailable, 503, "2"},
	"not logged in":          {token.ErrUnauthenticated, 401, ""},
	"not an admin":           {token.ErrNotAdmin, 403, ""},
	"too much":               {limit.ErrBusy, 503, "2"},
	"out of time":            {context.DeadlineExceeded, 503, "2"},
	"client gone":            {context.Canceled, 499, ""},
	"anything else":          {errors.New("kaput"), 500, ""},
	"an error of a handler":  {Fail(http.StatusTeapot, "No %s here.", "coffee"), 418, ""},
	"with a pause":           {&Error{Status: 429, Message: "Wait.", RetryAfter: 15 * time.Second}, 429, "15"},
	"with part of a second":  {&Error{Status: 429, Message: "Wait.", RetryAfter: 1001 * time.Millisecond}, 429, "2"},
	"with a moment":          {&Error{Status: 429, Message: "Wait.", RetryAfter: 1}, 429, "1"},
	"unavailable by timeout": {errors.Join(context.DeadlineExceeded, office.ErrUnavailable), 503, "2"},
}

// failing is a server whose one route returns the error.
func failing(options Options, err error) http.Handler {
	return NewServer(options, []Route{On("GET", "/", nil, func(context.Context, *Request) (*Answer, error) { return nil, err })})
}

// Whatever a store wraps an error in, the client gets the row of the table,
// in the envelope, and not a word of the wrapping.
func TestErrorTable(t *testing.T) {
	for name, test := range errorTable {
		t.Run(name, func(t *testing.T) {
			rec := ask(failing(quiet(), fmt.Errorf("mongodb://secret@host: %w", test.err)), "GET", "/")
			unwrap(t, rec)
			if rec.Code != test.status || rec.Header().Get("Retry-After") != test.retry {
				t.Errorf("status %d, Retry-After %q", rec.Code, rec.Header().Get("Retry-After"))
			}
			if strings.Contains(rec.Body.String(), "secret") || strings.Contains(rec.Body.String(), "kaput") {
				t.Errorf("the cause leaves: %s", rec.Body)
			}
			if asks := rec.Header().Get("WWW-Authenticate") != ""; asks != (test.status == 401) {
				t.Errorf("asks to log in: %v", asks)
			}
		})
	}
}

// An upload or a deletion of much that was refused for lack of room may be done
// in part, so the answer must not say that it was not.
func TestNoRoomDoesNotDenyAPart(t *testing.T) {
	rec := ask(failing(quiet(), office.ErrStorageFull), "GET", "/")
	if message := unwrap(t, rec).Message; strings.Contains(message, "Nothing") || !strings.Contains(message, "try again once there is room") {
		t.Errorf("the message is %q", message)
	}
}

func TestUnauthorizedAsksForAToken(t *testing.T) {
	rec := ask(failing(quiet(), Fail(http.StatusUnauthorized, "Please log in.")), "GET", "/")
	if got := rec.Header().Get("WWW-Authenticate"); got != "Bearer" || unwrap(t, rec).StatusCode != 401 {
		t.Errorf("%d, WWW-Authenticate %q", rec.Code, got)
	}
}

func TestInvalid(t *testing.T) {
	one := Invalid("bank.sort_code", "is required")
	if one.Status != 400 || one.Message != "The bank's sort code is required." {
		t.Errorf("got %+v", one)
	}
	rec := ask(failing(quiet(), InvalidFields(FieldError{"a", "is bad"}, FieldError{"b", "is worse"})), "GET", "/")
	want := `{"message":"The a is bad, and 1 more.","statusCode":400,"data":` +
		`{"errors":[{"field":"a","message":"is bad"},{"field":"b","message":"is worse"}]}}`
	if got := strings.TrimSpace(rec.Body.String()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The cause of a 5xx is in the log, under the id that the client quotes; what
// a client did wrong is no error of ours.
func TestCausesAreLogged(t *testing.T) {
	for status, cause := range map[int]error{500: errors.New("disk on fire"), 503: office.ErrUnavailable, 404: office.ErrNotFound} {
		var logs bytes.Buffer
		server := failing(logging(&logs), fmt.Errorf("reading users: %w", cause))
		if rec := ask(server, "GET", "/", "X-Request-ID: quoted-1"); rec.Code != status {
			t.Errorf("%v: status %d", cause, rec.Code)
		}
		line := `"request_id":"quoted-1","error":"reading users: ` + cause.Error()
		if got := strings.Contains(logs.String(), line); got != (status >= 500) {
			t.Errorf("%v: logged %v: %s", cause, got, logs.String())
		}
	}
}

// Promise 37: what is refused has one line, which says of what there was too
// much: a flood must not be a flood of causes too.
func TestRefusalsAreLoggedOnce(t *testing.T) {
	var logs bytes.Buffer
	server := failing(logging(&logs), fmt.Errorf("%w: things", limit.ErrBusy))
	if rec := ask(server, "GET", "/"); rec.Code != 503 {
		t.Errorf("status %d", rec.Code)
	}
	if got := logs.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, `"refused":"too much at once: things"`) {
		t.Errorf("logged %s", got)
	}
}
