package web

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"officepay.example/shared/office"
)

func TestRequestID(t *testing.T) {
	cases := map[string]struct {
		sent string
		kept bool
	}{
		"none":               {"", false},
		"a UUID":             {"3fa85f64-5717-4562-b3fc-2c963f66afa6", true},
		"every sane sign":    {"aZ09-_.:", true},
		"128 characters":     {strings.Repeat("a", 128), true},
		"129 characters":     {strings.Repeat("a", 129), false},
		"a blank":            {"a b", false},
		"a quote":            {`a"b`, false},
		"a line break":       {"a\nb", false},
		"markup":             {"<script>", false},
		"an escape sequence": {"\x1b[31m", false},
		"a letter abroad":    {"é", false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got := requestID(test.sent)
			if (got == test.sent) != test.kept || got == "" || len(got) > 128 {
				t.Errorf("%q becomes %q", test.sent, got)
			}
			if !test.kept && got == requestID(test.sent) {
				t.Error("two requests have one id")
			}
		})
	}
}

// One id is in the answer, in the handler's log and in the request's line.
func TestRequestIDIsEverywhere(t *testing.T) {
	for _, sent := range []string{"client-7", "not sane\x01"} {
		var logs bytes.Buffer
		server := NewServer(logging(&logs), []Route{On("GET", "/", nil, func(_ context.Context, r *Request) (*Answer, error) {
			r.Log().Info("working")
			return OK("Here.", nil)
		})})
		id := ask(server, "GET", "/", "X-Request-ID: "+sent).Header().Get("X-Request-ID")
		if (id == sent) != (sent == "client-7") {
			t.Errorf("%q becomes %q", sent, id)
		}
		if n := strings.Count(logs.String(), `"request_id":"`+id+`"`); n != 2 {
			t.Errorf("%d of 2 lines have the id: %s", n, logs.String())
		}
	}
}

