// Command soak runs the promises' tests in their long form, fuzzes, and prints a line on
// each promise: the figures that its tests saw, or which tests check it.
//
// It is started in the repository's root after the programs are built; make
// soak does both. Arguments are the steps to run, instead of all.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, named []string) error {
	tests, err := findTests(".")
	if err != nil {
		return err
	}
	r := newReport(os.Stdout)
	for _, s := range steps(tests) {
		if len(named) > 0 && !slices.Contains(named, s.name) {
			continue
		}
		r.say("%s", s.name)
		if err := s.run(ctx, r); err != nil {
			return err
		}
	}
	r.summary(tests)
	return r.failure()
}
