package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// reserved are the addresses at which a browser finds the API, whatever the
// frontend has there.
var reserved = []string{"healthz", "readyz", "docs", "openapi.yaml"}

// startPage is the file that makes a folder a web frontend.
const startPage = "index.html"

// checkFrontend tells what is wrong with the folder of the web frontend, if
// there is to be one.
func checkFrontend(dist string) error {
	if dist == "" {
		return nil
	}
	path, err := filepath.Abs(dist)
	if err == nil && !isFile(folder(path), startPage) {
		err = fmt.Errorf("FRONTEND_DIST must be a folder with an %s, and %s is not one: build the frontend there, or unset it", startPage, path)
	}
	return err
}

// withFrontend serves a built web frontend from the same origin as the API:
// its files, and its index.html for every page that a browser opens. Pages
// come before the API, since a page may have the address of a route, and only a
// browser that opens a page asks for HTML. The documentation of the API stays where
// it is.
func withFrontend(dist string, api http.Handler) http.Handler {
	if dist == "" {
		return api
	}
	files := folder(dist)
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		describe := func() {
			w.Header().Set("X-Content-Type-Options", "nosniff")
			// No page of another origin shows this one in itself, and has people click there.
			w.Header().Set("X-Frame-Options", "SAMEORIGIN")
			w.Header().Set("Content-Security-Policy", "frame-ancestors 'self'")
		}
		name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
		isPage := strings.Contains(r.Header.Get("Accept"), "text/html")
		first, _, _ := strings.Cut(name, "/")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead, slices.Contains(reserved, first):
			api.ServeHTTP(w, r)
		case isFile(files, name):
			describe()
			server.ServeHTTP(w, r)
		case isPage:
			describe()
			w.Header().Set("Cache-Control", "no-cache") // a new build is seen at once
			http.ServeFileFS(w, r, files, startPage)
		default:
			api.ServeHTTP(w, r)
		}
	})
}

// folder is one of files for everybody: nothing in it whose name begins with a dot is
// shown, and no link leads out of it.
type folder string

// Open implements fs.FS.
func (f folder) Open(name string) (fs.File, error) {
	if strings.HasPrefix(name, ".") || strings.Contains(name, "/.") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	root, err := os.OpenRoot(string(f)) // each time: a new build may be a new folder
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(name)
}

func isFile(files fs.FS, name string) bool {
	info, err := fs.Stat(files, name)
	return err == nil && info.Mode().IsRegular()
}
