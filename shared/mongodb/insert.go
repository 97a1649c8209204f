package mongodb

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// InsertAll adds all documents that can be added, and returns the indexes of those whose
// unique values are taken.
func (c Collection[D]) InsertAll(ctx context.Context, docs []D) (taken []int, err error) {
	return insertAll(docs, func(docs []D) error {
		return c.do(ctx, len(docs), func(ctx context.Context) error {
			_, err := c.coll.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
			return err
		})
	})
}

// insertAll is InsertAll with a function that sends one command. A server that refuses a
// whole command because of one value does not say which, and has added nothing: then
// each half is tried by itself.
func insertAll[D any](docs []D, insert func([]D) error) (taken []int, err error) {
	err = insert(docs)
	if _, ok := errors.AsType[mongo.CommandError](err); !ok || !errors.Is(err, ErrDuplicate) {
		return takenOf(err)
	}
	if len(docs) == 1 {
		return []int{0}, nil
	}
	half := len(docs) / 2
	taken, err = insertAll(docs[:half], insert)
	if err != nil {
		return nil, err
	}
	rest, err := insertAll(docs[half:], insert)
	for _, i := range rest {
		taken = append(taken, half+i)
	}
	return taken, err
}

// takenOf returns the indexes of the documents whose values are taken, unless there were
// other errors too.
func takenOf(err error) (taken []int, _ error) {
	bulk, ok := errors.AsType[mongo.BulkWriteException](err)
	if !ok || bulk.WriteConcernError != nil {
		return nil, err
	}
	for _, refused := range bulk.WriteErrors {
		if !mongo.IsDuplicateKeyError(refused.WriteError) {
			return nil, err
		}
		taken = append(taken, refused.Index)
	}
	slices.Sort(taken)
	return taken, nil
}
