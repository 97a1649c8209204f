package main

import (
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
)

// reserved are the addresses at which a browser finds the API, whatever the
// frontend has there.
var reserved = []string{"healthz", "readyz", "docs", "openapi.yaml"}

// withFrontend serves a built web frontend from the same origin as the API:
// its files, and its index.html for every page that a browser opens. Pages
// come before the API, since a page may have an address that the API has too,
// and only a browser that opens a page asks for HTML. What the API says of
// itself stays where it is.
func withFrontend(dist string, api http.Handler) http.Handler {
	files := os.DirFS(dist)
	if dist == "" || !isFile(files, "index.html") {
		return api
	}
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		isPage := strings.Contains(r.Header.Get("Accept"), "text/html")
		first, _, _ := strings.Cut(name, "/")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead, slices.Contains(reserved, first):
			api.ServeHTTP(w, r)
		case isFile(files, name):
			w.Header().Set("X-Content-Type-Options", "nosniff")
			server.ServeHTTP(w, r)
		case isPage:
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Cache-Control", "no-cache") // a new build is seen at once
			http.ServeFileFS(w, r, files, "index.html")
		default:
			api.ServeHTTP(w, r)
		}
	})
}

func isFile(files fs.FS, name string) bool {
	info, err := fs.Stat(files, name)
	return err == nil && info.Mode().IsRegular()
}
