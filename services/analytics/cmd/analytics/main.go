// Command analytics runs the analytics service on MongoDB.
package main

import (
	"context"
	"io"

	"officepay.example/services/analytics"
	"officepay.example/services/analytics/mongostore"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
	"officepay.example/shared/serve"
	"officepay.example/shared/web"
)

func main() { serve.Main("analytics", run) }

func run(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error {
	service := mongodb.Service{Name: "analytics", Port: analytics.DefaultPort, Load: load}
	return mongodb.Run(ctx, service, args, getenv, stdout)
}

func load(getenv func(string) string) (mongodb.Setup, error) {
	config, err := analytics.LoadConfig(getenv)
	if err != nil {
		return mongodb.Setup{}, err
	}
	routes := func(client *mongodb.Client) []web.Route {
		return analytics.Routes(analytics.Deps{
			Store: mongostore.New(client), Keys: config.Keys(), Now: office.Now,
		})
	}
	return mongodb.Setup{Settings: config.Config, Routes: routes}, nil
}
