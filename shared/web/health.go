package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"officepay.example/shared/version"
)

// about says what is at the root of the origin.
func about(w http.ResponseWriter, _ *http.Request) error {
	return OK(w, "This is the API of Office Payment Management.", map[string]any{
		"name":          "Office Payment Management",
		"version":       version.Number,
		"documentation": "/docs",
		"openapi":       "/openapi.yaml",
		"endpoints":     []string{"/auth", "/admin", "/personnels", "/analytics", "/healthz", "/readyz"},
	})
}

// readyTimeout is how long readyz waits for the store. It is below the few
// seconds after which the programs that ask (Docker, Kubernetes) give up.
const readyTimeout = 2 * time.Second

// healthz tells that the process is up.
func healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeHealth(w, http.StatusOK, "ok")
}

// readyz tells whether the process can serve.
func readyz(ready func(context.Context) error) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if err := ready(ctx); err != nil {
			Log(r.Context()).Warn("not ready", "error", err.Error())
			return writeHealth(w, http.StatusServiceUnavailable, "database unavailable")
		}
		return writeHealth(w, http.StatusOK, "ready")
	}
}

func writeHealth(w http.ResponseWriter, status int, word string) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, err := io.WriteString(w, `{"status":"`+word+`"}`+"\n")
	return err
}
