package main

import (
	"context"
	"flag"
	"fmt"

	"officepay.example/deploy/local/sqlitestore"
)

func runMigrate(ctx context.Context, env environment, flags *flag.FlagSet, args []string) error {
	if _, err := arguments(flags, args, 0); err != nil {
		return err
	}
	dir := dataDirOf(env)
	if err := dir.checkDatabase(); err != nil {
		return err
	}
	db, err := sqlitestore.Migrate(ctx, dir.database())
	if err != nil {
		return err
	}
	defer db.Close()
	fmt.Fprintf(env.stdout, "The database in %s is up to date: it has version %d.\n", dir, db.Version())
	return nil
}
