package serve

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// documented serves a folder with what make docs builds, and with what has no
// business there.
func documented(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"openapi.yaml", "index.html", "init.js", "style.css", "icon.png", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("this is "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.js"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestDocsAreServed(t *testing.T) {
	server := common(nil, documented(t))
	cases := map[string]struct{ target, name, kind string }{
		"the description":           {"/openapi.yaml", "openapi.yaml", "application/yaml; charset=utf-8"},
		"with a slash at the end":   {"/openapi.yaml/", "openapi.yaml", "application/yaml; charset=utf-8"},
		"the page":                  {"/docs", "index.html", "text/html; charset=utf-8"},
		"the page, with a slash":    {"/docs/", "index.html", "text/html; charset=utf-8"},
		"its program":               {"/docs/init.js", "init.js", "text/javascript; charset=utf-8"},
		"its style":                 {"/docs/style.css", "style.css", "text/css; charset=utf-8"},
		"its picture":               {"/docs/icon.png", "icon.png", "image/png"},
		"a question nobody answers": {"/docs?x=1", "index.html", "text/html; charset=utf-8"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			rec := ask(server, "GET", test.target, "Range", "bytes=0-1", "If-None-Match", "*")
			if rec.Code != 200 || rec.Body.String() != "this is "+test.name {
				t.Errorf("got %d %s", rec.Code, rec.Body)
			}
			for header, want := range map[string]string{
				"Content-Type": test.kind, "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
					"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
			} {
				if got := rec.Header().Get(header); got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
		})
	}
}

func TestDocsServeNothingElse(t *testing.T) {
	dir := documented(t)
	server, bare := common(nil, dir), common(nil, "")
	outside := filepath.Join(filepath.Dir(dir), "outside.js")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{
		"/docs/none.js", "/docs/notes.txt", "/docs/folder.js", "/docs/openapi.yaml", "/docs/index.html", "/docs/folder.js/x.js",
		"/docs/..%2Foutside.js", "/docs/%2E%2E%2Foutside.js", "/docs/..%5Coutside.js", "/docs/%2Fetc%2Fpasswd.js", "/docs/%00.js",
	} {
		if rec := ask(server, "GET", target); rec.Code != 404 || strings.Contains(rec.Body.String(), "secret") {
			t.Errorf("%s: got %d %s", target, rec.Code, rec.Body)
		}
	}
	for _, target := range []string{"/openapi.yaml", "/docs", "/docs/init.js"} {
		if rec := ask(bare, "GET", target); rec.Code != 404 || !strings.Contains(rec.Body.String(), `"statusCode":404,`) {
			t.Errorf("%s without a folder: got %d %s", target, rec.Code, rec.Body)
		}
		if rec := ask(server, "POST", target); rec.Code != 405 || rec.Header().Get("Allow") != "OPTIONS, GET, HEAD" {
			t.Errorf("POST %s: got %d, Allow %q", target, rec.Code, rec.Header().Get("Allow"))
		}
	}
}
