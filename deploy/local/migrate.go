package main

import (
	"context"
	"flag"
	"fmt"
)

func runMigrate(ctx context.Context, env environment, flags *flag.FlagSet, args []string) error {
	if _, err := arguments(flags, args, 0); err != nil {
		return err
	}
	dir := dataDirOf(env)
	if err := dir.checkDatabase(); err != nil {
		return err
	}
	db, err := dir.migrate(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Fprintf(env.stdout, "The database in %s is of version %d, which is that of this program.\n", dir.absolute(), db.Version())
	return nil
}
