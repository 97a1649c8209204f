// Package mongostore is personnel.Store on MongoDB.
//
// There are no transactions: a change of a record is one command, which the
// server makes on one document after the other, each at once. How records and
// the deletion of their database get along is said at mongodb.Client.DeleteDB.
package mongostore

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/personnel"
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Store implements personnel.Store.
type Store struct{ mongodb.Reader }

var _ personnel.Store = Store{}

// New is the store on a database.
func New(client *mongodb.Client) Store { return Store{mongodb.Reader{Client: client}} }

// inOrder is the order of every list.
var inOrder = mongodb.Ascending("db_id", "created_at", "_id")

// live fits what can be seen in a scope.
func live(scope office.Scope) bson.M {
	filter := bson.M{"isDeleted": false}
	switch {
	case scope.All:
	case len(scope.DBs) == 1:
		filter["db_id"] = scope.DBs[0].Hex()
	default:
		filter["db_id"] = bson.M{"$in": document.HexIDs(scope.DBs)}
	}
	return filter
}

// one fits a record that can be seen in a scope.
func one(scope office.Scope, id office.ID) bson.M {
	filter := live(scope)
	filter["_id"] = id
	return filter
}

// Page implements personnel.Store.
func (s Store) Page(ctx context.Context, query personnel.Query) ([]office.Personnel, int, error) {
	filter := live(query.Scope)
	if query.Status != "" {
		filter["status"] = query.Status
	}
	docs, total, err := s.Client.Records().Page(ctx, mongodb.Containing(filter, query.Words),
		mongodb.Part{Sort: inOrder, Offset: query.Offset, Limit: query.Limit})
	return mongodb.Convert(docs, mongodb.Record.Personnel), total, err
}

// After implements personnel.Store.
func (s Store) After(ctx context.Context, scope office.Scope, last office.Personnel, limit int) ([]office.Personnel, error) {
	filter := live(scope)
	if !last.ID.IsZero() {
		filter = bson.M{"$or": following(scope, last)}
	}
	docs, err := s.Client.Records().Find(ctx, filter, mongodb.Part{Sort: inOrder, Limit: limit})
	return mongodb.Convert(docs, mongodb.Record.Personnel), err
}

// following fits what comes after a record, in three parts that are each one
// range of the index: so the server merges them and reads no more than it
// returns.
func following(scope office.Scope, last office.Personnel) bson.A {
	db := func(comparison string) bson.M {
		condition := bson.M{comparison: last.DBID.Hex()}
		if !scope.All {
			condition["$in"] = document.HexIDs(scope.DBs)
		}
		return condition
	}
	return bson.A{
		bson.M{"isDeleted": false, "db_id": db("$gt")},
		bson.M{"isDeleted": false, "db_id": db("$eq"), "created_at": bson.M{"$gt": last.CreatedAt}},
		bson.M{"isDeleted": false, "db_id": db("$eq"), "created_at": last.CreatedAt, "_id": bson.M{"$gt": last.ID}},
	}
}

// Get implements personnel.Store.
func (s Store) Get(ctx context.Context, scope office.Scope, id office.ID) (office.Personnel, error) {
	doc, err := s.Client.Records().One(ctx, one(scope, id))
	if err != nil {
		return office.Personnel{}, err
	}
	return doc.Personnel(), nil
}
