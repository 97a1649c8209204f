package web

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// maxMessage is what promise 16 allows a message, in bytes.
const maxMessage = 300

// post is a request with a body of JSON.
func post(body string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
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

func TestRespond(t *testing.T) {
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
			rec := httptest.NewRecorder()
			if err := Respond(rec, http.StatusMultiStatus, "Some went in.", test.data); err != nil {
				t.Fatal(err)
			}
			want := `{"message":"Some went in.","statusCode":207,"data":` + test.want + "}\n"
			if rec.Body.String() != want || rec.Code != 207 {
				t.Errorf("%d %s, want %s", rec.Code, rec.Body, want)
			}
			unwrap(t, rec)
		})
	}
}

func TestOKAndCreated(t *testing.T) {
	ok, created := httptest.NewRecorder(), httptest.NewRecorder()
	if err := OK(ok, "Here.", nil); err != nil || ok.Code != 200 {
		t.Errorf("OK: %d, %v", ok.Code, err)
	}
	if err := Created(created, "Made.", nil); err != nil || created.Code != 201 {
		t.Errorf("Created: %d, %v", created.Code, err)
	}
}

// What cannot be encoded must leave room for an honest 500.
func TestRespondWritesNothingItCannotEncode(t *testing.T) {
	rec := httptest.NewRecorder()
	err := OK(rec, "Here.", map[string]any{"f": func() {}})
	if err == nil || rec.Body.Len() > 0 || len(rec.Header()) > 0 {
		t.Errorf("error %v, body %q, header %v", err, rec.Body, rec.Header())
	}
	server := NewServer(quiet(), []Route{On("GET", "/", func(w http.ResponseWriter, _ *http.Request) error {
		return OK(w, "Here.", io.EOF.Error)
	})})
	if answer := ask(server, "GET", "/"); unwrap(t, answer).StatusCode != 500 {
		t.Errorf("status %d", answer.Code)
	}
}
