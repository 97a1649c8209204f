package mongostore

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/admin"
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// DBs implements admin.Store.
func (s Store) DBs(ctx context.Context, query admin.DBQuery) ([]office.DB, int, error) {
	filter := bson.M{}
	if !query.Scope.All {
		filter["_id"] = bson.M{"$in": append([]office.ID{}, query.Scope.DBs...)}
	}
	docs, total, err := s.Client.DBs().Page(ctx, mongodb.Containing(filter, query.Words),
		mongodb.Part{Sort: inOrder, Offset: query.Offset, Limit: query.Limit})
	return mongodb.Convert(docs, document.DB.DB), total, err
}

// CreateDB implements admin.Store.
func (s Store) CreateDB(ctx context.Context, db office.DB) error {
	return mongodb.Taken(s.Client.DBs().Insert(ctx, document.DBOf(db)), office.ErrShortCodeTaken)
}

// UpdateDB implements admin.Store.
func (s Store) UpdateDB(ctx context.Context, id office.ID, patch office.DBPatch) (db office.DB, err error) {
	err = mongodb.Repeat(ctx, func() (bool, error) {
		was, err := s.Client.DBs().One(ctx, bson.M{"_id": id})
		if err != nil {
			return false, err
		}
		is, found, err := s.Client.DBs().Change(ctx, mongodb.WithText(bson.M{"_id": id}, was.SearchText),
			bson.M{"$set": dbFields(was.DB(), patch)})
		db = is.DB()
		return found, err
	})
	if errors.Is(err, office.ErrNotFound) {
		return db, office.ErrDBNotFound
	}
	return db, mongodb.Taken(err, office.ErrShortCodeTaken)
}

// dbFields are the fields that a change of a database sets.
func dbFields(db office.DB, patch office.DBPatch) bson.M {
	patch.Apply(&db)
	fields := bson.M{"search_text": db.SearchText()}
	mongodb.Set(fields, "name", patch.Name)
	mongodb.Set(fields, "short_code", patch.ShortCode)
	mongodb.Set(fields, "description", patch.Description)
	if patch.ShortCode != nil {
		fields["short_code_folded"] = office.Fold(db.ShortCode)
	}
	return fields
}
