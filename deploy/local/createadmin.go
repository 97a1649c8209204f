package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/services/admin"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
)

func createAdmin(flags *flag.FlagSet) action {
	firstName := nameFlag(flags, "first-name", "first `name` of the admin", "Office")
	lastName := nameFlag(flags, "last-name", "last `name` of the admin", "Admin")
	return setPassword(flags, openOrMake,
		func(ctx context.Context, db *sqlitestore.DB, hasher *password.Hasher, c admin.Credentials) error {
			err := admin.CreateAdmin(ctx, db.Admin(), hasher, c, *firstName, *lastName)
			if errors.Is(err, office.ErrArmyNumberTaken) {
				return fmt.Errorf("the army number %s already belongs to a user: choose another", c.ArmyNumber)
			}
			return err
		})
}

// nameFlag adds a flag for a name that obeys the rules of the API.
func nameFlag(flags *flag.FlagSet, flagName, usage, fallback string) *string {
	name := &fallback
	flags.Func(flagName, fmt.Sprintf("%s (default %q)", usage, fallback), func(typed string) (err error) {
		if *name, err = office.Name.Parse(typed); err == nil && *name == "" {
			err = errors.New("must not be blank")
		}
		return err
	})
	return name
}
