package mongostore

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/personnel"
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// manyRecords is how many records a check of all of them is given the time for.
const manyRecords = 20_000

// Shared implements personnel.CheckStore. It reads an index entry for each record of
// the scope, and no document.
func (s Store) Shared(ctx context.Context, scope office.Scope, by personnel.Key, after string, limit int) ([]string, error) {
	type found struct {
		Value string `bson:"_id"`
	}
	filter := live(scope)
	filter[string(by)] = bson.M{"$gt": after}
	values, err := mongodb.CollectionOf[found](s.Client, document.Personnels).Aggregate(ctx, manyRecords, bson.A{
		bson.M{"$match": filter},
		bson.M{"$group": bson.M{"_id": "$" + string(by), "n": bson.M{"$sum": 1}}},
		bson.M{"$match": bson.M{"n": bson.M{"$gt": 1}}},
		bson.M{"$sort": bson.M{"_id": 1}},
		bson.M{"$limit": limit},
	})
	return office.Convert(values, func(f found) string { return f.Value }), err
}

// Holders implements personnel.CheckStore. Its order is that of the index.
func (s Store) Holders(ctx context.Context, scope office.Scope, by personnel.Key, values []string, each func(office.Payee) error) error {
	filter := live(scope)
	filter[string(by)] = mongodb.AnyOf(values)
	order := slices.Compact([]string{string(by), "army_number", "db_id"})
	part := mongodb.Part{Sort: mongodb.Ascending(order...), Documents: manyRecords}
	_, err := s.Client.Records().Each(ctx, filter, part, func(doc document.Personnel) error { return each(doc.Value().Payee()) })
	return err
}

func (s Store) Flagged(ctx context.Context, query personnel.FlagQuery) ([]office.ID, int, error) {
	filter := live(query.Scope)
	switch query.Check {
	case office.NewPayee:
		filter["created_at"] = bson.M{"$gte": query.Since}
	case office.BankChanged:
		filter["bank_changed_at"] = bson.M{"$gte": query.Since}
	default:
		filter["checks"] = query.Check
	}
	if query.Limit == 0 {
		total, err := s.Client.Records().Count(ctx, filter)
		return nil, total, err
	}
	docs, total, err := s.Client.IDs().Page(ctx, filter, mongodb.Part{Sort: inOrder, Offset: query.Offset, Limit: query.Limit})
	return office.Convert(docs, idOf), total, err
}
