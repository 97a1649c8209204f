// Package serve runs an http.Handler as a service: settings from the
// environment, logs, listening, timeouts, and a graceful stop.
package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"officepay.example/shared/web"
)

// The patience with clients. A request may take longer than readTimeout only
// after its body has arrived; how long is its route's to say.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = time.Minute
	writeTimeout  = 5 * time.Minute   // for what sets no deadline of its own
	idleTimeout   = 2 * time.Minute   // longer than a proxy in front keeps its connections
	maxHeader     = 2 * web.MaxHeader // bytes; so that the answer to a little too much is web's
)

// When the service is told to stop, requests in flight may take drainTimeout:
// Docker kills after 10 seconds. Connections without a request stay open for
// lastCall of that, because a proxy may be sending one at this very moment: it
// is answered, and the answer says that it is the last of its connection.
const (
	drainTimeout = 8 * time.Second
	lastCall     = 500 * time.Millisecond
)

// Context is done when the process is told to stop. A second signal ends the
// process at once, however soon it comes.
func Context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(1)
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}

// Listen opens the port. Its error names the address and says what to do.
func Listen(host string, port int) (net.Listener, error) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	listener, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: stop it, or set PORT to another port", address)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s (HOST, PORT): %w", address, err)
	}
	return listener, nil
}

// Run serves until ctx is done, then answers what is in flight and returns.
func Run(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger) error {
	server := newServer(ctx, handler, logger)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	logger.Info("stopping", "drain_seconds", drainTimeout.Seconds())
	drain, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	listener.Close()
	time.Sleep(lastCall)
	if err := server.Shutdown(drain); err != nil {
		// A client that does not read its answer must not make a failure of it.
		logger.Warn("cutting off requests that are still in flight", "error", err.Error())
		return server.Close()
	}
	return nil
}

func newServer(ctx context.Context, handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           lastAnswers(ctx, handler),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		// OPTIONS * is answered like any other path that is not there.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

// lastAnswers ends the connection of every request that comes after ctx is
// done.
func lastAnswers(ctx context.Context, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ctx.Err() != nil {
			w.Header().Set("Connection", "close")
		}
		handler.ServeHTTP(w, r)
	})
}
