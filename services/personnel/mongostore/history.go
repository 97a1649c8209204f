package mongostore

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/personnel"
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

func (s Store) GetWithHistory(ctx context.Context, scope office.Scope, id office.ID) (office.RecordWithHistory, error) {
	doc, err := s.Client.RecordsWithHistory().One(ctx, named(within(scope), id))
	return doc.Value(), err
}

func (s Store) Changed(ctx context.Context, db office.ID, since time.Time, last office.Personnel, limit, bytes int) ([]office.RecordWithHistory, error) {
	docs, err := s.Client.RecordsWithHistory().Find(ctx, bson.M{"$or": bson.A{
		bson.M{"db_id": db.Hex(), "updated_at": last.UpdatedAt, "_id": bson.M{"$lt": last.ID}},
		bson.M{"db_id": db.Hex(), "updated_at": bson.M{"$gte": since, "$lt": last.UpdatedAt}},
	}}, mongodb.Part{Sort: mongodb.Descending("db_id", "updated_at", "_id"), Limit: limit, Bytes: bytes, Fill: true})
	return office.Convert(docs, document.RecordWithHistory.Value), err
}

func (s Store) Trash(ctx context.Context, query personnel.TrashQuery) ([]office.RecordWithHistory, int, error) {
	filter := bson.M{"isDeleted": true, "db_id": query.DB.Hex()}
	part := mongodb.Part{Sort: mongodb.Descending("deleted_at", "_id"), Offset: query.Offset, Limit: query.Limit}
	records, after := s.Client.RecordsWithBriefHistory(), query.After
	if after.ID.IsZero() {
		docs, total, err := records.Page(ctx, mongodb.Containing(filter, query.Words), part)
		return office.Convert(docs, document.RecordWithHistory.Value), total, err
	}
	docs, err := records.Find(ctx, mongodb.Containing(bson.M{"$or": bson.A{
		bson.M{"isDeleted": true, "db_id": query.DB.Hex(), "deleted_at": after.DeletedAt, "_id": bson.M{"$lt": after.ID}},
		bson.M{"isDeleted": true, "db_id": query.DB.Hex(), "deleted_at": bson.M{"$lt": after.DeletedAt}},
	}}, query.Words), part)
	return office.Convert(docs, document.RecordWithHistory.Value), 0, err
}
