package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var fakeAPI = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("api")) })

// newFrontend makes a built frontend.
func newFrontend(t *testing.T) (dist string) {
	t.Helper()
	dist = t.TempDir()
	if err := os.Mkdir(filepath.Join(dist, "assets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"index.html": "<title>app</title>", "app.js": "run()", "assets/app.css": "color", "docs": "taken", "openapi.yaml": "taken",
	} {
		if err := os.WriteFile(filepath.Join(dist, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "outside")
	for path, content := range map[string]string{
		outside: "secret", filepath.Join(dist, ".env"): "secret", filepath.Join(dist, "assets", ".htpasswd"): "secret",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"out": outside, "up": "../../outside", "assets/in": "../app.js"} {
		if err := os.Symlink(target, filepath.Join(dist, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dist
}

// ask is what a browser gets that accepts so.
func ask(dist, method, path, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	withFrontend(dist, fakeAPI).ServeHTTP(w, r)
	return w
}

func TestFrontendIsServedBesideTheAPI(t *testing.T) {
	dist := newFrontend(t)
	const html, data = "text/html,*/*", "application/json, */*"
	tests := map[string]struct{ method, path, accept, want string }{
		"the start page":                  {"GET", "/", html, "<title>app</title>"},
		"a page of the frontend":          {"GET", "/records/7", html, "<title>app</title>"},
		"a page with an address of ours":  {"GET", "/admin/users", html, "<title>app</title>"},
		"the reference":                   {"GET", "/docs", html, "api"},
		"the reference, with a slash":     {"GET", "/docs/", html, "api"},
		"a file of the reference":         {"GET", "/docs/init.js", "*/*", "api"},
		"the description of the API":      {"GET", "/openapi.yaml", html, "api"},
		"health":                          {"GET", "/healthz", html, "api"},
		"readiness":                       {"GET", "/readyz", html, "api"},
		"a page whose name begins alike":  {"GET", "/docs-of-mine", html, "<title>app</title>"},
		"a file":                          {"GET", "/app.js", "*/*", "run()"},
		"a file in a folder":              {"GET", "/assets/app.css", "*/*", "color"},
		"a folder":                        {"GET", "/assets", "*/*", "api"}, // nobody reads what is in it
		"a folder, with a slash":          {"GET", "/assets/", "*/*", "api"},
		"a folder, opened as a page":      {"GET", "/assets/", html, "<title>app</title>"},
		"a file that is hidden":           {"GET", "/.env", "*/*", "api"},
		"a hidden file in a folder":       {"GET", "/assets/.htpasswd", "*/*", "api"},
		"a link out of the folder":        {"GET", "/out", "*/*", "api"},
		"a link above the folder":         {"GET", "/up", "*/*", "api"},
		"a link within the folder":        {"GET", "/assets/in", "*/*", "run()"},
		"a call":                          {"GET", "/admin/users", data, "api"},
		"a call that writes":              {"POST", "/admin/users", html, "api"},
		"a way out of the folder":         {"GET", "/../../etc/passwd", data, "api"},
		"the root, asked for by a script": {"GET", "/", data, "api"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := ask(dist, tt.method, tt.path, tt.accept)
			if got := w.Body.String(); !strings.Contains(got, tt.want) {
				t.Errorf("got %d %q, want %q", w.Code, got, tt.want)
			}
		})
	}
}

// No browser takes a file for something else, and each sees a new build at
// once.
func TestHeadersOfTheFrontend(t *testing.T) {
	dist := newFrontend(t)
	for _, tt := range []struct{ path, accept, caching string }{
		{"/", "text/html", "no-cache"},
		{"/records/7", "text/html", "no-cache"},
		{"/app.js", "*/*", ""},
	} {
		header := ask(dist, "GET", tt.path, tt.accept).Header()
		sniffing, caching := header.Get("X-Content-Type-Options"), header.Get("Cache-Control")
		if header.Get("X-Frame-Options") != "SAMEORIGIN" || header.Get("Content-Security-Policy") != "frame-ancestors 'self'" {
			t.Errorf("%s may be shown in a page of another origin", tt.path)
		}
		if sniffing != "nosniff" || caching != tt.caching {
			t.Errorf("%s has X-Content-Type-Options %q and Cache-Control %q", tt.path, sniffing, caching)
		}
	}
}

func TestNoFrontend(t *testing.T) {
	if w := ask("", "GET", "/", "text/html"); w.Body.String() != "api" {
		t.Errorf("got %q", w.Body)
	}
}

// A frontend that is not there ends the start, and is named with every other
// fault.
func TestFolderWithoutAFrontend(t *testing.T) {
	empty := t.TempDir()
	strange := t.TempDir()
	if err := os.Mkdir(filepath.Join(strange, startPage), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, dist := range []string{empty, strange, filepath.Join(empty, "missing")} {
		o := newInstallation(t)
		o.settings["FRONTEND_DIST"] = dist
		o.fails("FRONTEND_DIST must be a folder with an index.html, and "+dist+" is not one", "serve")
		o.settings["BCRYPT_COST"] = "x"
		o.fails("FRONTEND_DIST", "serve")
		o.fails("BCRYPT_COST", "serve")
	}
	if err := os.WriteFile(filepath.Join(empty, startPage), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o := newInstallation(t)
	o.settings["FRONTEND_DIST"] = empty
	o.serveBriefly()
}
