package web

import (
	"net/http"
	"slices"
)

// setHeaders sets the headers of every response. Since tokens never travel in cookies,
// any origin may be allowed: a browser adds no credentials to the requests of a foreign
// page.
func (x *exchange) setHeaders() {
	h := x.w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	origins, origin := x.options.CORSOrigins, x.r.Header.Get("Origin")
	if slices.Contains(origins, "*") {
		origin = "*"
	} else if h.Add("Vary", "Origin"); !slices.Contains(origins, origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "ETag, X-Request-ID, Retry-After")
}

// isPreflight tells whether a browser asks what a page may send.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}

var preflight = Answer{Status: http.StatusNoContent, Header: map[string]string{
	"Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
	"Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, X-Request-ID",
	"Access-Control-Max-Age":       "600", // seconds; what every browser accepts
}}
