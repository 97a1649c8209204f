package legacy

import (
	"context"
	"errors"
	"log/slog"
	"maps"
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
		if first == nil || valuesOf(first, fields) != valuesOf(doc, fields) {
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

// Regain gives documents that were told apart back their own values, where the other
// document has been corrected or deleted since. The unique indexes refuse the rest.
func Regain(ctx context.Context, db *mongo.Database) error {
	return errors.Join(
		regain(ctx, db.Collection(document.DBs), bson.M{"short_code_folded": bson.Regex{Pattern: "\n"}}),
		// Live records with a time of deletion are adjacent in the index of deleted records.
		regain(ctx, db.Collection(document.Personnels), bson.M{"isDeleted": false, "deleted_at": bson.M{"$ne": nil}}))
}

func regain(ctx context.Context, coll *mongo.Collection, separated bson.M) error {
	cursor, err := coll.Find(ctx, separated)
	if err != nil {
		return err
	}
	defer cursor.Close(ctx)
	for cursor.Next(ctx) {
		own := bson.M{"deleted_at": nil}
		if coll.Name() == document.DBs {
			folded, _ := cursor.Current.Lookup("short_code_folded").StringValueOK()
			code, _, _ := strings.Cut(folded, "\n")
			own = bson.M{"short_code_folded": code}
		}
		_, err := coll.UpdateOne(ctx, unchanged(cursor.Current, slices.Collect(maps.Keys(own))), bson.M{"$set": own})
		if err != nil && !mongo.IsDuplicateKeyError(err) {
			return err
		}
	}
	return cursor.Err()
}

// valuesOf returns the values of the fields as an index has them, where a missing one is null.
func valuesOf(doc bson.Raw, fields []string) (values string) {
	for _, field := range fields {
		if value := doc.Lookup(field); value.Type != bson.TypeNull {
			values += value.String()
		}
		values += "\n"
	}
	return values
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