// Promise 11: X-Forwarded-For counts only from a trusted proxy, and of it only
// what trusted proxies appended.
func TestClientAddr(t *testing.T) {
	const peer = "10.0.0.2:4711"
	cases := map[string]struct {
		peer, trusted string
		forwarded     []string
		want          string
	}{
		"nobody is trusted":         {peer, "", []string{"1.1.1.1"}, "10.0.0.2"},
		"no header":                 {peer, "10.0.0.0/8", nil, "10.0.0.2"},
		"from the proxy":            {peer, "10.0.0.0/8", []string{"1.1.1.1"}, "1.1.1.1"},
		"not from the proxy":        {"9.9.9.9:1", "10.0.0.0/8", []string{"1.1.1.1"}, "9.9.9.9"},
		"client made one up":        {peer, "10.0.0.0/8", []string{"6.6.6.6, 1.1.1.1"}, "1.1.1.1"},
		"client claims to be proxy": {peer, "10.0.0.0/8", []string{"6.6.6.6, 10.0.0.9, 1.1.1.1"}, "1.1.1.1"},
		"two proxies":               {peer, "10.0.0.0/8", []string{"6.6.6.6, 1.1.1.1, 10.0.0.9"}, "1.1.1.1"},
		"two headers":               {peer, "10.0.0.0/8", []string{"6.6.6.6", "1.1.1.1"}, "1.1.1.1"},
		"proxies all the way":       {peer, "10.0.0.0/8", []string{"10.0.0.7, 10.0.0.8"}, "10.0.0.7"},
		"blanks and commas":         {peer, "10.0.0.0/8", []string{" 1.1.1.1 "}, "1.1.1.1"},
		"nonsense":                  {peer, "10.0.0.0/8", []string{"1.1.1.1, unknown"}, "10.0.0.2"},
		"nonsense behind the good":  {peer, "10.0.0.0/8", []string{"unknown, 1.1.1.1"}, "1.1.1.1"},
		"empty":                     {peer, "10.0.0.0/8", []string{""}, "10.0.0.2"},
		"with a port":               {peer, "10.0.0.0/8", []string{"1.1.1.1:80"}, "1.1.1.1"},
		"two proxies, with ports":   {peer, "10.0.0.0/8", []string{"6.6.6.6:1, 1.1.1.1:80, 10.0.0.9:443"}, "1.1.1.1"},
		"a port beyond ports":       {peer, "10.0.0.0/8", []string{"1.1.1.1:99999"}, "10.0.0.2"},
		"IPv6 with a port":          {peer, "10.0.0.0/8", []string{"[2001:db8::1]:80"}, "2001:db8::1"},
		"IPv6 in brackets":          {peer, "10.0.0.0/8", []string{"[2001:db8::1]"}, "2001:db8::1"},
		"half a bracket":            {peer, "10.0.0.0/8", []string{"2001:db8::1]"}, "10.0.0.2"},
		"IPv4 within, with a port":  {peer, "10.0.0.0/8", []string{"[::ffff:1.1.1.1]:80"}, "1.1.1.1"},
		"a zone":                    {peer, "10.0.0.0/8", []string{"fe80::1%eth0"}, "fe80::1"},
		"a zone, with a port":       {peer, "10.0.0.0/8", []string{"[fe80::1%25eth0]:80"}, "fe80::1"},
		"a zone of the peer":        {"[fe80::2%eth0]:1", "fe80::/64", []string{"1.1.1.1"}, "1.1.1.1"},
		"IPv6":                      {"[::1]:1", "::1/128", []string{"2001:db8::1"}, "2001:db8::1"},
		"IPv4 within IPv6, peer":    {"[::ffff:10.0.0.2]:1", "10.0.0.0/8", []string{"1.1.1.1"}, "1.1.1.1"},
		"IPv4 within IPv6, client":  {peer, "10.0.0.0/8", []string{"::ffff:1.1.1.1"}, "1.1.1.1"},
		"no address of the peer":    {"@", "10.0.0.0/8", []string{"1.1.1.1"}, "@"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr, r.Header["X-Forwarded-For"] = test.peer, test.forwarded
			var trusted []netip.Prefix
			if test.trusted != "" {
				trusted = append(trusted, netip.MustParsePrefix(test.trusted))
			}
			if got := clientAddr(r, Options{TrustedProxies: trusted}); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// Where only a proxy can connect, it need not be named, and a client that has
// an address like its own is a client all the same.
func TestClientAddrBehindAnyPeer(t *testing.T) {
	outer := []netip.Prefix{netip.MustParsePrefix("10.0.0.9/32")}
	for forwarded, want := range map[string]string{
		"":                             "10.0.0.2",
		"6.6.6.6, 10.0.0.5":            "10.0.0.5",
		"6.6.6.6, 10.0.0.5, 10.0.0.9":  "10.0.0.5",
		"6.6.6.6, 10.0.0.2, 10.0.0.9":  "10.0.0.2",
		"6.6.6.6, [::1]:80, 10.0.0.9:": "10.0.0.2",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = "10.0.0.2:4711", []string{forwarded}
		if got := clientAddr(r, Options{TrustedProxies: outer, TrustPeer: true}); got != want {
			t.Errorf("%q: got %s, want %s", forwarded, got, want)
		}
	}
}

// logged are the lines of a log, each by its msg.
func logged(t *testing.T, logs *bytes.Buffer) map[string]map[string]any {
	t.Helper()
	lines := map[string]map[string]any{}
	for line := range strings.Lines(logs.String()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		lines[fields["msg"].(string)] = fields
	}
	return lines
}

// Promise 37: no level of the log leaves out a security event.
func TestAuditAtEveryLevel(t *testing.T) {
	var logs bytes.Buffer
	options := Options{Logger: slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelError}))}
	server := NewServer(options, []Route{On("GET", "/thing", nil, func(_ context.Context, r *Request) (*Answer, error) {
		r.Audit("thing seen")
		return OK("Seen.", nil)
	})})
	ask(server, "GET", "/thing")
	if lines := logged(t, &logs); len(lines) != 1 || lines["audit"]["event"] != "thing seen" {
		t.Errorf("got %s", logs.String())
	}
}

