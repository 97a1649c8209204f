package web

import (
	"context"
	"io"
	"net/http"
	"time"
)

// readyTimeout is how long readyz waits for the store. It is below the few
// seconds after which the programs that ask (Docker, Kubernetes) give up.
const readyTimeout = 2 * time.Second

func healthz(w http.ResponseWriter, _ *http.Request) {
	writeHealth(w, http.StatusOK, "ok")
}

func readyz(ready func(context.Context) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if err := ready(ctx); err != nil {
			Log(r.Context()).Warn("not ready", "error", err.Error())
			writeHealth(w, http.StatusServiceUnavailable, "database unavailable")
			return
		}
		writeHealth(w, http.StatusOK, "ready")
	}
}

func writeHealth(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, `{"status":"`+word+`"}`+"\n")
}
