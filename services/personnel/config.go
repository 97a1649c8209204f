package personnel

import (
	"officepay.example/shared/environ"
	"officepay.example/shared/serve"
)

// DefaultPort is where the service listens unless PORT says otherwise.
const DefaultPort = 8003

// LoadConfig reads the settings, which every service has. Its error names every variable
// at fault.
func LoadConfig(getenv func(string) string) (serve.Config, error) {
	env := environ.New(getenv)
	c := serve.LoadConfig(env, "", DefaultPort)
	return c, env.Err()
}
