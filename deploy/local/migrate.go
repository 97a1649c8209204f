package main

import (
	"context"
	"fmt"

	"officepay.example/deploy/local/sqlitestore"
)

func runMigrate(ctx context.Context, env environment, _ []string) error {
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
