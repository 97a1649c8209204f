package serve

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Main is the main function of a service: it runs until the process is told to
// stop, and says why when it ends with an error.
func Main(name string, run func(ctx context.Context, args []string, getenv func(string) string, stdout io.Writer) error) {
	ctx, stop := Context()
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}
