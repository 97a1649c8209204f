package auth

import (
	"officepay.example/shared/environ"
	"officepay.example/shared/password"
	"officepay.example/shared/serve"
)

// DefaultPort is where the service listens unless PORT says otherwise.
const DefaultPort = 8001

// Config are the settings of the service.
type Config struct {
	serve.Config
	BcryptCost int
}

// LoadConfig reads the settings, noting faults in env.
func LoadConfig(env *environ.Env) Config {
	return Config{
		Config:     serve.LoadConfig(env, "", DefaultPort),
		BcryptCost: env.Int("BCRYPT_COST", password.DefaultCost, password.MinCost, password.MaxCost),
	}
}
