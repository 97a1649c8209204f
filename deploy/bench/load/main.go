// Command load drives the API of the all-in-one over HTTP, on offices of several sizes,
// and prints how fast each call is, compared with what the machine can do: a bare
// net/http handler that answers the same bytes, the store called directly, and SQLite
// alone. See ../BENCHMARKS.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"officepay.example/deploy/bench/dataset"
	"officepay.example/shared/serve"
)

func main() {
	ctx, stop := serve.Context()
	defer stop()
	var err error
	if len(os.Args) == 3 && os.Args[1] == bareCommand {
		err = serveBare(os.Args[2])
	} else {
		err = drive(ctx, os.Args[1:], os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// settings are what the command line says.
type settings struct {
	program string
	data    string
	sizes   []int
	bench   bench
}

func parse(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.StringVar(&s.program, "program", "bin/office-payment", "the all-in-one")
	flags.StringVar(&s.data, "data", "bin/bench", "where the offices are kept")
	sizes := flags.String("sizes", "10000,100000", "records of each office")
	only := flags.String("only", "", "scenarios whose name this expression matches")
	flags.IntVar(&s.bench.conns, "conns", 32, "connections")
	flags.IntVar(&s.bench.rounds, "rounds", 3, "turns of each scenario at each size")
	flags.DurationVar(&s.bench.leg, "leg", 300*time.Millisecond, "how long each turn takes, and each of its limits")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	for size := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 10_000 {
			return s, fmt.Errorf("a size is a number from 10000: %q", size)
		}
		s.sizes = append(s.sizes, n)
	}
	var err error
	s.bench.only, err = regexp.Compile(*only)
	return s, err
}

func drive(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	b := &s.bench
	b.out = out
	if b.bare, err = startBare(); err != nil {
		return err
	}
	defer b.bare.stop()
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		return err
	}
	work, err := os.MkdirTemp(s.data, "run-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	for _, size := range s.sizes {
		site, err := s.site(ctx, work, size)
		if err != nil {
			return err
		}
		defer site.close()
		b.sites = append(b.sites, site)
	}
	return b.report(ctx)
}

// site makes an office of a size, if it is not kept from before, and serves a
// copy of it.
func (s settings) site(ctx context.Context, work string, size int) (*site, error) {
	kept := filepath.Join(s.data, strconv.Itoa(size))
	spec := dataset.Spec{Size: size, Seed: 1, Until: time.Now()}
	if err := dataset.Make(ctx, kept, spec, s.bench.out); err != nil {
		return nil, err
	}
	dir := filepath.Join(work, strconv.Itoa(size))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	return open(ctx, s.program, kept, dir, size)
}
