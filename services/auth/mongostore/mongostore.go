// Package mongostore is auth.Store on MongoDB.
//
// Every step is one command on one document, so nothing here needs a
// transaction.
package mongostore

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/auth"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Store implements auth.Store.
type Store struct{ mongodb.Reader }

var _ auth.Store = Store{}

// New is the store on a database.
func New(client *mongodb.Client) Store { return Store{mongodb.Reader{Client: client}} }

// UserByArmyNumber implements auth.Store.
func (s Store) UserByArmyNumber(ctx context.Context, armyNumber string) (office.User, error) {
	doc, err := s.Client.Users().One(ctx, bson.M{"army_number": armyNumber})
	if err != nil {
		return office.User{}, err
	}
	return doc.User(), nil
}

// SetPassword implements auth.Store.
func (s Store) SetPassword(ctx context.Context, id office.ID, oldHash string, change office.PasswordChange) error {
	return s.Client.SetPassword(ctx, bson.M{"_id": id, "password_hash": oldHash}, change)
}

// RenewHash implements auth.Store.
func (s Store) RenewHash(ctx context.Context, id office.ID, oldHash, newHash string) error {
	_, err := s.Client.Users().Update(ctx, bson.M{"_id": id, "password_hash": oldHash},
		bson.M{"$set": bson.M{"password_hash": newHash}})
	return err
}
