package web

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"officepay.example/shared/metrics"
	"officepay.example/shared/office"
	"officepay.example/shared/token"
)

// Request is what a handler is given.
type Request struct {
	// Caller is who is asking; nobody on a route without a guard. The login sets it for the log.
	Caller token.Caller
	ID     office.ID // from the path; zero if it has none
	Path   string
	Query  url.Values
	Header http.Header
	Body   []byte // as it was sent; see Decode
	Client string // its address, as the trusted proxies report it

	id  string // of the request: in the answer, and in every line of the log
	log *slog.Logger
}

func (r *Request) Log() *slog.Logger { return r.log.With("request_id", r.id) }

// Network is the address that the request came from or, with IPv6, its /64 network: all
// addresses in it belong to one site (RFC 4291, section 2.5.4).
func (r *Request) Network() string {
	addr, err := netip.ParseAddr(r.Client)
	if err != nil || addr.Is4() {
		return r.Client
	}
	site, _ := addr.Prefix(64)
	return site.String()
}

// CheckAccess refuses a database outside the caller's scope, whether it exists or not, and logs that.
func (r *Request) CheckAccess(db office.ID) error {
	if r.Caller.Scope().Allows(db) {
		return nil
	}
	r.Audit("denied", "target", db.Hex())
	return Fail(http.StatusForbidden, "You have no access to this database.")
}

// Audit logs a security event, whatever the level of the log: who did what to whom.
// Attributes are ids and counts: names, numbers and secrets do not belong in a log.
func (r *Request) Audit(event string, attrs ...any) {
	line := slog.NewRecord(time.Now(), slog.LevelInfo, "audit", 0)
	line.Add("request_id", r.id, "event", event, "user_id", r.userID(), "client", r.Client)
	line.Add(attrs...)
	_ = r.log.Handler().Handle(context.Background(), line) // there is nowhere to report an error
}

func (r *Request) userID() string {
	if r.Caller.ID.IsZero() {
		return ""
	}
	return r.Caller.ID.Hex()
}

func (x *exchange) identify() {
	id := requestID(x.r.Header.Get("X-Request-ID"))
	x.w.Header().Set("X-Request-ID", id)
	x.request = Request{
		Path: x.r.URL.Path, Header: x.r.Header,
		Client: clientAddr(x.r, x.options), id: id, log: x.options.Logger,
	}
	if x.options.Subject != nil {
		x.user = x.options.Subject(x.r.Header)
	}
	x.user = cmp.Or(x.user, x.request.Network())
}

// MaxHeader is how many bytes the address and the headers may have together. The http.Server
// must accept more: its own refusal is plain text, without the envelope.
const MaxHeader = 16 << 10

// readAddress checks the size of address and headers, and reads the query, with no parameter twice.
func (x *exchange) readAddress() (err error) {
	if headerSize(x.r) > MaxHeader {
		return Fail(http.StatusRequestHeaderFieldsTooLarge,
			"The address and the headers of the request are too large: at most %d KB can be sent.", MaxHeader>>10)
	}
	if x.request.Query, err = url.ParseQuery(x.r.URL.RawQuery); err != nil {
		return Fail(http.StatusBadRequest, "The query of the address is malformed.")
	}
	for name, values := range x.request.Query {
		if len(values) > 1 {
			return Fail(http.StatusBadRequest, "The query of the address has %.20q more than once.", name)
		}
	}
	return nil
}

// headerSize is how many bytes address and headers took, apart from insignificant blanks.
func headerSize(r *http.Request) int {
	const separators = len(": \r\n")
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + separators + len("Host") + len(r.Host) + separators + len("\r\n")
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value) + separators
		}
	}
	return size
}

// readID reads the id in the path. If it is a database's, the caller must have access to that.
func (x *exchange) readID() (err error) {
	for _, name := range []string{"id", "db_id"} {
		if !strings.Contains(x.Path, "{"+name+"}") {
			continue
		}
		if x.request.ID, err = office.ParseID(x.r.PathValue(name)); err != nil {
			return Invalid(name, err.Error())
		}
		if name == "db_id" && x.Guard != nil {
			return x.request.CheckAccess(x.request.ID)
		}
	}
	return nil
}

var durations = metrics.Histogram("office_request_duration_seconds", "How long requests took, to the end of their answer.", "route", "status")

// log counts the request and writes its line.
func (x *exchange) log() {
	took := time.Since(x.start)
	durations.Of(x.r.Pattern, strconv.Itoa(x.status)).Observe(took)
	attrs := []slog.Attr{slog.String("request_id", x.request.id),
		slog.String("method", x.r.Method), slog.String("route", x.r.Pattern), slog.Int("status", x.status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Int("bytes", x.bytes),
		slog.String("user_id", x.request.userID()), slog.String("client", x.request.Client)}
	if x.refused != "" {
		attrs = append(attrs, slog.String("refused", x.refused))
	}
	x.options.Logger.LogAttrs(context.Background(), x.Level, "request", attrs...)
}

// safeID matches an id that is safe in a header and in the log.
var safeID = regexp.MustCompile(`^[0-9A-Za-z_.:-]{1,128}$`)

func requestID(sent string) string {
	if safeID.MatchString(sent) {
		return sent
	}
	return rand.Text()
}

// clientAddr returns the nearest address that is not a trusted proxy's. A client can
// write anything into X-Forwarded-For, but not after what a proxy appends.
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

// parseHop reads an address as proxies write it, perhaps with port or brackets, without its zone.
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
	return slices.ContainsFunc(trusted, func(prefix netip.Prefix) bool { return prefix.Contains(addr) })
}

// ETag is the entity tag of a revision (RFC 9110, section 8.8.3).
func ETag(revision int) string { return fmt.Sprintf(`"%d"`, revision) }

// entityTag matches what ETag returns, also weak or with the suffix of a compressing proxy;
// and the empty string, because a list may have empty elements (section 5.6.1).
var entityTag = regexp.MustCompile(`^(?:(?:W/)?"(\d{1,9})(?:-\w+)?")?$`)

// IfMatch returns the revisions that the request may change (RFC 9110, section 13.1.1).
// Nil means any: with *, or without the header.
func (r *Request) IfMatch() ([]int, error) {
	lines, isThere := r.Header["If-Match"]
	sent := strings.TrimSpace(strings.Join(lines, ","))
	if !isThere || sent == "*" {
		return nil, nil
	}
	revisions := []int{}
	for tag := range strings.SplitSeq(sent, ",") {
		found := entityTag.FindStringSubmatch(strings.TrimSpace(tag))
		if found == nil {
			return nil, errIfMatch
		}
		if revision, err := strconv.Atoi(found[1]); err == nil {
			revisions = append(revisions, revision)
		}
	}
	if len(revisions) == 0 {
		return nil, errIfMatch
	}
	return revisions, nil
}

var errIfMatch = Fail(http.StatusBadRequest, `If-Match must be the ETag of the record as it was read, such as "7".`)
