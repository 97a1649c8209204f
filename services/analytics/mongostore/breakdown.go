package mongostore

import (
	"cmp"
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/analytics"
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// paths are where the fields are in a document.
var paths = map[analytics.Field]string{
	analytics.ByBank: "bank.name", analytics.ByRank: "rank", analytics.BySubSector: "sub_sector", analytics.ByLocation: "location",
}

// valueCount is the number of documents with a value in a field; nil means no value.
type valueCount struct {
	Value *string `bson:"_id"`
	N     int     `bson:"n"`
}

func (v valueCount) text() string { return *cmp.Or(v.Value, new("")) }

// Breakdown implements analytics.Store. One command finds the most frequent values, and
// a second one counts the active records with each. Both read the documents.
func (s Store) Breakdown(ctx context.Context, db office.ID, by analytics.Field, limit int) ([]analytics.Share, error) {
	if err := s.CheckDB(ctx, db); err != nil {
		return nil, err
	}
	group := bson.M{"$group": bson.M{"_id": "$" + paths[by], "n": bson.M{"$sum": 1}}}
	filter := bson.M{"isDeleted": false, "db_id": db.Hex()}
	records := mongodb.CollectionOf[valueCount](s.Client, document.Personnels)
	all, err := records.Aggregate(ctx, 0, bson.A{bson.M{"$match": filter}, group,
		bson.M{"$sort": bson.D{{Key: "n", Value: -1}, {Key: "_id", Value: 1}}}, bson.M{"$limit": limit}})
	if err != nil {
		return nil, err
	}
	shares, indexes, values := make([]analytics.Share, len(all)), map[string]int{}, make([]*string, len(all))
	for i, v := range all {
		values[i] = v.Value
		shares[i] = analytics.Share{Value: v.text(), Total: v.N}
		indexes[v.text()] = i
	}
	filter["status"], filter[paths[by]] = office.StatusActive, bson.M{"$in": values}
	active, err := records.Aggregate(ctx, 0, bson.A{bson.M{"$match": filter}, group})
	for _, v := range active {
		share := &shares[indexes[v.text()]]
		share.Active = min(v.N, share.Total) // some may have been added since
	}
	return shares, err
}
