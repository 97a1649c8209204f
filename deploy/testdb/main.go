// Command testdb runs an embedded server that speaks the MongoDB wire
// protocol, so that stores written for MongoDB can be tested where there is no
// mongod. It is for tests only; README.md says what it does not do.
//
// It prints one line to standard output, the URI to connect to, once it accepts
// connections, and runs until it gets SIGINT or SIGTERM.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // the reader of the log may end first
	// What FerretDB does with a document leaves a lot of garbage, but little stays.
	debug.SetGCPercent(400)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A clean end waits for commands that still run; a second signal does not.
	context.AfterFunc(ctx, stop)

	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2) // the flag package has said what is wrong
	default:
		fmt.Fprintln(os.Stderr, "testdb:", err)
		os.Exit(1)
	}
}

// errUsage is what run returns for a command line it cannot read.
var errUsage = errors.New("usage")

// settings are what the command line says.
type settings struct {
	dir     string
	listen  string
	verbose bool
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("testdb", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&s.dir, "dir", "", "keep the data in `directory` (default: a temporary one, removed at the end)")
	flags.StringVar(&s.listen, "listen", "127.0.0.1:0", "listen on this TCP `address`")
	flags.BoolVar(&s.verbose, "v", false, "log what the server does, not only what goes wrong")
	err := flags.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		err = fmt.Errorf("%w: %w", errUsage, err)
	}
	return s, err
}

// run serves until ctx is done. Only the URI goes to stdout, so that a caller
// can read it with a plain line read.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	dir, remove, err := dataDir(s.dir)
	if err != nil {
		return err
	}
	defer remove()

	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	logger := newLogger(stderr, s.verbose)
	backend, stopBackend, err := startBackend(dir, logger)
	if err != nil {
		return err
	}
	defer stopBackend()

	// The listener is open, so a client that reads this line can connect at once.
	if _, err := fmt.Fprintf(stdout, "mongodb://%s/\n", listener.Addr()); err != nil {
		return err
	}
	return newFront(backend, dir, logger).serve(ctx, listener)
}

// dataDir makes the directory for the data and returns its absolute path. An unnamed one
// is temporary: remove deletes it.
func dataDir(name string) (dir string, remove func(), err error) {
	if name == "" {
		dir, err = os.MkdirTemp("", "testdb-")
		return dir, func() { _ = os.RemoveAll(dir) }, err
	}
	dir, err = filepath.Abs(name)
	if err != nil {
		return "", nil, err
	}
	return dir, func() {}, os.MkdirAll(dir, 0o700)
}

func newLogger(w io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelError
	if verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}

// startBackend runs FerretDB on a port of its own and returns that address. It is for the
// front only: nobody waits for clients that connect there directly.
func startBackend(dir string, logger *slog.Logger) (address string, stop func(), err error) {
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:    logger,
		Handler:   "sqlite",
		SQLiteURL: sqliteURL(dir + "/"), // it wants the slash
	})
	if err != nil {
		return "", nil, err
	}
	uri, err := url.Parse(server.MongoDBURI())
	if err != nil {
		return "", nil, err
	}
	return uri.Host, goUntil(server.Run, logger), nil
}

// goUntil starts serve and returns a function that ends it. It waits only for a moment:
// FerretDB lets a command that runs go on for seconds.
func goUntil(serve func(context.Context) error, logger *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx) }()
	return func() {
		cancel()
		select {
		case <-done: // FerretDB's Run never fails
		case <-time.After(grace / 2):
			logger.Info("ended while a command was running")
		}
	}
}
