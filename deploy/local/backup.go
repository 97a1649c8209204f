package main

import (
	"context"
	"flag"
	"fmt"
)

func runBackup(ctx context.Context, env environment, flags *flag.FlagSet, args []string) error {
	args, err := arguments(flags, args, 1)
	if err != nil {
		return err
	}
	db, err := dataDirOf(env).openExisting(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	size, err := db.Backup(ctx, args[0])
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "%s: %.1f MB, checked.\n", args[0], float64(size)/1e6)
	return nil
}
