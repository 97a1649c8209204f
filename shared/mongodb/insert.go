package mongodb

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Insert adds a document. It returns ErrDuplicate when a unique value is
// taken.
func (c Collection[D]) Insert(ctx context.Context, doc D) error {
	return c.do(ctx, 0, func(ctx context.Context) error {
		_, err := c.coll.InsertOne(ctx, doc)
		return err
	})
}

// InsertAll adds all documents that can be added, and returns the places of
// those whose unique values are taken.
func (c Collection[D]) InsertAll(ctx context.Context, docs []D) (taken []int, err error) {
	return insertAll(docs, func(docs []D) error {
		return c.do(ctx, len(docs), func(ctx context.Context) error {
			_, err := c.coll.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
			return err
		})
	})
}

// insertAll is InsertAll by commands that insert. A server that refuses a whole
// command for one value names no place, and has added nothing: halves find it.
func insertAll[D any](docs []D, insert func([]D) error) (taken []int, err error) {
	err = insert(docs)
	var command mongo.CommandError
	if !errors.As(err, &command) || !errors.Is(err, ErrDuplicate) {
		return takenPlaces(err)
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
	for _, place := range rest {
		taken = append(taken, half+place)
	}
	return taken, err
}

// takenPlaces finds the documents that were refused for their values alone.
func takenPlaces(err error) ([]int, error) {
	var bulk mongo.BulkWriteException
	if !errors.As(err, &bulk) || bulk.WriteConcernError != nil {
		return nil, err
	}
	var places []int
	for _, refused := range bulk.WriteErrors {
		if !mongo.IsDuplicateKeyError(refused.WriteError) {
			return nil, err
		}
		places = append(places, refused.Index)
	}
	slices.Sort(places)
	return places, nil
}
