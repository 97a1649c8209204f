package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"
)

// take takes a body of one object.
func take(_ context.Context, r *Request) (*Answer, error) {
	if _, err := Decode(r, Whole, func(*Form) any { return nil }); err != nil {
		return nil, err
	}
	return OK("Taken.", nil)
}

// send sends a body to a server.
func send(server http.Handler, target, contentType string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", target, body)
	r.Header.Set("Content-Type", contentType)
	rec := httptest.NewRecorder()
	server.ServeHTTP(rec, r)
	return rec
}

// taking is a server that takes a body of at most 2 KB.
func taking() http.Handler {
	return NewServer(quiet(), []Route{On("POST", "/", nil, take).Within(Limits{MaxBody: 2 << 10})})
}

func TestContentHeaders(t *testing.T) {
	cases := map[string]struct {
		kind, coding string
		status       int
	}{
		"not said":                {"", "", 200},
		"JSON":                    {"application/json", "", 200},
		"JSON in UTF-8":           {"application/json; charset=utf-8", "", 200},
		"in capitals":             {"Application/JSON;Charset=UTF-8", "", 200},
		"UTF-8 by its other name": {"application/json; charset=utf8", "", 200},
		"another charset":         {"application/json; charset=iso-8859-1", "", 200},
		"two charsets":            {"application/json; charset=utf-8; charset=us-ascii", "", 200},
		"a charset without name":  {`application/json; charset="`, "", 200},
		"other parameters":        {"application/json; x=y", "", 200},
		"blanks":                  {" application/json ;", "", 200},
		"text":                    {"text/plain", "", 415},
		"a form":                  {"application/x-www-form-urlencoded", "", 415},
		"JSON of some other API":  {"application/merge-patch+json", "", 415},
		"parameters alone":        {";charset=utf-8", "", 415},
		"a list":                  {"application/json, text/plain", "", 415},
		"compressed":              {"application/json", "gzip", 415},
		"compressed, of no type":  {"", "br", 415},
		"compressed twice":        {"application/json", "identity, gzip", 415},
		"as it is":                {"application/json", "identity", 415},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", strings.NewReader(`{}`))
			r.Header.Set("Content-Type", test.kind)
			r.Header.Set("Content-Encoding", test.coding)
			rec := httptest.NewRecorder()
			taking().ServeHTTP(rec, r)
			if got := unwrap(t, rec); got.StatusCode != test.status {
				t.Errorf("got %d %s, want %d", got.StatusCode, got.Message, test.status)
			}
		})
	}
}

// Promise 19: of a body that breaks off nothing is used, even if what came is
// good JSON; one over the limit is a 413.
func TestBodiesThatDoNotArriveWhole(t *testing.T) {
	const row, limit = `{"a":1}`, 2 << 10
	blanks := strings.Repeat(" ", limit-len(row))
	cases := map[string]struct {
		body   io.Reader
		status int
		says   string
	}{
		"at the limit":        {strings.NewReader(row + blanks), 200, "Taken."},
		"over the limit":      {strings.NewReader(row + blanks + " "), 413, "at most 2 KB"},
		"far over the limit":  {strings.NewReader(strings.Repeat(row, limit)), 413, "at most 2 KB"},
		"broken off":          {io.MultiReader(strings.NewReader(row), iotest.ErrReader(io.ErrUnexpectedEOF)), 400, "cut off"},
		"connection cut":      {io.MultiReader(strings.NewReader(row), iotest.ErrReader(errors.New("reset"))), 400, "cut off"},
		"too slow":            {io.MultiReader(strings.NewReader(row), iotest.ErrReader(iotest.ErrTimeout)), 400, "cut off"},
		"out of time":         {io.MultiReader(strings.NewReader(row), iotest.ErrReader(os.ErrDeadlineExceeded)), 408, "too long"},
		"a byte at a time":    {iotest.OneByteReader(strings.NewReader(row)), 200, "Taken."},
		"the end comes early": {iotest.DataErrReader(strings.NewReader(row)), 200, "Taken."},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got := unwrap(t, send(taking(), "/", "application/json", test.body))
			if got.StatusCode != test.status || !strings.Contains(got.Message, test.says) {
				t.Errorf("%d %q", got.StatusCode, got.Message)
			}
		})
	}
}

// Promise 19: every route has a limit, 64 KB unless it says otherwise.
func TestBodyLimits(t *testing.T) {
	server := NewServer(quiet(), []Route{
		On("POST", "/default", nil, take),
		On("POST", "/large", nil, take).Within(Limits{MaxBody: 1 << 20}),
	})
	cases := map[string]struct {
		target string
		size   int
		status int
	}{
		"default, at the limit": {"/default", 64 << 10, 200},
		"default, one more":     {"/default", 64<<10 + 1, 413},
		"large, at the limit":   {"/large", 1 << 20, 200},
		"large, one more":       {"/large", 1<<20 + 1, 413},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			body := "{}" + strings.Repeat(" ", test.size-2)
			if got := unwrap(t, send(server, test.target, "application/json", strings.NewReader(body))); got.StatusCode != test.status {
				t.Errorf("%d %s", got.StatusCode, got.Message)
			}
		})
	}
}

// A route that takes no body reads none, whatever is sent.
func TestNoBody(t *testing.T) {
	server := NewServer(quiet(), []Route{On("DELETE", "/thing", nil, echo)})
	r := httptest.NewRequest("DELETE", "/thing", iotest.ErrReader(errors.New("it was read")))
	r.Header.Set("Content-Type", "text/plain")
	rec := httptest.NewRecorder()
	if server.ServeHTTP(rec, r); rec.Code != 200 {
		t.Errorf("got %d %s", rec.Code, rec.Body)
	}
}
