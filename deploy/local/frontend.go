package main

import (
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"officepay.example/shared/environ"
)

// reserved are the paths that belong to the API even if the frontend has them too.
var reserved = []string{"healthz", "readyz", "docs", "openapi.yaml"}

const startPage = "index.html"

// loadFrontend returns the folder of a built web frontend, empty for none, and notes a fault in env.
func loadFrontend(env *environ.Env) string {
	dist := env.Text("FRONTEND_DIST", "")
	if dist != "" && !isFile(folder(dist), startPage) {
		dir, _ := filepath.Abs(dist)
		env.Fault("FRONTEND_DIST", "must be a folder with an %s, and %s is not one: build the frontend there, or unset it", startPage, dir)
	}
	return dist
}

// withFrontend serves a built web frontend from the same origin as the API: its files, and
// its index.html for every page that a browser opens. Such a page may have the path of a
// route, but only a browser that opens a page asks for HTML.
func withFrontend(dist string, api http.Handler) http.Handler {
	if dist == "" {
		return api
	}
	files := folder(dist)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		first, _, _ := strings.Cut(name, "/")
		mayServe := (r.Method == http.MethodGet || r.Method == http.MethodHead) && !slices.Contains(reserved, first)
		switch {
		case mayServe && isFile(files, name):
		case mayServe && strings.Contains(r.Header.Get("Accept"), "text/html"):
			w.Header().Set("Cache-Control", "no-cache") // a new build is seen at once
			name = startPage
		default:
			api.ServeHTTP(w, r)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		// Against clickjacking: no page of another origin may embed this one.
		w.Header().Set("X-Frame-Options", "SAMEORIGIN")
		w.Header().Set("Content-Security-Policy", "frame-ancestors 'self'")
		http.ServeFileFS(w, r, files, name)
	})
}

// folder is a folder of public files. Files whose names begin with a dot are hidden, and
// no link leads out of it.
type folder string

// Open implements fs.FS.
func (f folder) Open(name string) (fs.File, error) {
	if strings.HasPrefix(name, ".") || strings.Contains(name, "/.") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return os.OpenInRoot(string(f), name) // each time, since a new build may replace the folder
}

func isFile(files fs.FS, name string) bool {
	info, err := fs.Stat(files, name)
	return err == nil && info.Mode().IsRegular()
}
