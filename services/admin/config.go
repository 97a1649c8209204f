package admin

import (
	"officepay.example/shared/environ"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
	"officepay.example/shared/serve"
)

// DefaultPort is where the service listens unless PORT says otherwise.
const DefaultPort = 8002

// DefaultAdmin is the army number of the first admin unless ADMIN_ARMY_NUMBER
// says otherwise.
const DefaultAdmin = "ADMIN001"

// Config are the settings of the service.
type Config struct {
	serve.Config
	BcryptCost int
	FirstAdmin Credentials
}

// Credentials are what somebody logs in with.
type Credentials struct {
	ArmyNumber string
	Password   string // empty when none is set
}

// LoadConfig reads the settings, noting faults in env.
func LoadConfig(env *environ.Env) Config {
	return Config{
		Config:     serve.LoadConfig(env, "", DefaultPort),
		BcryptCost: env.Int("BCRYPT_COST", password.DefaultCost, password.MinCost, password.MaxCost),
		FirstAdmin: LoadFirstAdmin(env),
	}
}

// LoadFirstAdmin reads the credentials of the first admin, noting faults in env.
func LoadFirstAdmin(env *environ.Env) Credentials {
	c := Credentials{Password: env.Password("ADMIN_PASSWORD")}
	var err error
	if c.ArmyNumber, err = office.Code.Parse(env.Text("ADMIN_ARMY_NUMBER", DefaultAdmin)); err != nil {
		env.Fault("ADMIN_ARMY_NUMBER", "%v", err)
	} else if c.ArmyNumber == "" {
		env.Fault("ADMIN_ARMY_NUMBER", "must not be blank")
	}
	if c.Password != "" {
		if err := password.Check(c.Password, c.ArmyNumber); err != nil {
			env.Fault("ADMIN_PASSWORD", "%v", err)
		}
	}
	return c
}
