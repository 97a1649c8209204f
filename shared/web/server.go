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

// DefaultMaxInFlight is how many requests are worked on at a time: enough to keep any
// machine busy, and few enough that the last of them is answered soon.
const DefaultMaxInFlight = 128

// Options are what a server needs besides its routes.
type Options struct {
	Logger *slog.Logger
	// CORSOrigins are the origins whose pages may call; "*" means any.
	CORSOrigins []string
	// TrustedProxies are the addresses whose X-Forwarded-For is believed. TrustPeer
	// adds whoever connects: for networks in which only a proxy can.
	TrustedProxies []netip.Prefix
	TrustPeer      bool
	// Activity, unless nil, learns of the work for everybody who is logged in.
	Activity *limit.Activity
	// MaxInFlight is how many requests are worked on at a time, three quarters of them
	// for one user; 0 means DefaultMaxInFlight.
	MaxInFlight int
	// Subject, unless nil, tells without the store whose valid token is in the headers;
	// empty means nobody's.
	Subject func(http.Header) string
}

// server passes each request to the pipeline of its route.
type server struct {
	options  Options
	slots    *limit.Limiter // requests that are worked on
	bodies   *limit.Limiter // KB of large bodies in memory
	streams  *limit.Limiter // answers that are written in steps
	mux      *http.ServeMux
	notFound http.Handler
}

// NewServer serves the routes, with and without a trailing slash. Everything else gets a
// 404 or 405 in the envelope.
func NewServer(options Options, routes []Route) http.Handler {
	slots := cmp.Or(options.MaxInFlight, DefaultMaxInFlight)
	s := &server{
		options: options, mux: http.NewServeMux(),
		slots:   limit.New("requests", limit.Size{Slots: slots, PerUser: slots - slots/4, Waiting: limit.Unlimited}),
		bodies:  limit.New("large bodies", limit.Size{Slots: largeBodies, PerUser: largeBodies / 2, Waiting: largeBodiesWaiting}),
		streams: limit.New("streams", limit.Size{Slots: maxStreams, PerUser: maxStreams / 2, Waiting: streamsWaiting}),
	}
	s.notFound = s.constant(Answer{Status: http.StatusNotFound, Message: "There is nothing at this address."})
	s.mux.Handle("/", s.notFound)
	methodsOf := map[string][]string{} // by pattern
	for _, route := range routes {
		pattern := route.Path
		if pattern == "/" {
			pattern = "/{$}"
		}
		s.mux.Handle(route.Method+" "+pattern, s.pipeline(route))
		methodsOf[pattern] = append(methodsOf[pattern], route.Method)
	}
	for pattern, methods := range methodsOf {
		s.refuseOthers(pattern, methods)
	}
	return s
}

// ServeHTTP treats a path with a trailing slash like the one without. It answers 404 for
// a path that is not clean, which ServeMux would redirect.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if len(r.URL.Path) > 1 {
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
		r.URL.RawPath = strings.TrimSuffix(r.URL.RawPath, "/")
	}
	switch {
	case !strings.HasPrefix(r.URL.Path, "/") || path.Clean(r.URL.Path) != r.URL.Path:
		s.notFound.ServeHTTP(w, r)
	case !slices.Contains(knownMethods, r.Method):
		s.serveUnknownMethod(w, r)
	default:
		s.mux.ServeHTTP(w, r)
	}
}

func (s *server) pipeline(route Route) http.Handler {
	p := &pipeline{server: s, Route: route}
	for segment := range strings.SplitSeq(route.Path, "/") {
		if name := strings.Trim(segment, "{}"); name != segment && (name == "id" || strings.HasSuffix(name, "_id")) {
			p.idName = name
		}
	}
	return p
}

var (
	// methods are those that a route may have. HEAD is served as GET.
	methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	// knownMethods are all that can get an answer other than 405.
	knownMethods = append([]string{"HEAD", "OPTIONS"}, methods...)
)

// anyOther stands for every unknown method, and for itself.
const anyOther = http.MethodTrace

// refuseOthers answers 405 to the methods that a path does not have. One pattern without
// a method would not do: /personnels/bulk-delete would conflict with GET
// /personnels/{id}, since each matches requests that the other does not.
func (s *server) refuseOthers(pattern string, served []string) {
	allow := allowHeader(served)
	header := map[string]string{"Allow": allow}
	s.mux.Handle("OPTIONS "+pattern, s.constant(Answer{Status: http.StatusNoContent, Header: header}))
	refuse := s.constant(Answer{
		Status: http.StatusMethodNotAllowed, Header: header,
		Message: "This method is not allowed here. Allowed: " + allow + ".",
	})
	for _, method := range append(methods, anyOther) {
		if !slices.Contains(served, method) {
			s.mux.Handle(method+" "+pattern, refuse)
		}
	}
}

// constant is a pipeline that always gives the same answer.
func (s *server) constant(answer Answer) http.Handler {
	route := On("", "", nil, func(context.Context, *Request) (*Answer, error) {
		fresh := answer
		return &fresh, nil
	})
	route.NoSlot = true
	return s.pipeline(route)
}

// serveUnknownMethod answers as the path answers to anyOther.
func (s *server) serveUnknownMethod(w http.ResponseWriter, r *http.Request) {
	other := *r
	other.Method = anyOther
	handler, _ := s.mux.Handler(&other)
	handler.ServeHTTP(w, r)
}

func allowHeader(served []string) string {
	names := []string{"OPTIONS"}
	for _, method := range methods {
		if slices.Contains(served, method) {
			names = append(names, method)
		}
	}
	if slices.Contains(served, "GET") {
		names = append(names, "HEAD")
	}
	return strings.Join(names, ", ")
}