// Promise 37: one line a request, with the pattern of the route and never the
// address itself, which may hold anything; and one a security event.
func TestRequestLine(t *testing.T) {
	var logs bytes.Buffer
	user := office.NewID()
	server := NewServer(logging(&logs), []Route{On("DELETE", "/things/{name}", nil, func(_ context.Context, r *Request) (*Answer, error) {
		r.Caller.ID = user
		r.Audit("thing deleted", "target", "7", "count", 3)
		if r.Client != "192.0.2.1" {
			t.Errorf("client %q", r.Client)
		}
		return &Answer{Status: http.StatusMultiStatus, Message: "Gone."}, nil
	})})
	rec := ask(server, "DELETE", "/things/secret%0Aline?search=secret", "X-Request-ID: r-1", "Authorization: Bearer secret")
	lines := logged(t, &logs)
	for msg, want := range map[string]map[string]any{
		"request": {
			"request_id": "r-1", "method": "DELETE", "route": "DELETE /things/{name}", "status": 207.0,
			"bytes": float64(rec.Body.Len()), "user_id": user.Hex(), "client": "192.0.2.1", "level": "INFO",
		},
		"audit": {
			"request_id": "r-1", "event": "thing deleted", "user_id": user.Hex(), "client": "192.0.2.1",
			"target": "7", "count": 3.0,
		},
	} {
		for key, value := range want {
			if lines[msg][key] != value {
				t.Errorf("%s: %s is %v, want %v", msg, key, lines[msg][key], value)
			}
		}
	}
	if _, timed := lines["request"]["duration_ms"].(float64); !timed || strings.Contains(logs.String(), "secret") {
		t.Errorf("log %s", logs.String())
	}
}

// Probes come every few seconds: their lines are for debugging alone. What
// nobody has a route for is logged all the same.
func TestLevelOfRequestLines(t *testing.T) {
	probe := On("GET", "/probe", nil, echo)
	probe.Level = slog.LevelDebug
	for target, level := range map[string]string{"/probe": "DEBUG", "/nowhere": "INFO", "//": "INFO"} {
		var logs bytes.Buffer
		status := ask(NewServer(logging(&logs), []Route{probe}), "GET", target).Code
		if line := logged(t, &logs)["request"]; line["level"] != level || line["status"] != float64(status) {
			t.Errorf("%s: %v", target, line)
		}
	}
}

// The time of an answer is in milliseconds, and fractions of one.
func TestDurationInTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs bytes.Buffer
		slow := func(context.Context, *Request) (*Answer, error) {
			time.Sleep(20*time.Millisecond + 500*time.Microsecond)
			return OK("Here.", nil)
		}
		ask(NewServer(logging(&logs), []Route{On("GET", "/things", nil, slow)}), "GET", "/things")
		if line := logged(t, &logs)["request"]; line["duration_ms"] != 20.5 {
			t.Errorf("20.5 ms are logged as %v", line["duration_ms"])
		}
	})
}

// An answer that says no status is a 200, also without a body.
func TestLineOfAnAnswerWithoutBody(t *testing.T) {
	var logs bytes.Buffer
	list := func(context.Context, *Request) (*Answer, error) {
		return &Answer{Stream: func(yield func([]byte, error) bool) { yield([]byte("x"), nil) }}, nil
	}
	status := ask(NewServer(logging(&logs), []Route{On("GET", "/things", nil, list)}), "HEAD", "/things").Code
	if line := logged(t, &logs)["request"]; status != 200 || line["status"] != 200.0 {
		t.Errorf("%d is logged as %v", status, line)
	}
}
