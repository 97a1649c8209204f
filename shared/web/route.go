package web

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"officepay.example/shared/limit"
	"officepay.example/shared/token"
)

// The limits of a route unless it says otherwise.
const (
	DefaultMaxBody = 64 << 10 // bytes
	// DefaultTimeout reaches every query of the store as a deadline.
	DefaultTimeout = 10 * time.Second
)

// JSON is the media type of every body unless a route says otherwise.
const JSON = "application/json"

// Route is one line of a service's route table.
type Route struct {
	Method string
	// Path is the full public path for ServeMux, with at most one id: {id} or {db_id}.
	Path    string
	Guard   Guard // nil lets everybody in
	Handler Handler
	Limits
	NoSlot bool       // it needs no slot, so that it is answered even under overload
	Level  slog.Level // at which it is logged; 0 is info
}

// Guard returns who is asking, or an error that refuses the request, with the caller if known.
type Guard func(ctx context.Context, r *http.Request) (token.Caller, error)

// Handler answers a request. Its error becomes the response.
type Handler func(ctx context.Context, r *Request) (*Answer, error)

// Limits are the limits of a route's requests.
type Limits struct {
	MaxBody int64         // bytes; 0 if the route takes no body
	Types   []string      // the media types that a body may have
	Timeout time.Duration // of the whole request
	// Memory is held from the arrival of the body until the answer is written: for requests
	// that are in memory as a whole for that long.
	Memory Limit
	// Work is held while the handler works: for requests that keep a processor busy.
	Work Limit
}

// Limit is a limiter that routes may share. The zero value limits nothing.
type Limit struct {
	*limit.Limiter
	// Slots returns how many slots a request needs, 0 if it is not limited. Nil means one.
	Slots func(query url.Values) int
}

// slots is how many slots a request needs.
func (l Limit) slots(query url.Values) int {
	switch {
	case l.Limiter == nil:
		return 0
	case l.Slots == nil:
		return 1
	}
	return l.Slots(query)
}

// On is a route with the default limits. With POST, PUT and PATCH, it takes a body.
func On(method, path string, guard Guard, handler Handler) Route {
	limits := Limits{Timeout: DefaultTimeout, Types: []string{JSON}}
	if method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
		limits.MaxBody = DefaultMaxBody
	}
	return Route{Method: method, Path: path, Guard: guard, Handler: handler, Limits: limits}
}

// Within is the route with these limits. Without MaxBody, Timeout or Types, it keeps its own.
func (route Route) Within(limits Limits) Route {
	limits.MaxBody = cmp.Or(limits.MaxBody, route.MaxBody)
	limits.Timeout = cmp.Or(limits.Timeout, route.Timeout)
	if limits.Types == nil {
		limits.Types = route.Types
	}
	route.Limits = limits
	return route
}

// WithoutBody is the route without a body, whatever its method: if one is sent, it is not read.
func (route Route) WithoutBody() Route {
	route.MaxBody = 0
	return route
}
