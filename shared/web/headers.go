package web

import (
	"net/http"
	"slices"
)

// MaxHeader is how many bytes the address and the headers of a request may have together.
// The server should accept somewhat more, so that the client gets an answer in the
// envelope instead of net/http's, which is plain text.
const MaxHeader = 16 << 10

var errHeadersTooLarge = Fail(http.StatusRequestHeaderFieldsTooLarge,
	"The address and the headers of the request are too large: at most %d KB can be sent.", MaxHeader>>10)

// headerSize is how many bytes the address and the headers took on the wire, apart from
// insignificant blanks.
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

// setHeaders sets the headers of every response. Since tokens never travel in cookies,
// any origin may be allowed: a browser adds no credentials to the requests of a foreign
// page.
func (x *exchange) setHeaders() {
	h := x.w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	origins, origin := x.options.CORSOrigins, x.r.Header.Get("Origin")
	switch {
	case slices.Contains(origins, "*"):
		h.Set("Access-Control-Allow-Origin", "*")
	case slices.Contains(origins, origin):
		h.Set("Access-Control-Allow-Origin", origin)
		h.Add("Vary", "Origin")
	default:
		h.Add("Vary", "Origin")
		return
	}
	h.Set("Access-Control-Expose-Headers", "ETag, X-Request-ID, Retry-After")
}

// isPreflight recognizes a browser's question what a page may send.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}

var preflight = Answer{Status: http.StatusNoContent, Header: map[string]string{
	"Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
	"Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, X-Request-ID",
	"Access-Control-Max-Age":       "600", // seconds; what every browser accepts
}}
