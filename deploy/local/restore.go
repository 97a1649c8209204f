package main

import (
	"context"
	"fmt"

	"officepay.example/deploy/local/sqlitestore"
)

func runRestore(ctx context.Context, env environment, args []string) error {
	dir := dataDirOf(env)
	if err := dir.ensure(); err != nil {
		return err
	}
	before, err := sqlitestore.Restore(ctx, args[0], dir.database())
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "%s was checked and is now the database in %s.\n", args[0], dir)
	if before != "" {
		fmt.Fprintf(env.stdout, "The previous database is now %s: remove it when it is no longer needed.\n", before)
	}
	return nil
}
