package serve

import (
	"strings"
	"testing"

	"officepay.example/shared/environ"
)

// FuzzSettings holds the reading of settings against whatever an operator
// typed: what is taken is within its bounds, and a fault names the variable and
// never holds the value, which may be a secret.
func FuzzSettings(f *testing.F) {
	for _, seed := range []string{
		"", "8080", "65536", "10.0.0.7, 172.16.0.0/12", "::ffff:10.0.0.0/104", "fe80::1%eth0", "::/0", "10.0.0.1/33", "*", "json",
		"supersecret-supersecret-supersecret", strings.Repeat("x", 64), "9999999999999999999999", "https://a.example,,https://b.example",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		env := environ.New(func(string) string { return value })
		config := LoadConfig(env, "", 8001)
		if config.Port < 1 || config.Port > 65535 || config.TokenLife <= 0 {
			t.Errorf("%q makes %+v", value, config)
		}
		for _, prefix := range config.TrustedProxies {
			if !prefix.IsValid() || prefix.Addr().Is4In6() || !prefix.Contains(prefix.Addr()) {
				t.Errorf("%q trusts %v", value, prefix)
			}
		}
		checkFault(t, env.Err(), value)
	})
}

func checkFault(t *testing.T, err error, value string) {
	t.Helper()
	if err == nil {
		return
	}
	const telling = 40 // bytes; fewer may be in a message by chance
	if len(value) >= telling && strings.Contains(err.Error(), value) {
		t.Errorf("the fault holds the value: %v", err)
	}
	for line := range strings.Lines(err.Error()) {
		if name, _, _ := strings.Cut(line, " "); name == "" || name != strings.ToUpper(name) {
			t.Errorf("the fault names no variable: %q", line)
		}
	}
}
