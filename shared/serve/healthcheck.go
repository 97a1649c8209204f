package serve

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"officepay.example/shared/environ"
)

// healthTimeout is how long a service may take to say that it is ready: less than the
// 3 seconds after which Docker gives up.
const healthTimeout = 2500 * time.Millisecond

// Healthcheck returns nil if the service with these settings is ready on this machine. It
// is for images without a shell.
func Healthcheck(ctx context.Context, getenv func(string) string, defaultPort int) error {
	env := environ.New(getenv)
	host, port := env.Text("HOST", ""), env.Int("PORT", defaultPort, 1, 65535)
	if err := env.Err(); err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	address := "http://" + net.JoinHostPort(host, strconv.Itoa(port)) + "/readyz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, response.Status)
	}
	return nil
}
