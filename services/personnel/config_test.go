package personnel

import (
	"testing"

	"officepay.example/shared/environ"
	"officepay.example/shared/serve"
)

func TestLoadConfig(t *testing.T) {
	settings := map[string]string{"JWT_SECRET": "q3VnJ0Zk8wX2mB7tR5yL1pC9sD4fG6hN"}
	got, err := load(func(name string) string { return settings[name] })
	if err != nil || got.Port != 8003 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := load(func(string) string { return "" }); err == nil {
		t.Error("starts without a secret")
	}
}

func load(getenv func(string) string) (serve.Config, error) {
	env := environ.New(getenv)
	c := serve.LoadConfig(env, "", DefaultPort)
	return c, env.Err()
}
