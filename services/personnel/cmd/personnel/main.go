// Command personnel runs the personnel service on MongoDB.
package main

import (
	"context"
	"io"

	"officepay.example/services/personnel"
	"officepay.example/services/personnel/mongostore"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
	"officepay.example/shared/serve"
	"officepay.example/shared/web"
)

func main() { serve.Main("personnel", run) }

func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	service := mongodb.Service{Name: "personnel", Port: personnel.DefaultPort, Load: load}
	return mongodb.Run(ctx, service, args, getenv, stdout)
}

func load(getenv func(string) string) (mongodb.Setup, error) {
	config, err := personnel.LoadConfig(getenv)
	if err != nil {
		return mongodb.Setup{}, err
	}
	routes := func(client *mongodb.Client) []web.Route {
		return personnel.Routes(personnel.Deps{
			Store: mongostore.New(client), Keys: config.Keys(), Now: office.Now,
		})
	}
	return mongodb.Setup{Settings: config.Config, Routes: routes}, nil
}
