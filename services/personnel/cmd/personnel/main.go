// Command personnel runs the personnel service on MongoDB.
package main

import (
	"context"
	"io"

	"officepay.example/services/personnel"
	"officepay.example/services/personnel/mongostore"
	"officepay.example/shared/environ"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
	"officepay.example/shared/serve"
)

func main() { serve.Main("personnel", personnel.DefaultPort, run) }

// run serves until ctx is done, and logs to stdout.
func run(ctx context.Context, getenv func(string) string, stdout io.Writer) error {
	env := environ.New(getenv)
	config, database := serve.LoadConfig(env, "", personnel.DefaultPort), mongodb.LoadConfig(env)
	if err := env.Err(); err != nil {
		return err
	}
	client, err := mongodb.Connect(database, "personnel")
	if err != nil {
		return err
	}
	defer client.Close()
	store, keys, logger := mongostore.New(client), config.Keys(), config.Logger(stdout).With("service", "personnel")
	go client.KeepPreparing(ctx, logger, nil)
	deps := personnel.Deps{Store: store, Keys: keys, Now: office.Now}
	return serve.Run(ctx, config, keys, logger, client.Ready, personnel.Routes(deps))
}
