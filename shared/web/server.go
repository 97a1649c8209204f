package web

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"slices"
	"strings"

	"officepay.example/shared/limit"
)

// DefaultMaxInFlight is how many requests are worked on at a time: more than
// any machine needs to be busy, and few enough that the last of them is
// answered soon.
const DefaultMaxInFlight = 128

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
}

// server sends each request to the pipeline of its route.
type server struct {
	options Options
	slots   *limit.Limiter
	mux     *http.ServeMux
	nowhere http.Handler
}

// NewServer serves the routes, with and without a trailing slash. What no route
// has is a 404 or 405 in the envelope.
func NewServer(options Options, routes []Route) http.Handler {
	s := &server{
		options: options, mux: http.NewServeMux(),
		slots: limit.New("requests", cmp.Or(options.MaxInFlight, DefaultMaxInFlight), limit.Unlimited),
	}
	s.nowhere = s.constant(Answer{Status: http.StatusNotFound, Message: "There is nothing at this address."})
	s.mux.Handle("/", s.nowhere)
	has := map[string][]string{} // methods by pattern
	for _, route := range routes {
		pattern := route.Path
		if pattern == "/" {
			pattern = "/{$}"
		}
		s.mux.Handle(route.Method+" "+pattern, s.pipeline(route))
		has[pattern] = append(has[pattern], route.Method)
	}
	for pattern, methods := range has {
		s.refuseOthers(pattern, methods)
	}
	return s
}

// ServeHTTP serves a path with a trailing slash as the one without, and keeps
// ServeMux from redirecting a path that is not clean: nothing is there.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if len(r.URL.Path) > 1 {
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
		r.URL.RawPath = strings.TrimSuffix(r.URL.RawPath, "/")
	}
	switch {
	case !strings.HasPrefix(r.URL.Path, "/") || path.Clean(r.URL.Path) != r.URL.Path:
		s.nowhere.ServeHTTP(w, r)
	case !slices.Contains(knownMethods, r.Method):
		s.otherMethod(w, r)
	default:
		s.mux.ServeHTTP(w, r)
	}
}

// pipeline is the way of the requests of a route.
func (s *server) pipeline(route Route) http.Handler {
	p := &pipeline{Route: route, options: s.options, bodies: limit.New("large bodies", largeBodies, 0)}
	if !route.Always {
		p.slots = s.slots
	}
	for segment := range strings.SplitSeq(route.Path, "/") {
		if name := strings.Trim(segment, "{}"); name != segment && (name == "id" || strings.HasSuffix(name, "_id")) {
			p.idName = name
		}
	}
	return p
}

var (
	// methods are those that a route may have. HEAD goes where GET goes.
	methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	// knownMethods are all that a path tells apart. No route has another.
	knownMethods = append([]string{"HEAD", "OPTIONS"}, methods...)
)

// anyOther stands for every method that is not known, also for itself.
const anyOther = http.MethodTrace

// refuseOthers answers 405 to the methods that a path does not have. A pattern
// without a method would not do: it conflicts with routes such as
// GET /personnels/{id} beside DELETE /personnels/bulk-delete.
func (s *server) refuseOthers(pattern string, has []string) {
	allow := allowed(has)
	header := map[string]string{"Allow": allow}
	s.mux.Handle("OPTIONS "+pattern, s.constant(Answer{Status: http.StatusNoContent, Header: header}))
	refuse := s.constant(Answer{
		Status: http.StatusMethodNotAllowed, Header: header,
		Message: "This method is not allowed here. Allowed: " + allow + ".",
	})
	for _, method := range append(methods, anyOther) {
		if !slices.Contains(has, method) {
			s.mux.Handle(method+" "+pattern, refuse)
		}
	}
}

// constant is the way of requests that all have one answer.
func (s *server) constant(answer Answer) http.Handler {
	route := On("", "", nil, func(context.Context, *Request) (*Answer, error) {
		fresh := answer
		return &fresh, nil
	})
	route.Always = true
	return s.pipeline(route)
}

// otherMethod answers a method that no route has.
func (s *server) otherMethod(w http.ResponseWriter, r *http.Request) {
	other := *r
	other.Method = anyOther
	handler, _ := s.mux.Handler(&other)
	handler.ServeHTTP(w, r)
}

// allowed are the methods of a path, as the header Allow lists them.
func allowed(has []string) string {
	names := []string{"OPTIONS"}
	for _, method := range methods {
		if slices.Contains(has, method) {
			names = append(names, method)
		}
	}
	if slices.Contains(has, "GET") {
		names = append(names, "HEAD")
	}
	return strings.Join(names, ", ")
}
