// Package mongostore is auth.Store on MongoDB.
//
// Every step is one command on one document, so nothing here needs a transaction.
package mongostore

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/auth"
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Store is auth.Store, which says what its methods do.
type Store struct{ mongodb.Common }

// New is the store on a database.
func New(client *mongodb.Client) Store { return Store{mongodb.Common{Client: client}} }

func (s Store) UserByArmyNumber(ctx context.Context, armyNumber string) (office.User, error) {
	docs, err := s.Client.Users().Find(ctx, bson.M{"$or": bson.A{
		bson.M{"army_number_folded": office.Fold(armyNumber)},
		bson.M{"army_number": armyNumber}, // of a user whom another program has written, and who is not repaired yet
	}}, mongodb.Part{})
	if err != nil {
		return office.User{}, err
	}
	return office.WithArmyNumber(office.Convert(docs, document.User.Value), armyNumber)
}

func (s Store) SetPassword(ctx context.Context, id office.ID, oldHash string, change office.PasswordChange) error {
	return s.Client.SetPassword(ctx, bson.M{"_id": id, "password_hash": oldHash}, change)
}

func (s Store) RenewHash(ctx context.Context, id office.ID, oldHash, newHash string) error {
	_, err := s.Client.Users().Update(ctx, bson.M{"_id": id, "password_hash": oldHash},
		bson.M{"$set": bson.M{"password_hash": newHash}})
	return err
}

type attemptsDoc struct {
	Key      string       `bson:"_id"`
	Kept     keptAttempts `bson:"kept"`
	ForgetAt time.Time    `bson:"forget_at"`
}

// keptAttempts are auth.Attempts in a document. Zero values are left out: so a document from before
// a field was added still equals what is read from it.
type keptAttempts struct {
	Session      int64         `bson:"session,omitempty"`
	Count        int           `bson:"count,omitempty"`
	Pause        time.Duration `bson:"pause,omitempty"`
	BlockedUntil time.Time     `bson:"blocked_until,omitempty"`
	CountUntil   time.Time     `bson:"count_until,omitempty"`
	KnownUntil   time.Time     `bson:"known_until,omitempty"`
}

func (s Store) attempts() mongodb.Collection[attemptsDoc] {
	return mongodb.CollectionOf[attemptsDoc](s.Client, "attempts")
}

func (s Store) Attempts(ctx context.Context, keys ...string) (map[string]auth.Attempts, error) {
	docs, err := s.attempts().Find(ctx, bson.M{"_id": mongodb.AnyOf(keys)}, mongodb.Part{})
	found := map[string]auth.Attempts{}
	for _, doc := range docs {
		found[doc.Key] = auth.Attempts(doc.Kept)
	}
	return found, err
}

// SwapAttempts implements auth.Store. The first attempts under a key are an
// insertion, which only one of many can make.
func (s Store) SwapAttempts(ctx context.Context, key string, old, new auth.Attempts) (bool, error) {
	asOld, doc := bson.M{"_id": key, "kept": bson.M{"$eq": keptAttempts(old)}}, attemptsDoc{key, keptAttempts(new), new.ForgetAt()}
	switch (auth.Attempts{}) {
	case old:
		err := s.attempts().Insert(ctx, doc)
		if errors.Is(err, mongodb.ErrDuplicate) {
			return false, nil
		}
		return err == nil, err
	case new:
		return s.attempts().Delete(ctx, asOld)
	}
	return s.attempts().Update(ctx, asOld, bson.M{"$set": doc})
}

func (s Store) ForgetAttempts(ctx context.Context, now time.Time) error {
	_, err := s.attempts().DeleteAll(ctx, 0, bson.M{"forget_at": bson.M{"$lte": now}})
	return err
}
