package serve

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"officepay.example/shared/metrics"
)

// ServeMetrics serves the metrics of the process at a separate address until ctx is done:
// they are only for the operator. With an empty address it does nothing.
func ServeMetrics(ctx context.Context, address string, logger *slog.Logger) error {
	if address == "" {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("cannot serve metrics at METRICS_ADDR: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", metrics.ContentType)
		_ = metrics.Write(w) // the client may be gone
	})
	server := newServer(ctx, mux, logger)
	context.AfterFunc(ctx, func() { server.Close() })
	go func() { _ = server.Serve(listener) }() // which ends when it is closed
	logger.Info("serving metrics", "address", listener.Addr().String())
	return nil
}
