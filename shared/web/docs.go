package web

import (
	"io/fs"
	"net/http"
	"os"
	"path"
	"strconv"
)

// docs are the files that describe the API: openapi.yaml, and the page that
// shows it. make docs builds them into one folder.
type docs struct{ files fs.FS }

// docsRoutes are the one place where an answer is a file. With an empty
// folder, or none, they answer 404.
func docsRoutes(dir string) []Route {
	d := docs{os.DirFS(dir)}
	return []Route{
		On("GET", "/openapi.yaml", d.answer("openapi.yaml")),
		On("GET", "/docs", d.answer("index.html")),
		On("GET", "/docs/{file}", d.pageFile),
	}
}

// The kinds of files that there are. That of YAML is RFC 9512's.
var (
	documentKinds = map[string]string{".yaml": "application/yaml; charset=utf-8", ".html": "text/html; charset=utf-8"}
	assetKinds    = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".png": "image/png"}
)

// docsPolicy lets the page load its own files, call this API, and nothing
// else. Its style sheet has pictures as data URLs, and its program writes
// style attributes.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (d docs) answer(name string) Handler {
	return func(w http.ResponseWriter, _ *http.Request) error {
		return d.write(w, name, documentKinds[path.Ext(name)])
	}
}

// pageFile answers what the page loads.
func (d docs) pageFile(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	return d.write(w, name, assetKinds[path.Ext(name)])
}

// write answers with the whole file. Nobody may keep it, so there is nothing
// to ask about it that net/http's file server would be needed for.
func (d docs) write(w http.ResponseWriter, name, kind string) error {
	if kind == "" {
		return errNowhere
	}
	content, err := fs.ReadFile(d.files, name)
	if err != nil {
		return errNowhere
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	h.Set("Content-Security-Policy", docsPolicy)
	w.WriteHeader(http.StatusOK)
	w.Write(content) // the client may be gone; there is nobody to tell
	return nil
}
