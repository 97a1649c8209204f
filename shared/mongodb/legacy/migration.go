package legacy

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

// migration gives the documents of a collection what they lack.
type migration struct {
	collection string
	// outdated matches the documents to migrate, and none that were.
	outdated bson.M
	// prepare is called when a batch was read, before it is converted. It may be nil.
	prepare func(context.Context) error
	// convert returns the fields to set, so that outdated no longer matches, and
	// the names of those that the document lacks.
	convert func(raw bson.Raw) (set bson.M, lacks []string, err error)
}

const (
	batchSize = 200
	// timeout is long enough for many millions of documents.
	timeout = time.Hour
)

// run migrates batch after batch, and logs how many documents it changed and how
// many of them lacked which field. A document that cannot be read is named in
// the log and stays as it is.
func (m migration) run(ctx context.Context, coll *mongo.Collection, logger *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cursor, err := coll.Find(ctx, m.outdated, options.Find().SetBatchSize(batchSize))
	if err != nil {
		return err
	}
	defer cursor.Close(ctx)
	migrated, lacking := 0, map[string]int{}
	for {
		var batch []bson.Raw
		for len(batch) < batchSize && cursor.Next(ctx) {
			batch = append(batch, slices.Clone(cursor.Current))
		}
		if len(batch) == 0 || cursor.Err() != nil {
			break
		}
		changed, err := m.migrate(ctx, coll, batch, lacking, logger)
		if err != nil {
			return fmt.Errorf("migration of %s: %w", m.collection, err)
		}
		migrated += changed
	}
	if migrated > 0 {
		counts := []any{"collection", m.collection, "documents", migrated}
		for _, field := range slices.Sorted(maps.Keys(lacking)) {
			counts = append(counts, "without_"+field, lacking[field])
		}
		logger.Info("migrated", counts...)
	}
	return cursor.Err()
}

// migrate changes a batch, and returns how many documents it has changed.
func (m migration) migrate(ctx context.Context, coll *mongo.Collection, batch []bson.Raw, lacking map[string]int, logger *slog.Logger) (int, error) {
	if m.prepare != nil {
		if err := m.prepare(ctx); err != nil {
			return 0, err
		}
	}
	var changes []mongo.WriteModel
	for _, doc := range batch {
		set, lacks, err := m.convert(doc)
		if err != nil {
			logger.Error("a document cannot be read and is left out; correct it or remove it",
				"collection", m.collection, "id", idOf(doc), "error", err.Error())
			continue
		}
		for _, field := range lacks {
			lacking[field]++
		}
		filter := maps.Clone(m.outdated)
		filter["_id"] = doc.Lookup("_id")
		changes = append(changes, mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(bson.M{"$set": set}))
	}
	if len(changes) == 0 {
		return 0, nil
	}
	result, err := coll.BulkWrite(ctx, changes, options.BulkWrite().SetOrdered(false))
	if err != nil {
		return 0, err
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
