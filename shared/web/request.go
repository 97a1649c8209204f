package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"officepay.example/shared/metrics"
	"officepay.example/shared/office"
	"officepay.example/shared/token"
)

// Request is what a handler is given.
type Request struct {
	// Caller is who is asking; nobody where the route has no guard. A handler
	// that finds out who it is says so here, for the log.
	Caller token.Caller
	ID     office.ID // of the path; zero where it has none
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte // as it was sent; see Decode
	Client string // the address that it came from, before any trusted proxy

	id  string // in its answer, and in every line of the log
	log *slog.Logger
}

// Log is where to write what is of this request.
func (r *Request) Log() *slog.Logger { return r.log.With(r.idAttr()) }

func (r *Request) idAttr() slog.Attr { return slog.String("request_id", r.id) }

// Network is where the request came from, as far as it can be told apart: its
// address, and of IPv6 the network of a site, which has 2^64 addresses
// (RFC 4291, section 2.5.4).
func (r *Request) Network() string {
	addr, err := netip.ParseAddr(r.Client)
	if err != nil || addr.Is4() {
		return r.Client
	}
	site, _ := addr.Prefix(64)
	return site.String()
}

var errNoAccess = Fail(http.StatusForbidden, "You have no access to this database.")

// CheckAccess refuses a database outside the caller's scope, whether it exists
// or not, and notes that in the log.
func (r *Request) CheckAccess(db office.ID) error {
	if r.Caller.Scope().Allows(db) {
		return nil
	}
	r.Audit("denied", "target", db.Hex())
	return errNoAccess
}

// Audit logs a security event: who did what to whom. Targets are ids and
// counts; names, numbers and secrets have no place in a log. It is logged
// whatever the level of the log is.
func (r *Request) Audit(event string, attrs ...any) {
	line := slog.NewRecord(time.Now(), slog.LevelInfo, "audit", 0)
	line.AddAttrs(r.idAttr())
	line.Add("event", event, "user_id", r.userID(), "client", r.Client)
	line.Add(attrs...)
	_ = r.log.Handler().Handle(context.Background(), line) // there is nowhere else to tell
}

// userID is that of the caller; empty for nobody.
func (r *Request) userID() string {
	if r.Caller.ID.IsZero() {
		return ""
	}
	return r.Caller.ID.Hex()
}

// identify gives the request its id, which is in its answer and in every line
// of the log, and finds where it came from.
func (x *exchange) identify() {
	id := requestID(x.r.Header.Get("X-Request-ID"))
	x.w.Header().Set("X-Request-ID", id)
	x.request = Request{
		Path: x.r.URL.Path, Header: x.r.Header,
		Client: clientAddr(x.r, x.options), id: id, log: x.options.Logger,
	}
}

// readAddress takes the query, once it is sure that the address and the headers
// are of a sane size.
func (x *exchange) readAddress() (err error) {
	if headerSize(x.r) > MaxHeader {
		return errHeadersTooLarge
	}
	x.request.Query, err = readQuery(x.r.URL.RawQuery)
	return err
}

// readQuery refuses a query that cannot be read, or can be read in two ways.
func readQuery(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, Fail(http.StatusBadRequest, "The query of the address is malformed.")
	}
	for name, values := range query {
		if len(values) > 1 {
			return nil, Fail(http.StatusBadRequest, "The query of the address has %s more than once.", quoted(name))
		}
	}
	return query, nil
}

// readID takes the id from the path, where it has one.
func (x *exchange) readID() (err error) {
	if x.idName == "" {
		return nil
	}
	if x.request.ID, err = office.ParseID(x.r.PathValue(x.idName)); err != nil {
		return Invalid(FieldError{x.idName, err.Error()})
	}
	return nil
}

var durations = metrics.Histogram("office_request_duration_seconds", "How long requests took, to the end of their answer.", "route", "status")

// log counts the request, and writes the line of the request.
func (x *exchange) log() {
	level := slog.LevelInfo
	if x.Quiet {
		level = slog.LevelDebug
	}
	took := time.Since(x.begun)
	durations.Of(x.r.Pattern, strconv.Itoa(x.status)).Observe(took)
	attrs := append(make([]slog.Attr, 0, 9), x.request.idAttr(),
		slog.String("method", x.r.Method), slog.String("route", x.r.Pattern), slog.Int("status", x.status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Int("bytes", x.bytes),
		slog.String("user_id", x.request.userID()), slog.String("client", x.request.Client))
	if x.refused != "" {
		attrs = append(attrs, slog.String("refused", x.refused))
	}
	x.options.Logger.LogAttrs(context.Background(), level, "request", attrs...)
}

// requestID keeps an id that is sane in a header and a log, or makes one.
func requestID(sent string) string {
	const most = 128
	unsafe := func(c rune) bool {
		alnum := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		return !alnum && !strings.ContainsRune("-_.:", c)
	}
	if sent == "" || len(sent) > most || strings.ContainsFunc(sent, unsafe) {
		return rand.Text()
	}
	return sent
}

// clientAddr finds the nearest address that is not a trusted proxy's. A client
// can write anything into X-Forwarded-For, but not what a proxy appends.
func clientAddr(r *http.Request, options Options) string {
	addr, err := parseHop(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	isProxy := options.TrustPeer || isTrusted(addr, options.TrustedProxies)
	for i := len(hops) - 1; i >= 0 && isProxy; i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr, isProxy = hop, isTrusted(hop, options.TrustedProxies)
	}
	return addr.String()
}

// parseHop reads an address as proxies write it: some add the port, and then
// brackets around IPv6, or brackets alone. The zone of a link is no part of who
// it is.
func parseHop(text string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr().Unmap().WithZone(""), nil
	}
	inner, isBracketed := strings.CutPrefix(text, "[")
	if isBracketed {
		inner = strings.TrimSuffix(inner, "]")
	}
	addr, err := netip.ParseAddr(inner)
	return addr.Unmap().WithZone(""), err
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, prefix := range trusted {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}
