package mongostore

import (
	"context"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// deletionField holds an id that a deletion makes up: by it the call finds
// what itself has deleted, with one command for all.
const deletionField = "deletion"

// Delete implements personnel.Store.
func (s Store) Delete(ctx context.Context, scope office.Scope, ids []office.ID, now time.Time) ([]office.ID, error) {
	if len(ids) == 0 {
		return []office.ID{}, nil
	}
	named := bson.M{"$in": ids}
	deletion := office.NewID()
	filter := live(scope)
	filter["_id"] = named
	if err := s.mark(ctx, filter, deletion, len(ids), now); err != nil {
		return nil, err
	}
	type key struct {
		ID office.ID `bson:"_id"`
	}
	keys, err := mongodb.CollectionOf[key](s.Client, "personnels").Find(ctx,
		bson.M{"_id": named, deletionField: deletion}, mongodb.Part{Fields: []string{"_id"}})
	return mongodb.Convert(keys, func(k key) office.ID { return k.ID }), err
}

// mark deletes the records that the filter fits. Deleted records with one
// number are told apart by the time of their deletion; where that is taken,
// what is left is deleted a little later.
func (s Store) mark(ctx context.Context, filter bson.M, deletion office.ID, count int, at time.Time) error {
	for later := time.Millisecond; ; later *= 2 {
		err := s.Client.Records().UpdateAll(ctx, count, filter,
			bson.M{"$set": bson.M{"isDeleted": true, "deleted_at": at, deletionField: deletion}})
		if !errors.Is(err, mongodb.ErrDuplicate) {
			return err
		}
		at = at.Add(later)
	}
}
