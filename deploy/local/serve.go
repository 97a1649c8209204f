package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/services/admin"
	"officepay.example/shared/environ"
	"officepay.example/shared/limit"
	"officepay.example/shared/password"
	"officepay.example/shared/serve"
)

type config struct {
	serve.Config
	BcryptCost int
	Admin      credentials
	Frontend   string // a built web frontend to serve; empty for none
}

// loadConfig reads the settings. Its defaults suit one machine, and a log that people read.
func loadConfig(env environment, dir dataDir) (config, error) {
	defaults := map[string]string{"LOG_FORMAT": "text"}
	if strings.TrimSpace(env.getenv("JWT_SECRET")) == "" {
		secret, err := dir.secret()
		if err != nil {
			return config{}, err
		}
		defaults["JWT_SECRET"] = secret
	}
	settings := environ.New(func(name string) string {
		if value := env.getenv(name); strings.TrimSpace(value) != "" {
			return value
		}
		return defaults[name]
	})
	c := config{
		Config:     serve.LoadConfig(settings, "127.0.0.1", 8080),
		BcryptCost: password.LoadCost(settings),
		Admin:      withPassword(admin.LoadFirstAdmin(settings)),
		Frontend:   loadFrontend(settings),
	}
	c.Activity = &limit.Activity{}
	return c, settings.Err()
}

func runServe(ctx context.Context, env environment, _ []string) error {
	err := startAndServe(ctx, env)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // told to stop while it was starting
	}
	return err
}

func startAndServe(ctx context.Context, env environment) error {
	dir := dataDirOf(env)
	config, err := loadConfig(env, dir)
	if err != nil {
		return err
	}
	logger := config.Logger(env.stderr)
	slog.SetDefault(logger) // the store logs to the default logger
	defer runtime.KeepAlive(ballast(env.getenv))
	leaveRoomForSQLite()
	release, err := dir.lock()
	if err != nil {
		return err
	}
	defer release()
	db, err := sqlitestore.Migrate(ctx, dir.database())
	if err != nil {
		return err
	}
	defer db.Close()
	hasher := password.NewHasher(config.BcryptCost)
	hasher.UseAllWhileQuiet(config.Activity)
	listener, err := serve.Listen(config.Host, config.Port)
	if err != nil {
		return err
	}
	created, err := admin.EnsureFirstAdmin(ctx, db.Admin(), hasher, config.Admin.Credentials)
	if err != nil {
		return err
	}
	err = errors.Join(serve.ServeMetrics(ctx, config.MetricsAddr, logger), dir.noteServer(listener.Addr()))
	if err != nil {
		return err
	}
	defer maintain(ctx, db, logger)()
	greet(env.stdout, listener.Addr(), dir, created, config.Admin)
	keys := config.Keys()
	api := config.Handler(keys, logger, db.Ready, routes(db, keys, hasher))
	return serve.Serve(ctx, listener, withFrontend(config.Frontend, api), logger)
}

// maintain does the slow work of a start in the background; stop ends it and waits.
func maintain(ctx context.Context, db *sqlitestore.DB, logger *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	start := func(do func(context.Context) error, failed string) {
		running.Go(func() {
			if err := do(ctx); err != nil && ctx.Err() == nil {
				logger.Warn(failed, "error", err.Error())
			}
		})
	}
	start(db.Admin().CompleteDeletions, "a deletion cannot be completed now; the next start tries again")
	start(db.CheckLarge, "the check of the data was not completed; office-payment verify completes it")
	return func() {
		cancel()
		running.Wait()
	}
}

// leaveRoomForSQLite leaves a quarter of GOMEMLIMIT to SQLite's cache, which Go does not count.
func leaveRoomForSQLite() {
	if allowed := debug.SetMemoryLimit(-1); allowed < math.MaxInt64 {
		debug.SetMemoryLimit(allowed / 4 * 3)
	}
}

// ballast makes the garbage collector run less often, unless the operator has configured it.
// It counts as heap, but takes no memory, since nobody touches it. The live heap is so small
// that under load the collector would run a hundred times a second. A memory limit would be
// worse: above it, as with ten thousand connections, it takes half of the processors.
func ballast(getenv func(string) string) []byte {
	if getenv("GOGC") != "" || getenv("GOMEMLIMIT") != "" {
		return nil
	}
	return make([]byte, 24<<20)
}

func greet(w io.Writer, address net.Addr, dir dataDir, created bool, first credentials) {
	fmt.Fprintf(w, "\n  Office Payment Management\n\n  address        http://%s\n  documentation  http://%s/docs\n  data           %s\n",
		address, address, dir)
	if created {
		fmt.Fprintf(w, "\n  The first admin was created. The password is shown only now:\n\n"+
			"  army number    %s\n  password       %s\n", first.ArmyNumber, first.shown)
	}
	fmt.Fprintln(w)
}
