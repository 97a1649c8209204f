package serve

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"officepay.example/shared/serve/version"
	"officepay.example/shared/web"
)

// Routes are the routes that every service has: the root, health, and the description of
// the API from a folder. Ready returns an error if the service cannot work now.
func Routes(ready func(context.Context) error, docsDir string) []web.Route {
	file := docs(os.DirFS(docsDir))
	routes := []web.Route{
		web.On("GET", "/healthz", nil, healthz),
		web.On("GET", "/readyz", nil, readyz(ready)),
		web.On("GET", "/", nil, about),
		web.On("GET", "/openapi.yaml", nil, file),
		web.On("GET", "/docs", nil, file),
		web.On("GET", "/docs/{file}", nil, file),
	}
	for i := range routes {
		routes[i].NoSlot = true
	}
	routes[0].Level, routes[1].Level = slog.LevelDebug, slog.LevelDebug // they are polled every few seconds
	return routes
}

// about is GET /.
func about(context.Context, *web.Request) (*web.Answer, error) {
	return web.OK("This is the API of Office Payment Management.", map[string]any{
		"name":          "Office Payment Management",
		"version":       version.Number,
		"documentation": "/docs",
		"openapi":       "/openapi.yaml",
		"endpoints":     []string{"/auth", "/admin", "/personnels", "/analytics", "/healthz", "/readyz"},
	})
}

// readyTimeout is less than healthTimeout, so that a health check gets its answer.
const readyTimeout = 2 * time.Second

// healthz is GET /healthz: the process is up.
func healthz(context.Context, *web.Request) (*web.Answer, error) {
	return health(http.StatusOK, "ok"), nil
}

// readyz is GET /readyz: whether the process can serve.
func readyz(ready func(context.Context) error) web.Handler {
	return func(ctx context.Context, r *web.Request) (*web.Answer, error) {
		ctx, cancel := context.WithTimeout(ctx, readyTimeout)
		defer cancel()
		if err := ready(ctx); err != nil {
			r.Log().Warn("not ready", "error", err.Error())
			return health(http.StatusServiceUnavailable, "database unavailable"), nil
		}
		return health(http.StatusOK, "ready"), nil
	}
}

func health(status int, word string) *web.Answer {
	return &web.Answer{Status: status, Body: []byte(`{"status":"` + word + `"}` + "\n")}
}

// assetKinds are the media types of the files that the page loads, by file extension.
var assetKinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".png": "image/png"}

// docsPolicy lets the page load its own files and call this API, and nothing else. Its
// style sheet has images as data URLs, and its script writes style attributes.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docs is GET /openapi.yaml, GET /docs and GET /docs/{file}: the description of the API, and
// the page that shows it. make docs builds them into one folder. If a file is missing, the
// answer is 404. No client may cache the others, so http.ServeContent would add nothing.
func docs(files fs.FS) web.Handler {
	return func(_ context.Context, r *web.Request) (*web.Answer, error) {
		name := strings.TrimPrefix(r.Path, "/docs/")
		kind := assetKinds[path.Ext(name)]
		switch r.Path {
		case "/openapi.yaml":
			name, kind = "openapi.yaml", "application/yaml; charset=utf-8" // RFC 9512
		case "/docs":
			name, kind = "index.html", "text/html; charset=utf-8"
		}
		content, err := fs.ReadFile(files, name)
		if err != nil || kind == "" {
			return nil, web.Fail(http.StatusNotFound, "There is nothing at this address.")
		}
		return &web.Answer{Body: content, Header: map[string]string{"Content-Type": kind, "Content-Security-Policy": docsPolicy}}, nil
	}
}
