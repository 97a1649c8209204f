// Package serve runs a service: its settings, logs, listening, time-outs, and a graceful stop.
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
	"sync/atomic"
	"syscall"
	"time"

	"officepay.example/shared/metrics"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// How long a client may take. Once its headers are there, a request has the time of its route.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = time.Minute
	writeTimeout  = 5 * time.Minute   // for requests without a deadline of their own
	idleTimeout   = 2 * time.Minute   // longer than a proxy in front keeps its connections
	maxHeader     = 2 * web.MaxHeader // bytes; more than web accepts, so that web answers
)

// When the service is told to stop, requests in flight may take drainTimeout: Docker kills it
// after 10 seconds. Idle connections stay open for the first lastCall of that, because a proxy
// may be sending a request just now; its answer says that it is the last one. What still runs
// after drainTimeout is cut off, and has endTimeout to notice: Run's caller closes the store next.
const (
	drainTimeout = 8 * time.Second
	lastCall     = 500 * time.Millisecond
	endTimeout   = time.Second
)

// Context is done when the process is told to stop. A second signal ends the process at
// once. SIGPIPE does not end it: an office needs the service even if nobody reads its log.
func Context() (context.Context, context.CancelFunc) {
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(1)
	}()
	return ctx, cancel
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

// Run listens where the settings say, and serves the routes and the common ones until ctx is done.
func Run(ctx context.Context, config Config, keys *token.Keys, logger *slog.Logger, ready func(context.Context) error, routes []web.Route) error {
	listener, err := Listen(config.Host, config.Port)
	if err == nil {
		err = ServeMetrics(ctx, config.MetricsAddr, logger)
	}
	if err != nil {
		return err
	}
	logger.Info("listening", "address", listener.Addr().String())
	return Serve(ctx, listener, config.Handler(keys, logger, ready, routes), logger)
}

// Serve serves until ctx is done, then finishes the requests in flight and returns. No
// request is running then, unless it was cut off and ignored that for endTimeout.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger) error {
	requestCtx, cut := context.WithCancel(context.Background())
	defer cut()
	var running atomic.Int64
	server := newServer(requestCtx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Add(-1)
		if ctx.Err() != nil { // this is the last answer on its connection
			w.Header().Set("Connection", "close")
		}
		handler.ServeHTTP(w, r)
	}), logger)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(&warningListener{Listener: listener, logger: logger}) }()
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
		// This is not a failure of the service: a client may not be reading its answer.
		logger.Warn("cutting off requests that are still in flight", "error", err.Error())
		cut()
		server.Close()
		for end := time.Now().Add(endTimeout); running.Load() > 0 && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
	}
	return nil
}

func newServer(requestCtx context.Context, handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		BaseContext:       func(net.Listener) context.Context { return requestCtx },
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		// So that OPTIONS * is answered like any other unknown path.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
}

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

// warningListener warns when no file descriptor is left: net/http's own message is at level debug.
type warningListener struct {
	net.Listener
	logger *slog.Logger
	warned time.Time // when it last warned
}

// warningInterval is the least time between two warnings.
const warningInterval = time.Minute

// Accept implements net.Listener, for one caller at a time, as net/http is.
func (l *warningListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	isScarce := errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
	if isScarce && time.Since(l.warned) >= warningInterval {
		l.warned = time.Now()
		l.logger.Warn("no connection can be accepted: too many files and connections are open; "+
			"raise the limit of open files (ulimit -n, LimitNOFILE)", "error", err.Error())
	}
	return conn, err
}
