package legacy

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

// apply makes changes. A document with a unique value that is taken is told apart.
func (r *repair) apply(ctx context.Context, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	models := office.Convert(changes, func(c change) mongo.WriteModel {
		return mongo.NewUpdateOneModel().SetFilter(c.filter).SetUpdate(bson.M{"$set": c.set})
	})
	coll := r.db.Collection(r.collection)
	result, err := coll.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
	bulk, ok := errors.AsType[mongo.BulkWriteException](err)
	if err != nil && (!ok || bulk.WriteConcernError != nil) {
		return err
	}
	r.changed += int(result.ModifiedCount)
	for _, refused := range bulk.WriteErrors {
		c, err := changes[refused.Index], error(mongo.WriteException{WriteErrors: mongo.WriteErrors{refused.WriteError}})
		if mongo.IsDuplicateKeyError(err) {
			err = r.writeDistinct(c.kept, func(distinct bson.M) error {
				maps.Copy(c.set, distinct)
				_, err := coll.UpdateOne(ctx, c.filter, bson.M{"$set": c.set})
				return err
			})
		}
		if err := r.skipRefused(c.kept, err); err != nil {
			return err
		}
	}
	return nil
}

// writeDistinct writes a document with fields that tell it apart from another, and logs its id.
func (r *repair) writeDistinct(kept bson.Raw, write func(distinct bson.M) error) (err error) {
	for later := 1; later == 1 || mongo.IsDuplicateKeyError(err); later++ {
		err = write(distinct(r.collection, kept, later))
	}
	if err == nil {
		r.logger.Warn("a document has the unique values of another; both are served, and one should be corrected or deleted",
			"collection", r.collection, "id", document.IDOf(kept))
	}
	return err
}

// setAside moves a document out of its collection, if it is still as it was read.
func (r *repair) setAside(ctx context.Context, raw, kept bson.Raw) error {
	aside := r.db.Collection(r.collection + asideSuffix)
	_, err := aside.InsertOne(ctx, raw)
	if mongo.IsDuplicateKeyError(err) { // a document with its id was set aside before
		if _, err = aside.DeleteOne(ctx, bson.M{"_id": raw.Lookup("_id")}); err == nil {
			_, err = aside.InsertOne(ctx, raw)
		}
	}
	if err != nil {
		return err
	}
	_, err = r.db.Collection(r.collection).DeleteOne(ctx, unchanged(raw, merged(raw, kept)))
	return err
}

// outOfDiskSpace is an error code of the server, from its src/mongo/base/error_codes.yml.
const outOfDiskSpace = 14031

// skipRefused lets a repair go on if the server refuses to change a document, and logs its id.
func (r *repair) skipRefused(raw bson.Raw, err error) error {
	refused, ok := errors.AsType[mongo.WriteException](err)
	if !ok || len(refused.WriteErrors) == 0 || refused.HasErrorCode(outOfDiskSpace) {
		return err
	}
	r.logger.Error("a document cannot be repaired; correct it or remove it", "collection", r.collection, "id", document.IDOf(raw), "error", err.Error())
	return nil
}

// putBack puts back what was set aside and can now be read, and logs the ids of the others.
func (r *repair) putBack(ctx context.Context, docs []bson.Raw, refs *document.References) error {
	for _, raw := range docs {
		kept, findings := r.read(raw, refs)
		for _, problem := range findings.Problems {
			r.logger.Warn("a document is set aside, and shown to nobody; correct it there, or remove it",
				"collection", r.collection+asideSuffix, "id", document.IDOf(raw), "field", problem.Field, "reason", problem.What)
		}
		if findings.Err() != nil {
			continue
		}
		err := r.insert(ctx, raw, kept)
		if err == nil {
			_, err = r.db.Collection(r.collection+asideSuffix).DeleteOne(ctx, bson.M{"_id": raw.Lookup("_id")})
		}
		if err := r.skipRefused(raw, err); err != nil {
			return err
		}
		r.count(findings.Notes)
		r.changed++
	}
	return nil
}

// insert adds a document in the current form, with all other fields that it had. If it is
// already there, it was added before an interruption.
func (r *repair) insert(ctx context.Context, raw, kept bson.Raw) error {
	coll, doc := r.db.Collection(r.collection), merged(raw, kept)
	add := func(distinct bson.M) error {
		maps.Copy(doc, distinct)
		_, err := coll.InsertOne(ctx, doc)
		return err
	}
	err := add(nil)
	if !mongo.IsDuplicateKeyError(err) {
		return err
	}
	there, err := coll.CountDocuments(ctx, bson.M{"_id": doc["_id"]})
	if err != nil || there > 0 {
		return err
	}
	return r.writeDistinct(kept, add)
}

func (r *repair) count(notes []document.Finding) {
	for _, note := range notes {
		r.notes[note]++
	}
}

// report logs how many documents were changed, and what was converted how often.
func (r *repair) report() {
	if r.changed == 0 {
		return
	}
	r.logger.Info("repaired", "collection", r.collection, "documents", r.changed)
	byField := func(a, b document.Finding) int { return strings.Compare(a.String(), b.String()) }
	for _, note := range slices.SortedFunc(maps.Keys(r.notes), byField) {
		r.logger.Info("converted", "collection", r.collection, "field", note.Field, "what", note.What, "documents", r.notes[note])
	}
}
