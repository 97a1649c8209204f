package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
)

func verify(flags *flag.FlagSet) action {
	repair := flags.Bool("repair", false, "repair what differs; nobody can write meanwhile")
	return func(ctx context.Context, env environment, _ []string) error {
		db, err := openExisting(ctx, env)
		if err != nil {
			return err
		}
		defer db.Close()
		faults, err := db.Verify(ctx)
		if err != nil {
			return fmt.Errorf("the database cannot be verified: %w", err)
		}
		for _, fault := range faults {
			fmt.Fprintln(env.stdout, fault)
		}
		switch {
		case len(faults) == 0:
			fmt.Fprintln(env.stdout, "The file is sound, and the totals and the search index agree with the records.")
			return nil
		case !*repair:
			return errors.New("these faults can be repaired: run verify -repair")
		}
		if err := db.Repair(ctx); err != nil {
			return fmt.Errorf("nothing was repaired: %w", err)
		}
		fmt.Fprintln(env.stdout, "Repaired.")
		return nil
	}
}
