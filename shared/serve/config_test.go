package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/environ"
	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

const (
	goodSecret  = "q3VnJ0Zk8wX2mB7tR5yL1pC9sD4fG6hN"
	otherSecret = "Zx8vB2nM5kL9jH3gF6dS1aP4oI7uY0tR"
)

// load reads settings from a map, on top of a good secret.
func load(settings map[string]string) (Config, error) {
	all := map[string]string{"JWT_SECRET": goodSecret}
	maps.Copy(all, settings)
	env := environ.New(func(name string) string { return all[name] })
	return LoadConfig(env, "127.0.0.1", 8001), env.Err()
}

func TestDefaultSettings(t *testing.T) {
	got, err := load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got.Host != "127.0.0.1" || got.Port != 8001 || got.Secret != goodSecret || got.PreviousSecret != "" {
		t.Errorf("got %+v", got)
	}
	if got.TokenLife != time.Hour || got.LogFormat != "json" || got.LogLevel != slog.LevelInfo {
		t.Errorf("got %+v", got)
	}
	if program, err := os.Executable(); err != nil || got.DocsDir != filepath.Join(filepath.Dir(program), "docs") {
		t.Errorf("the folder of the description is %s, not beside %s (%v)", got.DocsDir, program, err)
	}
	if got.MaxInFlight != web.DefaultMaxInFlight || !slices.Equal(got.CORSOrigins, []string{"*"}) || len(got.TrustedProxies) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestEverySettingIsRead(t *testing.T) {
	got, err := load(map[string]string{
		"HOST": " 0.0.0.0 ", "PORT": "9000", "JWT_SECRET": otherSecret + "\n", "JWT_SECRET_PREVIOUS": goodSecret,
		"ACCESS_EXPIRES": "15", "DOCS_DIR": "/srv/docs", "LOG_FORMAT": "TEXT", "LOG_LEVEL": "debug",
		"CORS_ORIGINS": "https://a.example, http://localhost:3000,", "TRUSTED_PROXIES": "10.0.0.7, 172.16.0.0/12,::1 peer\t::ffff:10.0.0.8",
		"MAX_IN_FLIGHT": "16",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Host != "0.0.0.0" || got.Port != 9000 || got.Secret != otherSecret || got.PreviousSecret != goodSecret {
		t.Errorf("got %+v", got)
	}
	if got.DocsDir != "/srv/docs" {
		t.Errorf("got %+v", got)
	}
	if got.TokenLife != 15*time.Minute || got.LogFormat != "text" || got.LogLevel != slog.LevelDebug {
		t.Errorf("got %+v", got)
	}
	prefixes := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.7/32"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("::1/128"),
		netip.MustParsePrefix("10.0.0.8/32"),
	}
	origins := []string{"https://a.example", "http://localhost:3000"}
	if !slices.Equal(got.CORSOrigins, origins) || !slices.Equal(got.TrustedProxies, prefixes) {
		t.Errorf("got %+v", got)
	}
	options := got.Options
	if !slices.Equal(options.CORSOrigins, origins) || !slices.Equal(options.TrustedProxies, prefixes) || !options.TrustPeer || options.MaxInFlight != 16 {
		t.Errorf("the server gets %+v", options)
	}
}

// faults are settings that stop a start, and what the error says beside the name.
var faults = map[string]struct{ name, value, says string }{
	"port no number":            {"PORT", "http", "from 1 to 65535"},
	"port zero":                 {"PORT", "0", "from 1 to 65535"},
	"port too high":             {"PORT", "65536", "from 1 to 65535"},
	"port negative":             {"PORT", "-1", "from 1 to 65535"},
	"port with a fraction":      {"PORT", "80.0", "from 1 to 65535"},
	"port beyond 64 bits":       {"PORT", "99999999999999999999", "from 1 to 65535"},
	"life of nothing":           {"ACCESS_EXPIRES", "0", "whole number"},
	"life with a unit":          {"ACCESS_EXPIRES", "60m", "whole number"},
	"life of more than a year":  {"ACCESS_EXPIRES", "525601", "whole number"},
	"nothing in flight":         {"MAX_IN_FLIGHT", "0", "from 1 to"},
	"log format":                {"LOG_FORMAT", "xml", "json, text"},
	"log level":                 {"LOG_LEVEL", "loud", "debug, info, warn, error"},
	"origin without a scheme":   {"CORS_ORIGINS", "office.example", "such as https://"},
	"origin with a slash":       {"CORS_ORIGINS", "https://office.example/", "a slash at the end"},
	"origin with a path":        {"CORS_ORIGINS", "https://office.example/app", "without a path"},
	"origin in capitals":        {"CORS_ORIGINS", "https://Pay.example", "such as https://"},
	"origin by a pattern":       {"CORS_ORIGINS", "https://*.example", "such as https://"},
	"origins, one bad":          {"CORS_ORIGINS", "https://office.example https://b.example", "by commas"},
	"proxy by name":             {"TRUSTED_PROXIES", "caddy", "such as 172.16.0.0/12"},
	"proxies, one bad":          {"TRUSTED_PROXIES", "10.0.0.7, 10.0.0.0/33", "such as 172.16.0.0/12"},
	"proxies, no such word":     {"TRUSTED_PROXIES", "peers", "or peer, where only a proxy can connect"},
	"secret empty":              {"JWT_SECRET", "", "at least 32"},
	"secret of blanks":          {"JWT_SECRET", strings.Repeat(" ", 40), "at least 32"},
	"secret of 31 bytes":        {"JWT_SECRET", goodSecret[1:], "at least 32"},
	"secret filled with blanks": {"JWT_SECRET", goodSecret[1:] + " ", "at least 32"},
	"secret of the old backend": {"JWT_SECRET", "supersecret", "at least 32"},
	"secret of a tutorial":      {"JWT_SECRET", "your-secret-key", "at least 32"},
	"previous too short":        {"JWT_SECRET_PREVIOUS", "supersecret", "at least 32"},
	"known, three times":        {"JWT_SECRET", strings.Repeat("supersecret", 3), "well-known"},
	"known, in capitals":        {"JWT_SECRET", strings.Repeat("SuperSecret", 3), "well-known"},
	"known, joined by dashes":   {"JWT_SECRET", "your-secret-key-your-secret-key-your-secret-key", "well-known"},
	"known, joined by blanks":   {"JWT_SECRET", "changeme changeme changeme changeme", "well-known"},
	"previous known":            {"JWT_SECRET_PREVIOUS", strings.Repeat("jwt-secret_", 4), "well-known"},
}

func TestFaults(t *testing.T) {
	for name, test := range faults {
		t.Run(name, func(t *testing.T) {
			_, err := load(map[string]string{test.name: test.value})
			if err == nil || !strings.HasPrefix(err.Error(), test.name+" ") || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one fault: %v", err)
			}
			if shown := strings.TrimSpace(test.value); len(shown) > 4 && strings.Contains(err.Error(), shown) {
				t.Errorf("the value leaves: %v", err)
			}
		})
	}
}

// Promise 15: an operator sees every fault at once, by name, and no secret.
func TestAllFaultsAtOnce(t *testing.T) {
	settings := map[string]string{
		"JWT_SECRET": "hunter2", "JWT_SECRET_PREVIOUS": "hunter3", "PORT": "x", "ACCESS_EXPIRES": "x",
		"LOG_FORMAT": "x", "LOG_LEVEL": "x", "TRUSTED_PROXIES": "x",
	}
	_, err := load(settings)
	if err == nil {
		t.Fatal("no error")
	}
	for name := range settings {
		if !strings.Contains("\n"+err.Error(), "\n"+name+" must be") {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	if strings.Contains(err.Error(), "hunter") {
		t.Errorf("a secret leaves: %v", err)
	}
}

func TestKeys(t *testing.T) {
	config, err := load(map[string]string{"JWT_SECRET_PREVIOUS": otherSecret, "ACCESS_EXPIRES": "15"})
	if err != nil {
		t.Fatal(err)
	}
	old, err := load(map[string]string{"JWT_SECRET": otherSecret})
	if err != nil {
		t.Fatal(err)
	}
	token, err := old.Keys().Issue(office.User{ID: office.NewID()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := config.Keys().Verify(token); err != nil {
		t.Errorf("a token of the previous secret: %v", err)
	}
	token, _ = config.Keys().Issue(office.User{ID: office.NewID()})
	if _, err := old.Keys().Verify(token); err == nil {
		t.Error("tokens are signed with the previous secret")
	}
}

func TestLogger(t *testing.T) {
	cases := map[string]struct {
		format, level string
		want          []string // each line's beginning
	}{
		"JSON":             {"json", "info", []string{`{"time":`, `{"time":`}},
		"text":             {"text", "info", []string{`time=`, `time=`}},
		"only what is bad": {"json", "warn", []string{`{"time":`}},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			config, err := load(map[string]string{"LOG_FORMAT": test.format, "LOG_LEVEL": test.level})
			if err != nil {
				t.Fatal(err)
			}
			var logs bytes.Buffer
			logger := config.Logger(&logs)
			logger.Debug("detail")
			logger.Info("done", "what", "a\nb\x1b[31m")
			logger.Warn("odd", "what", "a\nb\x1b[31m")
			lines := slices.Collect(strings.Lines(logs.String()))
			if len(lines) != len(test.want) {
				t.Fatalf("%d lines: %s", len(lines), logs.String())
			}
			for i, line := range lines {
				if !strings.HasPrefix(line, test.want[i]) || strings.Contains(line, "\x1b") {
					t.Errorf("line %q", line)
				}
				if test.format == "json" && !json.Valid([]byte(line)) {
					t.Errorf("line %q is not JSON", line)
				}
			}
		})
	}
}

// The settings reach the server: the folder of the description, and the origins
// that may call.
func TestHandler(t *testing.T) {
	config, err := load(map[string]string{"DOCS_DIR": documented(t), "CORS_ORIGINS": "https://a.example"})
	if err != nil {
		t.Fatal(err)
	}
	route := web.On("GET", "/thing", nil, func(context.Context, *web.Request) (*web.Answer, error) { return web.OK("Here.", nil) })
	server := config.Handler(config.Keys(), slog.New(slog.DiscardHandler), func(context.Context) error { return nil }, []web.Route{route})
	for _, path := range []string{"/docs", "/readyz", "/thing"} {
		rec := ask(server, "GET", path, "Origin: https://a.example")
		if rec.Code != 200 || rec.Header().Get("Access-Control-Allow-Origin") != "https://a.example" {
			t.Errorf("%s: %d %v", path, rec.Code, rec.Header())
		}
	}
}
