package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// maxMessage is what promise 16 allows a message, in bytes.
const maxMessage = 300

// post is a request with a body.
func post(body string) *Request { return &Request{Body: []byte(body)} }

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

// quiet are options of a server that logs into the void.
func quiet() Options { return Options{Logger: slog.New(slog.DiscardHandler)} }

// logging are options of a server that logs every level into a buffer.
func logging(logs *bytes.Buffer) Options {
	return Options{Logger: slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))}
}

// envelope is the form of every response that has a body.
type envelope struct {
	Message    string `json:"message"`
	StatusCode int    `json:"statusCode"`
	Data       any    `json:"data"`
}

// unwrap checks that an answer is in the envelope and agrees with it.
func unwrap(t testing.TB, rec *httptest.ResponseRecorder) envelope {
	t.Helper()
	var keys map[string]json.RawMessage
	var got envelope
	if err := json.Unmarshal(rec.Body.Bytes(), &keys); err != nil {
		t.Fatalf("not one JSON value: %v: %s", err, rec.Body)
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if names := slices.Sorted(maps.Keys(keys)); !slices.Equal(names, []string{"data", "message", "statusCode"}) {
		t.Errorf("keys %v", names)
	}
	if first := string(keys["data"][:1]); first != "{" && first != "[" {
		t.Errorf("data is %s", keys["data"])
	}
	if got.StatusCode != rec.Code || got.Message == "" || len(got.Message) > maxMessage {
		t.Errorf("status %d in an answer with %d, message %q", got.StatusCode, rec.Code, got.Message)
	}
	if kind := rec.Header().Get("Content-Type"); kind != "application/json; charset=utf-8" {
		t.Errorf("Content-Type %q", kind)
	}
	return got
}

func TestEnvelope(t *testing.T) {
	cases := map[string]struct {
		data any
		want string
	}{
		"nothing to say":   {nil, `{}`},
		"object":           {map[string]int{"n": 1}, `{"n":1}`},
		"empty list":       {[]string{}, `[]`},
		"signs as written": {[]string{"<b> & é"}, `["<b> & é"]`},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			rec := ask(answering(&Answer{Status: http.StatusMultiStatus, Message: "Some went in.", Data: test.data}), "GET", "/")
			want := `{"message":"Some went in.","statusCode":207,"data":` + test.want + "}\n"
			if rec.Body.String() != want || rec.Code != 207 || rec.Header().Get("Content-Length") != strconv.Itoa(len(want)) {
				t.Errorf("%d %s %v, want %s", rec.Code, rec.Body, rec.Header(), want)
			}
			unwrap(t, rec)
		})
	}
}

// answering is a server that has one answer.
func answering(answer *Answer) http.Handler {
	return NewServer(quiet(), []Route{On("GET", "/", nil, func(context.Context, *Request) (*Answer, error) { return answer, nil })})
}

func TestOKAndCreated(t *testing.T) {
	if ok, err := OK("Here.", nil); err != nil || unwrap(t, ask(answering(ok), "GET", "/")).StatusCode != 200 {
		t.Errorf("OK: %+v, %v", ok, err)
	}
	if created, err := Created("Made.", nil); err != nil || unwrap(t, ask(answering(created), "GET", "/")).StatusCode != 201 {
		t.Errorf("Created: %+v, %v", created, err)
	}
}

// What cannot be encoded must leave room for an honest 500.
func TestWhatCannotBeEncoded(t *testing.T) {
	for _, data := range []any{map[string]any{"f": func() {}}, io.EOF.Error} {
		answer := ask(answering(&Answer{Message: "Here.", Data: data}), "GET", "/")
		if unwrap(t, answer).StatusCode != 500 {
			t.Errorf("status %d", answer.Code)
		}
	}
}

// A body and a stream are sent as they are, with headers of their own.
func TestOtherBodies(t *testing.T) {
	csv := map[string]string{"Content-Type": "text/csv"}
	steps := func(yield func([]byte, error) bool) { _ = yield([]byte("a,"), nil) && yield([]byte("b"), nil) }
	for name, test := range map[string]struct {
		answer             Answer
		method, body, kind string
	}{
		"a body":           {Answer{Body: []byte("a,b"), Header: csv}, "GET", "a,b", "text/csv"},
		"a body of JSON":   {Answer{Body: []byte("{}")}, "GET", "{}", "application/json; charset=utf-8"},
		"a stream":         {Answer{Stream: steps, Header: csv}, "GET", "a,b", "text/csv"},
		"a stream of JSON": {Answer{Stream: steps}, "GET", "a,b", "application/json; charset=utf-8"},
		"HEAD of a stream": {Answer{Stream: steps, Header: csv}, "HEAD", "", "text/csv"},
		"an empty stream":  {Answer{Stream: func(func([]byte, error) bool) {}, Header: csv}, "GET", "", "text/csv"},
	} {
		t.Run(name, func(t *testing.T) {
			rec := ask(answering(&test.answer), test.method, "/")
			if rec.Code != 200 || rec.Body.String() != test.body || rec.Header().Get("Content-Type") != test.kind {
				t.Errorf("%d %q %v", rec.Code, rec.Body, rec.Header())
			}
		})
	}
}
