package analytics

import (
	"officepay.example/shared/serve"
	"officepay.example/shared/serve/environ"
)

// DefaultPort is where the service listens unless PORT says otherwise.
const DefaultPort = 8004

// Config are the settings of the service.
type Config struct{ serve.Config }

// LoadConfig reads the settings. Its error names every variable at fault.
func LoadConfig(getenv func(string) string) (Config, error) {
	env := environ.New(getenv)
	c := Config{serve.LoadConfig(env, "", DefaultPort)}
	return c, env.Err()
}
