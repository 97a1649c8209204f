package mongodb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"officepay.example/shared/serve"
	"officepay.example/shared/serve/version"
	"officepay.example/shared/web"
)

// Service is a service that keeps its data in MongoDB.
type Service struct {
	Name string // in the logs, its own and MongoDB's
	Port int    // where it listens unless PORT says otherwise
	// Load reads the settings that are not those of the database.
	Load func(getenv func(string) string) (Setup, error)
}

// Setup is a service with its settings.
type Setup struct {
	Settings serve.Config
	// Routes are those of the service on a database.
	Routes func(*Client) []web.Route
	// Start does what there is to do once the database is prepared, before the
	// service is ready. Nil is nothing.
	Start func(context.Context, *Client, *slog.Logger) error
}

// Run serves until ctx is done, and logs to stdout. It starts whether the
// database is there or not: while it is not, requests and /readyz are answered
// with 503. With the argument healthcheck it only asks the service that runs
// whether it is ready, and with -version it only says which release it is.
func Run(ctx context.Context, service Service, args []string, getenv func(string) string, stdout io.Writer) error {
	switch {
	case version.Asked(args):
		_, err := fmt.Fprintln(stdout, service.Name, version.String())
		return err
	case len(args) == 1 && args[0] == "healthcheck":
		return serve.Healthcheck(ctx, getenv, service.Port)
	case len(args) > 0:
		return fmt.Errorf("there is no command %q; without one the service runs, healthcheck asks whether it is ready, and -version shows the release", args[0])
	}
	setup, setupErr := service.Load(getenv)
	config, configErr := LoadConfig(getenv)
	if err := errors.Join(setupErr, configErr); err != nil {
		return err
	}
	client, err := Connect(config, service.Name)
	if err != nil {
		return err
	}
	defer client.Close()
	return setup.serve(ctx, client, service.Name, stdout)
}

func (s Setup) serve(ctx context.Context, client *Client, name string, stdout io.Writer) error {
	listener, err := serve.Listen(s.Settings.Host, s.Settings.Port)
	if err != nil {
		return err
	}
	logger := s.Settings.Logger(stdout).With("service", name)
	logger.Info("listening", "address", listener.Addr().String())
	go client.keepPreparing(ctx, logger, s.Start)
	return serve.Run(ctx, listener, s.Settings.Handler(logger, client.Ready, s.Routes(client)), logger)
}
