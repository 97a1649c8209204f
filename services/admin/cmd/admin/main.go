// Command admin runs the admin service on MongoDB.
package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"officepay.example/services/admin"
	"officepay.example/services/admin/mongostore"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/serve"
	"officepay.example/shared/web"
)

func main() { serve.Main("admin", run) }

func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	service := mongodb.Service{Name: "admin", Port: admin.DefaultPort, Load: load}
	return mongodb.Run(ctx, service, args, getenv, stdout)
}

func load(getenv func(string) string) (mongodb.Setup, error) {
	config, err := admin.LoadConfig(getenv)
	if err != nil {
		return mongodb.Setup{}, err
	}
	hasher, err := password.NewHasher(config.BcryptCost)
	if err != nil {
		return mongodb.Setup{}, err
	}
	start := func(ctx context.Context, client *mongodb.Client, logger *slog.Logger) error {
		return prepare(ctx, mongostore.New(client), hasher, config.FirstAdmin, logger)
	}
	routes := func(client *mongodb.Client) []web.Route {
		return admin.Routes(admin.Deps{
			Store: mongostore.New(client), Keys: config.Keys(), Hasher: hasher, Now: office.Now,
		})
	}
	return mongodb.Setup{Settings: config.Config, Routes: routes, Start: start}, nil
}

// prepare does what there is to do before the service is ready.
func prepare(ctx context.Context, store mongostore.Store, hasher *password.Hasher, first admin.Credentials, logger *slog.Logger) error {
	made, err := admin.EnsureFirstAdmin(ctx, store, hasher, first)
	switch {
	case errors.Is(err, admin.ErrNoAdmin):
		logger.Warn("nobody can administer", "error", err.Error())
	case err != nil:
		return err
	case made:
		logger.Info("the first admin was made", "army_number", first.ArmyNumber)
	}
	if err := store.CompleteDeletions(ctx, logger); err != nil {
		return err
	}
	go store.KeepCompletingDeletions(ctx, logger)
	return nil
}
