package main

import (
	"context"
	"errors"
	"flag"
)

func runExport(ctx context.Context, env environment, flags *flag.FlagSet, args []string) error { return errors.ErrUnsupported }
func runImport(ctx context.Context, env environment, flags *flag.FlagSet, args []string) error { return errors.ErrUnsupported }
