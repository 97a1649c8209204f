// Command auth runs the auth service on MongoDB.
package main

import (
	"context"
	"io"

	"officepay.example/services/auth"
	"officepay.example/services/auth/mongostore"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/serve"
	"officepay.example/shared/web"
)

func main() { serve.Main("auth", run) }

func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	service := mongodb.Service{Name: "auth", Port: auth.DefaultPort, Load: load}
	return mongodb.Run(ctx, service, args, getenv, stdout)
}

func load(getenv func(string) string) (mongodb.Setup, error) {
	config, err := auth.LoadConfig(getenv)
	if err != nil {
		return mongodb.Setup{}, err
	}
	hasher, err := password.NewHasher(config.BcryptCost)
	if err != nil {
		return mongodb.Setup{}, err
	}
	routes := func(client *mongodb.Client) []web.Route {
		return auth.Routes(auth.Deps{
			Store: mongostore.New(client), Keys: config.Keys(), Hasher: hasher, Now: office.Now,
		})
	}
	return mongodb.Setup{Settings: config.Config, Routes: routes}, nil
}
