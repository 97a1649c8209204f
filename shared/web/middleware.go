package web

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
)

// withHeaders sets what every response carries, and answers preflights.
// Tokens never travel in cookies, so any origin may be allowed: a foreign page
// has nothing of the user's to send along.
func withHeaders(origins []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		allowOrigin(h, origins, r.Header.Get("Origin"))
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			answerPreflight(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func allowOrigin(h http.Header, origins []string, origin string) {
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
	h.Set("Access-Control-Expose-Headers", "X-Request-ID, Retry-After")
}

func answerPreflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-ID")
	h.Set("Access-Control-Max-Age", "600") // seconds; what every browser accepts
	w.WriteHeader(http.StatusNoContent)
}

// recovered turns a panic into one 500 and keeps the process alive.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			panicked := recover()
			if panicked == nil {
				return
			}
			if panicked == http.ErrAbortHandler {
				panic(panicked) // net/http's own way to cut a response off
			}
			Log(r.Context()).Error("panic", "error", fmt.Sprint(panicked), "stack", string(debug.Stack()))
			WriteError(w, r, fmt.Errorf("panic: %v", panicked))
		}()
		next.ServeHTTP(w, r)
	})
}
