package mongodb

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// repair gives the documents of a collection that the former backend wrote
// what they lack. What it wrote keeps its meaning, so it can still read them.
//
// Each document is changed only while it still lacks something, so several
// replicas may repair at once, and an interrupted repair goes on where it
// stopped.
type repair struct {
	collection string
	// lacking fits the documents to repair, and none that were.
	lacking bson.M
	// begin is called when a batch was read, and before it is fixed. Nil is
	// nothing to do.
	begin func(context.Context) error
	// fix returns the fields to set, so that lacking no longer fits, and the
	// names of those that were missing.
	fix func(raw bson.Raw) (set bson.M, missing []string, err error)
}

const (
	repairStep = 200 // documents a batch
	// repairTimeout is how long a batch may take.
	repairTimeout = time.Minute
)

// run repairs batch after batch until there is nothing left, and logs how many
// documents it changed and how often which field was missing.
func (r repair) run(ctx context.Context, db *mongo.Database, logger *slog.Logger) error {
	repaired, missing := 0, map[string]int{}
	for {
		found, changed, err := r.batch(ctx, db.Collection(r.collection), missing)
		repaired += changed
		if err != nil {
			return fmt.Errorf("repair of %s: %w", r.collection, err)
		}
		if found == 0 {
			break
		}
	}
	if repaired > 0 {
		counts := []any{"collection", r.collection, "documents", repaired}
		for _, field := range slices.Sorted(maps.Keys(missing)) {
			counts = append(counts, "without_"+field, missing[field])
		}
		logger.Info("repaired", counts...)
	}
	return nil
}

func (r repair) batch(ctx context.Context, coll *mongo.Collection, missing map[string]int) (found, changed int, err error) {
	ctx, cancel := context.WithTimeout(ctx, repairTimeout)
	defer cancel()
	docs, err := r.read(ctx, coll)
	if err != nil || len(docs) == 0 {
		return 0, 0, err
	}
	changes := make([]mongo.WriteModel, len(docs))
	for i, doc := range docs {
		if changes[i], err = r.change(doc, missing); err != nil {
			return 0, 0, err
		}
	}
	result, err := coll.BulkWrite(ctx, changes, options.BulkWrite().SetOrdered(false))
	if err != nil {
		return 0, 0, translate(err)
	}
	return len(docs), int(result.ModifiedCount), nil
}

// read finds documents to repair.
func (r repair) read(ctx context.Context, coll *mongo.Collection) ([]bson.Raw, error) {
	cursor, err := coll.Find(ctx, r.lacking, options.Find().SetLimit(repairStep).SetBatchSize(repairStep))
	if err != nil {
		return nil, translate(err)
	}
	var docs []bson.Raw
	if err := cursor.All(ctx, &docs); err != nil || len(docs) == 0 || r.begin == nil {
		return docs, translate(err)
	}
	return docs, r.begin(ctx)
}

// change is the change of one document, provided that it still lacks
// something.
func (r repair) change(raw bson.Raw, missing map[string]int) (mongo.WriteModel, error) {
	set, lacked, err := r.fix(raw)
	if err != nil {
		return nil, fmt.Errorf("document %v cannot be read; correct it or remove it: %w", raw.Lookup("_id"), err)
	}
	for _, field := range lacked {
		missing[field]++
	}
	filter := maps.Clone(r.lacking)
	filter["_id"] = raw.Lookup("_id")
	return mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(bson.M{"$set": set}), nil
}

// lackedBy are those of the fields that a document does not have at all.
func lackedBy(raw bson.Raw, fields ...string) []string {
	return slices.DeleteFunc(fields, func(field string) bool {
		_, err := raw.LookupErr(field)
		return err == nil
	})
}
