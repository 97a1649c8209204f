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

func resetPassword(flags *flag.FlagSet) action {
	return setPassword(flags, openExisting,
		func(ctx context.Context, db *sqlitestore.DB, hasher *password.Hasher, c admin.Credentials) error {
			user, err := db.Auth().UserByArmyNumber(ctx, c.ArmyNumber)
			if errors.Is(err, office.ErrNotFound) {
				return fmt.Errorf("there is no user with the army number %s", c.ArmyNumber)
			}
			if err != nil {
				return err
			}
			hash, err := hasher.Hash(ctx, password.Member(c.ArmyNumber), c.Password)
			if err != nil {
				return err
			}
			return db.Admin().ResetPassword(ctx, user.ID, office.PasswordChange{Hash: hash, IsGenerated: true})
		})
}
