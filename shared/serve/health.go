package serve

import (
	"context"
	"net/http"
	"time"

	"officepay.example/shared/serve/version"
	"officepay.example/shared/web"
)

// Routes are the routes that every service has: the root, health, and the description of
// the API from a folder. Ready returns an error if the service cannot work now.
func Routes(ready func(context.Context) error, docsDir string) []web.Route {
	quiet := func(path string, handler web.Handler) web.Route {
		route := web.On("GET", path, nil, handler)
		route.Quiet = true
		return route
	}
	routes := append(docsRoutes(docsDir), web.On("GET", "/", nil, about), quiet("/healthz", healthz), quiet("/readyz", readyz(ready)))
	for i := range routes {
		routes[i].NoSlot = true
	}
	return routes
}

// about is GET /.
func about(context.Context, *web.Request) (*web.Answer, error) {
	return web.OK("This is the API of Office Payment Management.", map[string]any{
		"name":          "Office Payment Management",
		"version":       version.Number,
		"documentation": "/docs",
		"openapi":       "/openapi.yaml",
		"endpoints":     []string{"/auth", "/admin", "/personnels", "/analytics", "/healthz", "/readyz"},
	})
}

// readyTimeout is how long readyz waits for the store: less than the few seconds after
// which the programs that ask (Docker, Kubernetes) give up.
const readyTimeout = 2 * time.Second

// healthz is GET /healthz: the process is up.
func healthz(context.Context, *web.Request) (*web.Answer, error) {
	return health(http.StatusOK, "ok"), nil
}

// readyz is GET /readyz: whether the process can serve.
func readyz(ready func(context.Context) error) web.Handler {
	return func(ctx context.Context, r *web.Request) (*web.Answer, error) {
		ctx, cancel := context.WithTimeout(ctx, readyTimeout)
		defer cancel()
		if err := ready(ctx); err != nil {
			r.Log().Warn("not ready", "error", err.Error())
			return health(http.StatusServiceUnavailable, "database unavailable"), nil
		}
		return health(http.StatusOK, "ready"), nil
	}
}

func health(status int, word string) *web.Answer {
	return &web.Answer{Status: status, Body: []byte(`{"status":"` + word + `"}` + "\n")}
}
