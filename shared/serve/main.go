package serve

import (
	"context"
	"fmt"
	"io"
	"os"

	"officepay.example/shared/serve/version"
)

// Main is the main function of a service: it runs until the process is told to stop. If
// run fails, it prints the error.
func Main(name string, run func(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error) {
	ctx, stop := Context()
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// Command runs what the arguments ask for instead of serving: healthcheck asks the
// running service whether it is ready, and -version shows the release.
func Command(ctx context.Context, name string, defaultPort int, args []string, getenv func(string) string, stdout io.Writer) error {
	switch {
	case version.Asked(args):
		_, err := fmt.Fprintln(stdout, name, version.String())
		return err
	case len(args) == 1 && args[0] == "healthcheck":
		return Healthcheck(ctx, getenv, defaultPort)
	}
	return fmt.Errorf("there is no command %q; without one the service runs, healthcheck asks whether it is ready, and -version shows the release", args[0])
}
