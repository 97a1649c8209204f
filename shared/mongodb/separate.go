package mongodb

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// separate makes documents differ that have the same unique values, so that the
// index can be built: the first keeps its values, and each of the others gets
// one that no other has, and is named in the log. All are served: an admin can
// correct or delete what should not be there.
func (c *Client) separate(ctx context.Context, logger *slog.Logger, unique index) error {
	ctx, cancel := context.WithTimeout(ctx, buildTimeout)
	defer cancel()
	coll, fields := c.db.Collection(unique.collection), append(slices.Clone(unique.keys), "_id")
	cursor, err := coll.Find(ctx, bson.M{}, options.Find().SetAllowDiskUse(true).
		SetSort(Ascending(fields...)).SetProjection(Ascending(append(fields, "search_text")...)))
	if err != nil {
		return translate(err)
	}
	defer cursor.Close(ctx)
	var first bson.Raw
	for later := 0; cursor.Next(ctx); {
		doc := slices.Clone(cursor.Current)
		if first == nil || !unique.hasEqualValues(first, doc) {
			first = doc
			continue
		}
		later++
		if _, err := coll.UpdateByID(ctx, doc.Lookup("_id"), bson.M{"$set": distinct(unique.collection, doc, later)}); err != nil {
			return translate(err)
		}
		logger.Warn("two documents have the same unique values; both are served, and one should be corrected or deleted",
			"collection", unique.collection, "fields", strings.Join(unique.keys, ","), "first", idOf(first), "later", idOf(doc))
	}
	return translate(cursor.Err())
}

func (i index) hasEqualValues(a, b bson.Raw) bool {
	return !slices.ContainsFunc(i.keys, func(field string) bool { return !orNull(a.Lookup(field)).Equal(orNull(b.Lookup(field))) })
}

// orNull is the value as an index has it: a missing one is null.
func orNull(value bson.RawValue) bson.RawValue {
	if value.IsZero() {
		return bson.RawValue{Type: bson.TypeNull}
	}
	return value
}

// distinct are the fields that make a document differ from an earlier one.
func distinct(collection string, doc bson.Raw, later int) bson.M {
	text := func(field string) string {
		value, _ := doc.Lookup(field).StringValueOK()
		return value
	}
	id := idOf(doc)
	switch collection {
	case usersName: // who logs in with the number is the first
		return bson.M{"army_number": strings.TrimSpace(text("army_number") + " " + id), "search_text": text("search_text") + " " + id}
	case dbsName:
		return bson.M{"short_code_folded": text("short_code_folded") + "\n" + id} // no code has a line break
	}
	// A live record has no time of deletion, and nothing reads the one that it gets.
	at, ok := doc.Lookup("deleted_at").TimeOK()
	if !ok {
		at = time.Now()
	}
	return bson.M{"deleted_at": at.Add(time.Duration(later) * time.Millisecond)}
}
