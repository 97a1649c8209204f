package main

import (
	"context"
	"errors"
	"log/slog"

	"officepay.example/services/admin"
	"officepay.example/services/admin/mongostore"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
)

// firstAdmin makes the first admin.
type firstAdmin struct {
	admin.Credentials
	hasher *password.Hasher
}

// ensure makes the admin when there is none and a password was set: no account
// has one that can be guessed. Of several replicas that start at once, one
// makes him, since army numbers are unique.
func (f firstAdmin) ensure(ctx context.Context, client *mongodb.Client, logger *slog.Logger) error {
	store := mongostore.New(client)
	exists, err := anyAdmin(ctx, store)
	if err != nil || exists {
		return err
	}
	if f.Password == "" {
		logger.Warn("nobody can administer: there is no admin, and ADMIN_PASSWORD is not set; set it and start again to make the first one")
		return nil
	}
	err = f.create(ctx, store)
	if err == nil {
		logger.Info("the first admin was made", "army_number", f.ArmyNumber)
	}
	if !errors.Is(err, office.ErrArmyNumberTaken) {
		return err
	}
	if exists, err = anyAdmin(ctx, store); err == nil && !exists {
		logger.Warn("nobody can administer: there is no admin, and ADMIN_ARMY_NUMBER is a user's; set it to another and start again")
	}
	return err
}

func anyAdmin(ctx context.Context, store mongostore.Store) (bool, error) {
	_, count, err := store.Users(ctx, admin.UserQuery{Role: office.RoleAdmin, Limit: 1})
	return count > 0, err
}

func (f firstAdmin) create(ctx context.Context, store mongostore.Store) error {
	hash, err := f.hasher.Hash(ctx, f.Password)
	if err != nil {
		return err
	}
	return store.CreateUser(ctx, office.User{
		ID: office.NewID(), CreatedAt: office.Now(), ArmyNumber: f.ArmyNumber, PasswordHash: hash,
		FirstName: "First", LastName: "Admin", Role: office.RoleAdmin, IsGenerated: true,
	})
}
