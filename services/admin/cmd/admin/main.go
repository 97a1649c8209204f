// Command admin runs the admin service on MongoDB.
package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"officepay.example/services/admin"
	"officepay.example/services/admin/mongostore"
	"officepay.example/shared/environ"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/password"
	"officepay.example/shared/serve"
)

func main() { serve.Main("admin", admin.DefaultPort, run) }

// run serves until ctx is done, and logs to stdout.
func run(ctx context.Context, getenv func(string) string, stdout io.Writer) error {
	env := environ.New(getenv)
	config, database := serve.LoadConfig(env, "", admin.DefaultPort), mongodb.LoadConfig(env)
	cost, first := password.LoadCost(env), admin.LoadFirstAdmin(env)
	if err := env.Err(); err != nil {
		return err
	}
	hasher := password.NewHasher(cost)
	client, err := mongodb.Connect(database, "admin")
	if err != nil {
		return err
	}
	defer client.Close()
	store, keys, logger := mongostore.New(client), config.Keys(), config.Logger(stdout).With("service", "admin")
	go client.KeepPreparing(ctx, logger, func(ctx context.Context) error {
		return prepare(ctx, store, hasher, first, logger)
	})
	deps := admin.Deps{Store: store, Keys: keys, Hasher: hasher}
	return serve.Run(ctx, config, keys, logger, client.Ready, admin.Routes(deps))
}

// prepare does what must be done before the service is ready.
func prepare(ctx context.Context, store mongostore.Store, hasher *password.Hasher, first admin.Credentials, logger *slog.Logger) error {
	created, err := admin.EnsureFirstAdmin(ctx, store, hasher, first)
	switch {
	case errors.Is(err, admin.ErrNoAdmin):
		logger.Warn("there is no admin who could make changes", "error", err.Error())
	case err != nil:
		return err
	case created:
		logger.Info("the first admin was created", "army_number", first.ArmyNumber)
	}
	if err := store.CompleteDeletions(ctx, logger); err != nil {
		return err
	}
	go store.KeepCompletingDeletions(ctx, logger)
	return nil
}
