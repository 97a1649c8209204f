package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"officepay.example/shared/gate"
	"officepay.example/shared/office"
)

// request is what is known of a request beside what http.Request holds.
type request struct {
	id     string
	client string // address, without the port
	user   string // id; empty until a guard has seen who it is
	logger *slog.Logger
	place  *gate.Place // among those that are worked on; nil for what is always let in
	bodies *gate.Gate  // for large ones on their way to this route; nil where there is no limit
	// refused is why the service was too busy for it, for the log.
	refused string
}

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	if req, ok := ctx.Value(requestKey{}).(*request); ok {
		return req
	}
	return &request{logger: slog.Default()}
}

// Log is the logger of the request: its lines carry the request id.
func Log(ctx context.Context) *slog.Logger { return requestOf(ctx).logger }

// SetUser notes who is asking, for the log.
func SetUser(ctx context.Context, id office.ID) { requestOf(ctx).user = id.Hex() }

// ClientAddr is the address that the request came from, before any trusted
// proxy.
func ClientAddr(ctx context.Context) string { return requestOf(ctx).client }

// Audit logs a security event: who did what to whom. Targets are ids and
// counts; names, numbers and secrets have no place in a log. It is logged
// whatever the level of the log is.
func Audit(ctx context.Context, event string, attrs ...any) {
	req := requestOf(ctx)
	line := slog.NewRecord(time.Now(), slog.LevelInfo, "audit", 0)
	line.Add("event", event, "user_id", req.user, "client", req.client)
	line.Add(attrs...)
	_ = req.logger.Handler().Handle(ctx, line) // there is nowhere else to tell
}

// withRequest gives the request its id and logs one line when it is answered.
func withRequest(options Options, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		id := requestID(r.Header.Get("X-Request-ID"))
		req := &request{
			id: id, client: clientAddr(r, options),
			logger: options.Logger.With("request_id", id),
		}
		w.Header().Set("X-Request-ID", id)
		rec := &recorder{ResponseWriter: w, request: req}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, req))
		defer func() { logRequest(r, req, rec, time.Since(begin)) }()
		next.ServeHTTP(rec, r)
		if rec.status == 0 { // net/http writes it for who wrote nothing
			rec.status = http.StatusOK
		}
	})
}

func logRequest(r *http.Request, req *request, rec *recorder, took time.Duration) {
	level := slog.LevelInfo
	if r.Pattern == "GET /healthz" || r.Pattern == "GET /readyz" {
		level = slog.LevelDebug
	}
	attrs := []any{"method", r.Method, "route", r.Pattern, "status", rec.status,
		"duration_ms", float64(took.Microseconds()) / 1000, "bytes", rec.bytes,
		"user_id", req.user, "client", req.client}
	if req.refused != "" {
		attrs = append(attrs, "refused", req.refused)
	}
	req.logger.Log(r.Context(), level, "request", attrs...)
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

// recorder remembers what was answered. When the answer begins, the request's
// place is free: the rest is up to the client.
type recorder struct {
	http.ResponseWriter
	request *request
	status  int
	bytes   int64
}

func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 {
		rec.status = status
	}
	rec.request.place.Leave()
	rec.ResponseWriter.WriteHeader(status)
}

func (rec *recorder) Write(b []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	rec.request.place.Leave()
	n, err := rec.ResponseWriter.Write(b)
	rec.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// begun tells whether a response has begun.
func begun(w http.ResponseWriter) bool {
	rec, ok := w.(*recorder)
	return ok && rec.status != 0
}
