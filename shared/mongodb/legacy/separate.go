package legacy

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

// Separate tells apart documents that have the same values in fields that must be unique.
// The first one keeps its values; each of the others gets one that no other has, and is
// logged. All of them are served, and an admin can correct or delete the wrong ones.
func Separate(ctx context.Context, coll *mongo.Collection, fields []string, logger *slog.Logger) error {
	order := bson.D{}
	for _, field := range append(slices.Clone(fields), "_id") {
		order = append(order, bson.E{Key: field, Value: 1})
	}
	projection := append(slices.Clone(order), bson.E{Key: "search_text", Value: 1})
	cursor, err := coll.Find(ctx, bson.M{}, options.Find().SetSort(order).SetProjection(projection).SetAllowDiskUse(true))
	if err != nil {
		return err
	}
	defer cursor.Close(ctx)
	var first bson.Raw
	for later := 0; cursor.Next(ctx); {
		doc := slices.Clone(cursor.Current)
		differs := func(field string) bool { return !isSame(first.Lookup(field), doc.Lookup(field)) }
		if first == nil || slices.ContainsFunc(fields, differs) {
			first = doc
			continue
		}
		later++
		if _, err := coll.UpdateByID(ctx, doc.Lookup("_id"), bson.M{"$set": distinct(coll.Name(), doc, later)}); err != nil {
			return err
		}
		logger.Warn("two documents have the same unique values; both are served, and one should be corrected or deleted",
			"collection", coll.Name(), "fields", strings.Join(fields, ","), "first", document.IDOf(first), "later", document.IDOf(doc))
	}
	return cursor.Err()
}

// isSame tells whether two values are the same in an index, where a missing one is null.
func isSame(a, b bson.RawValue) bool {
	isNull := func(v bson.RawValue) bool { return v.IsZero() || v.Type == bson.TypeNull }
	return a.Equal(b) || isNull(a) && isNull(b)
}

// Regain gives documents that were told apart back their own values, where the other
// document has been corrected or deleted since. The unique indexes refuse the rest.
func Regain(ctx context.Context, db *mongo.Database) error {
	dbs, records := &repair{db: db, collection: document.DBs}, &repair{db: db, collection: document.Personnels}
	return errors.Join(
		dbs.each(ctx, document.DBs, bson.M{"short_code_folded": bson.Regex{Pattern: "\n"}}, dbs.regain("short_code_folded")),
		// Live records with a time of deletion are adjacent in the index of deleted records.
		records.each(ctx, document.Personnels, bson.M{"isDeleted": false, "deleted_at": bson.M{"$ne": nil}}, records.regain("deleted_at")))
}

func (r *repair) regain(field string) func(context.Context, []bson.Raw, *document.References) error {
	return func(ctx context.Context, docs []bson.Raw, refs *document.References) error {
		for _, raw := range docs {
			kept, _ := r.read(raw, refs)
			own := bson.M{field: kept.Lookup(field)}
			_, err := r.db.Collection(r.collection).UpdateOne(ctx, unchanged(raw, own), bson.M{"$set": own})
			if err != nil && !mongo.IsDuplicateKeyError(err) {
				return err
			}
		}
		return nil
	}
}

// distinct returns the fields that tell a document apart from an earlier one.
func distinct(collection string, doc bson.Raw, later int) bson.M {
	text := func(field string) string {
		value, _ := doc.Lookup(field).StringValueOK()
		return value
	}
	switch collection {
	case document.Users: // only the first one can log in with the number
		number := office.DistinctNumber(text("army_number"), document.IDOf(doc))
		return bson.M{
			"army_number": number, "army_number_folded": office.Fold(number), "search_text": text("search_text") + " " + document.IDOf(doc),
		}
	case document.DBs:
		return bson.M{"short_code_folded": office.DistinctCode(text("short_code_folded"), document.IDOf(doc))}
	}
	// Nothing reads the time of deletion of a live record.
	at, ok := doc.Lookup("deleted_at").TimeOK()
	if !ok {
		at = time.Now()
	}
	return bson.M{"deleted_at": at.Add(time.Duration(later) * time.Millisecond)}
}
