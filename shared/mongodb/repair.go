package mongodb

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

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

// repairStep is how many documents are read and changed at a time.
const repairStep = 200

// run repairs batch after batch, and logs how many documents it changed and how
// often which field was missing. A document that cannot be read is named in the
// log and stays as it is.
func (r repair) run(ctx context.Context, db *mongo.Database, logger *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	coll := db.Collection(r.collection)
	cursor, err := coll.Find(ctx, r.lacking, options.Find().SetBatchSize(repairStep))
	if err != nil {
		return translate(err)
	}
	defer cursor.Close(ctx)
	repaired, missing := 0, map[string]int{}
	for {
		docs, err := nextBatch(ctx, cursor)
		if err != nil {
			return fmt.Errorf("repair of %s: %w", r.collection, err)
		}
		if len(docs) == 0 {
			break
		}
		changed, err := r.repairAll(ctx, coll, docs, missing, logger)
		if err != nil {
			return fmt.Errorf("repair of %s: %w", r.collection, err)
		}
		repaired += changed
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

func nextBatch(ctx context.Context, cursor *mongo.Cursor) (docs []bson.Raw, err error) {
	for len(docs) < repairStep && cursor.Next(ctx) {
		docs = append(docs, slices.Clone(cursor.Current))
	}
	return docs, translate(cursor.Err())
}

// repairAll repairs documents, and returns how many it changed.
func (r repair) repairAll(ctx context.Context, coll *mongo.Collection, docs []bson.Raw, missing map[string]int, logger *slog.Logger) (int, error) {
	if r.begin != nil {
		if err := r.begin(ctx); err != nil {
			return 0, err
		}
	}
	var changes []mongo.WriteModel
	for _, doc := range docs {
		set, lacked, err := r.fix(doc)
		if err != nil {
			logger.Error("a document cannot be read and is left out; correct it or remove it",
				"collection", r.collection, "id", idOf(doc), "error", err.Error())
			continue
		}
		for _, field := range lacked {
			missing[field]++
		}
		filter := maps.Clone(r.lacking)
		filter["_id"] = doc.Lookup("_id")
		changes = append(changes, mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(bson.M{"$set": set}))
	}
	if len(changes) == 0 {
		return 0, nil
	}
	result, err := coll.BulkWrite(ctx, changes, options.BulkWrite().SetOrdered(false))
	if err != nil {
		return 0, translate(err)
	}
	return int(result.ModifiedCount), nil
}

// idOf is the id of a document as the log names it.
func idOf(doc bson.Raw) string {
	if id, ok := doc.Lookup("_id").ObjectIDOK(); ok {
		return id.Hex()
	}
	return doc.Lookup("_id").String()
}

// lackedBy are those of the fields that a document does not have at all.
func lackedBy(raw bson.Raw, fields ...string) []string {
	return slices.DeleteFunc(fields, func(field string) bool {
		_, err := raw.LookupErr(field)
		return err == nil
	})
}
