package serve

import (
	"context"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"

	"officepay.example/shared/web"
)

// docs are the files that describe the API: openapi.yaml, and the page that shows it.
// make docs builds them into one folder.
type docs struct{ files fs.FS }

// docsRoutes serve the files of a folder. If a file is missing, they answer 404.
func docsRoutes(dir string) []web.Route {
	d := docs{os.DirFS(dir)}
	return []web.Route{
		web.On("GET", "/openapi.yaml", nil, d.document("openapi.yaml", "application/yaml; charset=utf-8")), // RFC 9512
		web.On("GET", "/docs", nil, d.document("index.html", "text/html; charset=utf-8")),
		web.On("GET", "/docs/{file}", nil, d.asset),
	}
}

// assetKinds are the media types of the files that the page loads, by file extension.
var assetKinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".png": "image/png"}

// docsPolicy lets the page load its own files and call this API, and nothing else. Its
// style sheet has images as data URLs, and its script writes style attributes.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// document is GET /openapi.yaml and GET /docs.
func (d docs) document(name, kind string) web.Handler {
	return func(context.Context, *web.Request) (*web.Answer, error) { return d.read(name, kind) }
}

// asset is GET /docs/{file}.
func (d docs) asset(_ context.Context, r *web.Request) (*web.Answer, error) {
	name := strings.TrimPrefix(r.Path, "/docs/")
	return d.read(name, assetKinds[path.Ext(name)])
}

// read answers with a whole file. net/http's file server would add nothing, since no
// client may cache the answer.
func (d docs) read(name, kind string) (*web.Answer, error) {
	content, err := fs.ReadFile(d.files, name)
	if err != nil || kind == "" {
		return nil, web.Fail(http.StatusNotFound, "There is nothing at this address.")
	}
	return &web.Answer{Body: content, Header: map[string]string{"Content-Type": kind, "Content-Security-Policy": docsPolicy}}, nil
}
