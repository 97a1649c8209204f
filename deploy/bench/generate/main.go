// Command generate makes an office of a size in a data directory, which the
// all-in-one then serves.
//
//	generate [-seed N] DIR RECORDS
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"

	"officepay.example/deploy/bench/dataset"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	seed := flags.Uint64("seed", 1, "another seed makes other records")
	if err := flags.Parse(args); err != nil {
		return err
	}
	size, err := strconv.Atoi(flags.Arg(1))
	if flags.NArg() != 2 || err != nil || size < 1 {
		return errors.New("usage: generate [-seed N] DIR RECORDS")
	}
	return dataset.Make(ctx, flags.Arg(0), dataset.Spec{Size: size, Seed: *seed, Until: time.Now()}, os.Stdout)
}
