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
	// CORSOrigins are the origins whose pages may call the API; "*" means any.
	CORSOrigins []string
	// TrustedProxies are the addresses whose X-Forwarded-For is believed. TrustPeer
	// adds whoever connects: for networks in which only a proxy can.
	TrustedProxies []netip.Prefix
	TrustPeer      bool
	// Activity, unless nil, is told of all work for those who are logged in.
	Activity *limit.Activity
	// MaxInFlight is how many requests are worked on at a time, three quarters of them
	// for one user; 0 means DefaultMaxInFlight.
	MaxInFlight int
	// Subject, unless nil, returns whose valid token is in the headers, without asking the
	// store; empty means nobody's.
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
	options.Activity = cmp.Or(options.Activity, &limit.Activity{})
	slots := cmp.Or(options.MaxInFlight, DefaultMaxInFlight)
	s := &server{
		options: options, mux: http.NewServeMux(),
		slots:   limit.New("requests", limit.Size{Slots: slots, PerUser: slots - slots/4, Waiting: limit.Unlimited}),
		bodies:  limit.New("large bodies", limit.Size{Slots: largeBodies, PerUser: largeBodies / 2, Waiting: largeBodiesWaiting}),
		streams: limit.New("streams", limit.Size{Slots: maxStreams, PerUser: maxStreams / 2, Waiting: streamsWaiting}),
	}
	s.notFound = s.constant(Answer{Status: http.StatusNotFound, Message: "There is nothing at this address."})
	s.mux.Handle("/", s.notFound)
	resources := map[string]resource{} // by path
	for _, route := range routes {
		if resources[route.Path] == nil {
			resources[route.Path] = resource{}
		}
		resources[route.Path][route.Method] = &pipeline{s, route}
	}
	for path, res := range resources {
		s.refuseOthers(res)
		if path == "/" {
			path = "/{$}"
		}
		s.mux.Handle(path, res)
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
	if !strings.HasPrefix(r.URL.Path, "/") || path.Clean(r.URL.Path) != r.URL.Path {
		s.notFound.ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// methods are those that a path may have, in the order of Allow. HEAD is served as GET.
var methods = []string{"OPTIONS", "GET", "POST", "PUT", "PATCH", "DELETE"}

// resource has the pipelines of a path by method. That of "" is for all other methods.
type resource map[string]*pipeline

// ServeHTTP puts the method in front of the route's pattern, unless the client made it up:
// it would add a series to the metrics.
func (res resource) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if slices.Contains(methods, method) {
		r.Pattern = method + " " + r.Pattern
	}
	cmp.Or(res[method], res[""]).ServeHTTP(w, r)
}

// refuseOthers answers OPTIONS, and 405 to the methods that a path does not have.
func (s *server) refuseOthers(res resource) {
	served := slices.DeleteFunc(slices.Clone(methods), func(method string) bool {
		return method != http.MethodOptions && res[method] == nil
	})
	if res[http.MethodGet] != nil {
		served = append(served, http.MethodHead)
	}
	allow := strings.Join(served, ", ")
	header := map[string]string{"Allow": allow}
	res[http.MethodOptions] = s.constant(Answer{Status: http.StatusNoContent, Header: header})
	res[""] = s.constant(Answer{
		Status: http.StatusMethodNotAllowed, Header: header,
		Message: "This method is not allowed here. Allowed: " + allow + ".",
	})
}

// constant is a pipeline that always gives the same answer.
func (s *server) constant(answer Answer) *pipeline {
	route := On("", "", nil, func(context.Context, *Request) (*Answer, error) {
		return new(answer), nil
	})
	route.NoSlot = true
	return &pipeline{s, route}
}
