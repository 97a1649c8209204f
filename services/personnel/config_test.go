package personnel

import "testing"

func TestLoadConfig(t *testing.T) {
	settings := map[string]string{"JWT_SECRET": "q3VnJ0Zk8wX2mB7tR5yL1pC9sD4fG6hN"}
	got, err := LoadConfig(func(name string) string { return settings[name] })
	if err != nil || got.Port != 8003 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := LoadConfig(func(string) string { return "" }); err == nil {
		t.Error("starts without a secret")
	}
}
