package web

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"officepay.example/shared/gate"
)

// Handler answers one request. The error that it returns, if any, becomes the
// response; it must not have written one itself then.
type Handler func(w http.ResponseWriter, r *http.Request) error

// DefaultTimeout is how long a request may take unless its route says
// otherwise. Its deadline reaches every query of the store.
const DefaultTimeout = 10 * time.Second

// Route is one line of a service's route table.
type Route struct {
	Method  string
	Path    string // the full public path, as ServeMux patterns have it
	Handler Handler
	MaxBody int64         // bytes
	Timeout time.Duration // of the whole request
}

// On is a route with the default limits.
func On(method, path string, handler Handler) Route {
	return Route{method, path, handler, DefaultMaxBody, DefaultTimeout}
}

// Within is the route with limits of its own.
func (route Route) Within(maxBody int64, timeout time.Duration) Route {
	route.MaxBody, route.Timeout = maxBody, timeout
	return route
}

// Options are what a server needs beside its routes.
type Options struct {
	Logger *slog.Logger
	// CORSOrigins are the origins whose pages may call; "*" is any.
	CORSOrigins []string
	// TrustedProxies are whose X-Forwarded-For is believed, and TrustPeer adds
	// whoever connects, for where only a proxy can.
	TrustedProxies []netip.Prefix
	TrustPeer      bool
	// MaxInFlight is how many requests are worked on at a time; 0 is
	// DefaultMaxInFlight.
	MaxInFlight int
	// Ready tells whether what the service needs answers.
	Ready func(context.Context) error
	// DocsDir is the folder of openapi.yaml and the page that shows it.
	DocsDir string
}

// CommonRoutes are those that every service has beside its own.
func CommonRoutes(options Options) []Route {
	return append([]Route{
		On("GET", "/", about),
		On("GET", "/healthz", healthz),
		On("GET", "/readyz", readyz(options.Ready)),
	}, docsRoutes(options.DocsDir)...)
}

// NewServer serves the routes and the common ones, with and without a trailing
// slash. What no route has is a 404 or 405 in the
// envelope.
func NewServer(options Options, routes []Route) http.Handler {
	mux := http.NewServeMux()
	inFlight := gate.New("requests", cmp.Or(options.MaxInFlight, DefaultMaxInFlight), 0)
	all := CommonRoutes(options) // which are answered also under overload
	for _, route := range routes {
		route.Handler = admitted(inFlight, gate.New("large bodies", largeBodies, 0), route.Handler)
		all = append(all, route)
	}
	for path, methods := range byPath(all) {
		addPath(mux, path, methods)
	}
	mux.Handle("/", adapt(notFound, DefaultMaxBody, DefaultTimeout))
	return withRequest(options, withHeaders(options.CORSOrigins, recovered(limitedHeaders(normalized(mux)))))
}

// byPath sorts the routes by path and method; the last of a kind counts.
func byPath(routes []Route) map[string]map[string]Route {
	paths := map[string]map[string]Route{}
	for _, route := range routes {
		if paths[route.Path] == nil {
			paths[route.Path] = map[string]Route{}
		}
		paths[route.Path][route.Method] = route
	}
	return paths
}

var (
	// methods are those that a route may have. HEAD goes where GET goes.
	methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	// knownMethods are all that a path tells apart. No route has another.
	knownMethods = append([]string{"HEAD", "OPTIONS"}, methods...)
)

// addPath registers every method on the path: those without a route answer
// 405. A pattern without a method would not do: it conflicts with routes such
// as GET /personnels/{id} beside DELETE /personnels/bulk-delete.
func addPath(mux *http.ServeMux, path string, routes map[string]Route) {
	if path == "/" {
		path = "/{$}"
	}
	refuse := adapt(methodNotAllowed(routes), DefaultMaxBody, DefaultTimeout)
	mux.Handle("OPTIONS "+path, refuse)
	for _, method := range methods {
		if route, ok := routes[method]; ok {
			mux.Handle(method+" "+path, adapt(route.Handler, route.MaxBody, route.Timeout))
		} else {
			mux.Handle(method+" "+path, refuse)
		}
	}
}

func methodNotAllowed(routes map[string]Route) Handler {
	allowed := []string{"OPTIONS"}
	for _, method := range methods {
		if _, ok := routes[method]; ok {
			allowed = append(allowed, method)
		}
	}
	if slices.Contains(allowed, "GET") {
		allowed = append(allowed, "HEAD")
	}
	allow := strings.Join(allowed, ", ")
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Allow", allow)
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		return Fail(http.StatusMethodNotAllowed, "This method is not possible here. Possible: %s.", allow)
	}
}

var errNowhere = Fail(http.StatusNotFound, "There is nothing at this address.")

func notFound(http.ResponseWriter, *http.Request) error { return errNowhere }

// A connection has a little longer than the request. When a read is overdue,
// net/http takes the client for gone: the request must be over by then. And the
// error of a request that ran out of time must still reach the client.
const (
	readGrace  = time.Second
	writeGrace = 5 * time.Second
)

// adapt makes a Handler an http.Handler that keeps the limits and writes the
// error.
func adapt(handler Handler, maxBody int64, timeout time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		// A client that stops sending or reading must not hold the request for
		// ever. Where the connection has no deadlines (in a test), there are none
		// to keep.
		connection, end := http.NewResponseController(w), time.Now().Add(timeout)
		_ = connection.SetReadDeadline(end.Add(readGrace))
		_ = connection.SetWriteDeadline(end.Add(writeGrace))
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := checkQuery(r.URL.RawQuery); err != nil {
			WriteError(w, r, err)
			return
		}
		if err := handler(w, r); err != nil {
			WriteError(w, r, err)
		}
	})
}

// checkQuery refuses a query that cannot be read, or read in two ways.
func checkQuery(raw string) error {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return Fail(http.StatusBadRequest, "The query of the address is malformed.")
	}
	for name, values := range query {
		if len(values) > 1 {
			return Fail(http.StatusBadRequest, "The query of the address has %s more than once.", quoted(name))
		}
	}
	return nil
}

// normalized serves a path with a trailing slash as the one without, and keeps
// ServeMux from redirecting a path that is not clean: such a path is nothing.
func normalized(mux *http.ServeMux) http.Handler {
	nothing := adapt(notFound, DefaultMaxBody, DefaultTimeout)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) > 1 {
			r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
			r.URL.RawPath = strings.TrimSuffix(r.URL.RawPath, "/")
		}
		switch {
		case !strings.HasPrefix(r.URL.Path, "/") || path.Clean(r.URL.Path) != r.URL.Path:
			nothing.ServeHTTP(w, r)
		case !slices.Contains(knownMethods, r.Method):
			refuseMethod(mux, w, r)
		default:
			mux.ServeHTTP(w, r)
		}
	})
}

// refuseMethod answers a method that no route has, with what the path's own
// answer to OPTIONS says is possible.
func refuseMethod(mux *http.ServeMux, w http.ResponseWriter, r *http.Request) {
	options := *r
	options.Method = http.MethodOptions
	handler, _ := mux.Handler(&options)
	handler.ServeHTTP(w, r)
}
