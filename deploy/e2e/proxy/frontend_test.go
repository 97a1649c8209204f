package proxy

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"officepay.example/deploy/e2e/client"
)

const (
	startPage = "<!doctype html><title>Pay</title>"
	script    = "document.title = 'Pay'"
	page      = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8" // what a browser that opens a page accepts
	data      = "application/json, text/plain, */*"
)

// newFrontend is a folder with a built frontend: its page and one more file.
func newFrontend(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, content := range map[string]string{"index.html": startPage, "assets/app.js": script, ".env": "secret", "assets/.htpasswd": "secret"} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// ask sends a header with a value, or none where the value is empty.
func ask(t *testing.T, method, address, header, value string) client.Response {
	t.Helper()
	req, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if value != "" {
		req.Header.Set(header, value)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestFrontend checks who answers what when a frontend is on the same origin: a
// page may have the address of a route, and only a browser that opens it asks
// for HTML. A page is asked for again each time, so that a new build is seen.
func TestFrontend(t *testing.T) {
	origin := startCaddy(t, newLimitless(t).Server, "FRONTEND_DIST="+newFrontend(t))
	for name, c := range map[string]struct {
		method, accept string
		paths          []string
		body, caching  string
	}{
		"pages":           {"GET", page, []string{"/", "/index.html", "/personnels", "/admin/dbs", "/nowhere/at/all"}, startPage, "no-cache"},
		"files":           {"GET", data, []string{"/assets/app.js"}, script, ""},
		"the API":         {"GET", data, []string{"/", "/personnels", "/admin/dbs", "/nowhere"}, taken, ""},
		"hidden files":    {"GET", data, []string{"/.env", "/assets/.htpasswd", "/%2eenv"}, taken, ""},
		"hidden pages":    {"GET", page, []string{"/.env"}, taken, ""},
		"without Accept":  {"GET", "", []string{"/", "/personnels", "/nowhere"}, taken, ""},
		"what is written": {"POST", page, []string{"/", "/personnels", "/assets/app.js"}, taken, ""},
		"reserved": {"GET", page, []string{"/healthz", "/readyz", "/docs", "/docs/", "/docs/app.js",
			"/openapi.yaml", "/openapi.yaml/"}, taken, ""},
	} {
		for _, path := range c.paths {
			res := ask(t, c.method, origin+path, "Accept", c.accept)
			if res.Status != http.StatusOK || string(res.Body) != c.body {
				t.Errorf("%s: %s %s: got %d %q, want %q", name, c.method, path, res.Status, res.Body, c.body)
			}
			if got := res.Header.Get("Cache-Control"); got != c.caching {
				t.Errorf("%s: %s: Cache-Control is %q, want %q", name, path, got, c.caching)
			}
			isOurs := c.body != taken
			if got := res.Header.Get("X-Frame-Options") + " " + res.Header.Get("Content-Security-Policy"); isOurs != (got == "SAMEORIGIN frame-ancestors 'self'") {
				t.Errorf("%s: %s: who may frame it is %q", name, path, got)
			}
			if got := res.Header.Get("X-Content-Type-Options"); got != "nosniff" {
				t.Errorf("%s: %s: X-Content-Type-Options is %q, want nosniff", name, path, got)
			}
		}
	}
}
