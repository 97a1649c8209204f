package serve

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"officepay.example/shared/environ"
	"officepay.example/shared/serve/version"
)

// Main is a service's main function. Without arguments it runs until the process is told to stop.
func Main(name string, defaultPort int, run func(ctx context.Context, getenv func(string) string, stdout io.Writer) error) {
	ctx, stop := Context()
	defer stop()
	var err error
	if args := os.Args[1:]; len(args) > 0 {
		err = command(name, defaultPort, args, os.Getenv, os.Stdout)
	} else {
		err = run(ctx, os.Getenv, os.Stdout)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// command runs what the arguments ask for instead of serving.
func command(name string, defaultPort int, args []string, getenv func(string) string, stdout io.Writer) error {
	switch {
	case version.Asked(args):
		_, err := fmt.Fprintln(stdout, name, version.Number)
		return err
	case len(args) == 1 && args[0] == "healthcheck":
		return Healthcheck(getenv, defaultPort)
	}
	return fmt.Errorf("there is no command %q; without one the service runs, healthcheck asks whether it is ready, and -version shows the release", args[0])
}

// healthTimeout is less than the 3 seconds after which Docker gives up.
const healthTimeout = 2500 * time.Millisecond

// Healthcheck returns nil if the service on this machine is ready: for images without a shell.
func Healthcheck(getenv func(string) string, defaultPort int) error {
	env := environ.New(getenv)
	host, port := env.Text("HOST", ""), env.Int("PORT", defaultPort, 1, 65535)
	if err := env.Err(); err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	address := "http://" + net.JoinHostPort(host, strconv.Itoa(port)) + "/readyz"
	client := http.Client{Timeout: healthTimeout}
	response, err := client.Get(address)
	if err != nil {
		return err
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, response.Status)
	}
	return nil
}
