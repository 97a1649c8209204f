package serve

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"officepay.example/shared/environ"
	"officepay.example/shared/office"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// Config are the settings that every service has.
type Config struct {
	web.Options           // without what Handler adds
	Host           string // address to listen on; empty means all
	Port           int
	LogFormat      string // json or text
	LogLevel       slog.Level
	Secret         string // signs tokens
	PreviousSecret string // verifies tokens; empty if there is none
	TokenLife      time.Duration
	DocsDir        string // has openapi.yaml and the page that shows it
	MetricsAddr    string // where to serve metrics; empty for nowhere
}

// knownSecret matches secrets that everybody knows from tutorials or the old backend's code,
// also repeated to be long enough.
var knownSecret = regexp.MustCompile(`(?i)^(supersecret|your-secret-key|changeme|jwt-secret|[ _.-])*$`)

// LoadConfig reads the settings of every service, noting faults in env.
func LoadConfig(env *environ.Env, host string, port int) Config {
	program, _ := os.Executable()
	c := Config{
		Host:           env.Text("HOST", host),
		Port:           env.Int("PORT", port, 1, 65535),
		Options:        web.Options{CORSOrigins: env.Origins("CORS_ORIGINS"), MaxInFlight: env.Int("MAX_IN_FLIGHT", web.DefaultMaxInFlight, 1, 100000)},
		LogFormat:      env.OneOf("LOG_FORMAT", "json", "text"),
		Secret:         env.Text("JWT_SECRET", ""),
		PreviousSecret: env.Text("JWT_SECRET_PREVIOUS", ""),
		TokenLife:      time.Duration(env.Int("ACCESS_EXPIRES", 60, 1, 60*24*365)) * time.Minute,
		DocsDir:        env.Text("DOCS_DIR", filepath.Join(filepath.Dir(program), "docs")),
	}
	c.TrustedProxies, c.TrustPeer = env.Proxies("TRUSTED_PROXIES")
	if c.MetricsAddr = env.Text("METRICS_ADDR", ""); c.MetricsAddr != "" {
		if _, _, err := net.SplitHostPort(c.MetricsAddr); err != nil {
			env.Fault("METRICS_ADDR", "must be an address and a port, such as 127.0.0.1:9100")
		}
	}
	if err := c.LogLevel.UnmarshalText([]byte(env.Text("LOG_LEVEL", "info"))); err != nil {
		env.Fault("LOG_LEVEL", "must be one of debug, info, warn, error")
	}
	checkSecret(env, "JWT_SECRET", c.Secret)
	if c.PreviousSecret != "" {
		checkSecret(env, "JWT_SECRET_PREVIOUS", c.PreviousSecret)
	}
	return c
}

func checkSecret(env *environ.Env, name, secret string) {
	switch {
	case len(secret) < token.MinSecret:
		env.Fault(name, "must be set to at least %d random bytes, for example the output of: openssl rand -hex 32", token.MinSecret)
	case knownSecret.MatchString(secret):
		env.Fault(name, "is a well-known value; set it to random bytes, for example the output of: openssl rand -hex 32")
	}
}

// Keys makes the keys for tokens. A process needs only one set.
func (c Config) Keys() *token.Keys {
	return token.NewKeys(c.Secret, c.PreviousSecret, c.TokenLife, office.Now)
}

func (c Config) Logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// Handler serves the routes, and those that every service has.
func (c Config) Handler(keys *token.Keys, logger *slog.Logger, ready func(context.Context) error, routes []web.Route) http.Handler {
	options := c.Options
	options.Logger, options.Subject = logger, keys.Subject
	return web.NewServer(options, slices.Concat(Routes(ready, c.DocsDir), routes))
}
