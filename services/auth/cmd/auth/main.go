// Command auth runs the auth service on MongoDB.
package main

import (
	"context"
	"io"

	"officepay.example/services/auth"
	"officepay.example/services/auth/mongostore"
	"officepay.example/shared/environ"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/serve"
)

func main() { serve.Main("auth", auth.DefaultPort, run) }

// run serves until ctx is done, and logs to stdout.
func run(ctx context.Context, getenv func(string) string, stdout io.Writer) error {
	env := environ.New(getenv)
	config, cost, database := serve.LoadConfig(env, "", auth.DefaultPort), password.LoadCost(env), mongodb.LoadConfig(env)
	if err := env.Err(); err != nil {
		return err
	}
	client, err := mongodb.Connect(database, "auth")
	if err != nil {
		return err
	}
	defer client.Close()
	store, keys, logger := mongostore.New(client), config.Keys(), config.Logger(stdout).With("service", "auth")
	go client.KeepPreparing(ctx, logger, nil)
	deps := auth.Deps{Store: store, Keys: keys, Hasher: password.NewHasher(cost), Now: office.Now}
	return serve.Run(ctx, config, keys, logger, client.Ready, auth.Routes(deps))
}
