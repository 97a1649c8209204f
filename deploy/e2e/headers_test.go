package e2e

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestRequestIDIsKept: a valid id of the client's comes back.
func TestRequestIDIsKept(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"abc", "3f1d0c8e-52c4-4d3b-9a6e-7f0b2c9d4e10", unique("REQUEST")} {
		for _, path := range []string{"/auth/me", "/nothing"} {
			res := anyone(t).doWith(header{"X-Request-ID": id}, "GET", path, nil)
			if got := res.Header.Get("X-Request-ID"); got != id {
				t.Errorf("%s: got %q, want %q", path, got, id)
			}
		}
	}
}

// TestRequestIDIsMade: an invalid id is replaced by one that no other request has.
func TestRequestIDIsMade(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, id := range []string{"", "", strings.Repeat("a", 5000), "a b", "a\tb", `"quoted"`, "<script>", "é", "{}"} {
		res := anyone(t).doWith(header{"X-Request-ID": id}, "GET", "/nothing", nil)
		got := res.Header.Get("X-Request-ID")
		if got == id || seen[got] || len(got) > 128 {
			t.Errorf("for %.20q: got %q, want a new one", id, got)
		}
		seen[got] = true
	}
}

// TestCORS: pages of any origin may read every answer, errors too.
func TestCORS(t *testing.T) {
	t.Parallel()
	if target.server == nil {
		t.Skip("what CORS_ORIGINS of this origin is, is not known")
	}
	for _, path := range []string{"/auth/me", "/nothing", "/personnels/" + unusedID} {
		res := anyone(t).doWith(header{"Origin": "https://office.example"}, "GET", path, nil)
		if got := res.Header.Get("Access-Control-Allow-Origin"); got != "*" {
			t.Errorf("%s: Access-Control-Allow-Origin is %q, want *", path, got)
		}
	}
}

// TestPreflight: a browser asks before it sends a token or JSON, without the
// token.
func TestPreflight(t *testing.T) {
	t.Parallel()
	for path, methods := range methodsByPath() {
		for _, method := range methods {
			t.Run(method+" "+path, func(t *testing.T) { checkPreflight(t, method, pathOf(path)) })
		}
	}
}

func checkPreflight(t *testing.T, method, path string) {
	asked := header{
		"Origin": "https://office.example", "Access-Control-Request-Method": method,
		"Access-Control-Request-Headers": "authorization,content-type,if-match,x-request-id",
	}
	res := preflight(t, path, asked)
	if !res.OK() || len(res.Body) > 0 {
		t.Fatalf("got %d with %d bytes, want a success without a body", res.Status, len(res.Body))
	}
	if res.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Error("Access-Control-Allow-Origin is missing")
	}
	if got := listed(res.Header, "Access-Control-Allow-Methods"); !slices.Contains(got, strings.ToLower(method)) {
		t.Errorf("the methods are %q, without %s", got, method)
	}
	headers := listed(res.Header, "Access-Control-Allow-Headers")
	for _, name := range strings.Split(asked["Access-Control-Request-Headers"], ",") {
		if !slices.Contains(headers, name) {
			t.Errorf("the headers are %q, without %s", headers, name)
		}
	}
}

func preflight(t *testing.T, path string, asked header) client.Response {
	t.Helper()
	req, err := anyone(t).Request(context.Background(), http.MethodOptions, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range asked {
		req.Header.Set(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func listed(h http.Header, name string) []string {
	return strings.Split(strings.ToLower(strings.ReplaceAll(h.Get(name), " ", "")), ",")
}

// TestHealth: these answer without an envelope, and with the headers that
// every answer has.
func TestHealth(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/healthz", "/readyz"} {
		res := plain(t, path)
		if res.Status != 200 {
			t.Errorf("%s: got %d, want 200", path, res.Status)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if res.Header.Get("X-Request-ID") == "" {
			t.Errorf("%s: X-Request-ID is missing", path)
		}
	}
}

// TestRoot: the origin says what it is and where to read on.
func TestRoot(t *testing.T) {
	t.Parallel()
	res := anyone(t).want(200, "GET", "/", nil)
	if !strings.Contains(strings.ToLower(string(res.Body)), "documentation") {
		t.Errorf("got %s, without a word on documentation", res.Body)
	}
}

// plain is an answer that need not be an envelope.
func plain(t *testing.T, path string) client.Response {
	t.Helper()
	req, err := anyone(t).Request(context.Background(), "GET", path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestHead: a HEAD answers as the GET does, without the body.
func TestHead(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/auth/me", "/admin/dbs", "/nothing"} {
		want := admin(t).send("GET", path, nil)
		req, err := admin(t).Request(context.Background(), "HEAD", path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil || res.Status != want.Status || len(res.Body) > 0 {
			t.Errorf("%s: got %d with %d bytes (%v), want %d with none", path, res.Status, len(res.Body), err, want.Status)
		}
	}
}
