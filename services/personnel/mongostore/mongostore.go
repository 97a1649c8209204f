// Package mongostore is personnel.Store on MongoDB.
//
// There are no transactions: a change of records is one command, which the
// server applies to one document after the other, each as one step. The command also
// adds the entry to the history, which is a list in the document. What has to be done
// about databases that are being deleted is said at mongodb.Deleting.
package mongostore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/personnel"
	"officepay.example/shared/document"
	"officepay.example/shared/limit"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Store implements personnel.Store.
type Store struct {
	mongodb.Common
	full *limit.Limiter // for changes of records whose history is full
}

// New is the store on a database.
func New(client *mongodb.Client) Store {
	return Store{mongodb.Common{Client: client}, limit.New("full histories", limit.Size{Slots: fullAtOnce, Waiting: limit.Unlimited})}
}

// fullAtOnce is how many full histories are read and written at a time. One takes up to
// 40 MB, if every entry changes every field.
const fullAtOnce = 2

// inOrder is the order of every list.
var inOrder = mongodb.Ascending("db_id", "created_at", "_id")

// live matches the live records of a scope.
func live(scope office.Scope) bson.M {
	filter := within(scope)
	filter["isDeleted"] = false
	return filter
}

// within matches the records of a scope, live or deleted.
func within(scope office.Scope) bson.M {
	filter := bson.M{}
	if !scope.All {
		filter["db_id"] = mongodb.AnyOf(document.HexIDs(scope.DBs))
	}
	return filter
}

// named narrows a filter to records with one of the ids.
func named(filter bson.M, ids ...office.ID) bson.M {
	filter["_id"] = mongodb.AnyOf(ids)
	return filter
}

func (s Store) Page(ctx context.Context, query personnel.Query) ([]office.RecordJSON, int, error) {
	docs, total, err := s.Client.Records().Page(ctx, matching(query), partOf(query))
	return office.Convert(docs, toJSON), total, err
}

func (s Store) IDs(ctx context.Context, query personnel.Query) ([]office.ID, int, error) {
	docs, total, err := s.Client.IDs().Page(ctx, matching(query), partOf(query))
	return office.Convert(docs, idOf), total, err
}

func idOf(doc mongodb.ID) office.ID { return doc.ID }

func matching(query personnel.Query) bson.M {
	filter := live(query.Scope)
	if query.Status != "" {
		filter["status"] = query.Status
	}
	return mongodb.Containing(filter, query.Words)
}

func partOf(query personnel.Query) mongodb.Part {
	return mongodb.Part{Sort: inOrder, Offset: query.Offset, Limit: query.Limit}
}

// After implements personnel.Store. What follows a record is up to three ranges
// of the index of lists, each in the order of the list: the server merges them,
// and reads no more than it returns. With any other index it would read and sort
// the rest of the list for each batch, so the command names the index.
func (s Store) After(ctx context.Context, scope office.Scope, last office.Personnel, limit int) ([]office.RecordJSON, office.Personnel, error) {
	filter := live(scope)
	if !last.ID.IsZero() {
		ranges := following(scope, last)
		if len(ranges) == 0 {
			return []office.RecordJSON{}, last, nil
		}
		filter = bson.M{"$or": ranges}
	}
	docs, err := s.Client.Records().Find(ctx, filter, mongodb.Part{Sort: inOrder, Limit: limit, Hint: mongodb.ListIndex, Fill: true})
	if len(docs) > 0 {
		last = docs[len(docs)-1].Value()
	}
	return office.Convert(docs, toJSON), last, err
}

func toJSON(doc document.Personnel) office.RecordJSON { return doc.Value().JSON() }

// following are the filters for what follows a record: the rest of its
// database, and the databases after it.
func following(scope office.Scope, last office.Personnel) (ranges []bson.M) {
	db := last.DBID.Hex()
	if scope.Allows(last.DBID) {
		ranges = append(ranges,
			bson.M{"isDeleted": false, "db_id": db, "created_at": last.CreatedAt, "_id": bson.M{"$gt": last.ID}},
			bson.M{"isDeleted": false, "db_id": db, "created_at": bson.M{"$gt": last.CreatedAt}})
	}
	if scope.All {
		return append(ranges, bson.M{"isDeleted": false, "db_id": bson.M{"$gt": db}})
	}
	later := slices.DeleteFunc(document.HexIDs(scope.DBs), func(other string) bool { return other <= db })
	if len(later) > 0 {
		ranges = append(ranges, bson.M{"isDeleted": false, "db_id": bson.M{"$in": later}})
	}
	return ranges
}

func (s Store) Get(ctx context.Context, scope office.Scope, id office.ID) (office.RecordJSON, error) {
	doc, err := s.Client.Records().One(ctx, named(live(scope), id))
	return toJSON(doc), err
}

// Create implements personnel.Store. It checks before and after the insertion that
// the database exists.
func (s Store) Create(ctx context.Context, records []office.Personnel, edit office.Edit) (taken []int, err error) {
	db := records[0].DBID
	if err := s.CheckDB(ctx, db); err != nil {
		return nil, err
	}
	ids := office.Convert(records, func(record office.Personnel) office.ID { return record.ID })
	docs := office.Convert(records, func(record office.Personnel) document.RecordWithHistory {
		return document.Of(office.RecordWithHistory{Personnel: record, History: office.History{edit.Create(record)}})
	})
	taken, err = s.Client.RecordsWithHistory().InsertAll(ctx, docs)
	return taken, s.settle(ctx, err, db, ids)
}

// settle ends a write of records into a database: it removes them if the database does not
// exist, or is being deleted, and returns office.ErrDBNotFound then. A write that failed may
// have been made all the same, as a whole or in part; otherwise its error is returned.
func (s Store) settle(ctx context.Context, failed error, db office.ID, ids []office.ID) error {
	ctx = context.WithoutCancel(ctx)
	if failed != nil {
		within, cancel := context.WithTimeout(ctx, failureTimeout+time.Duration(len(ids))*time.Millisecond)
		defer cancel()
		ctx = within
	}
	if err := s.takeBack(ctx, db, ids); failed == nil || errors.Is(err, office.ErrDBNotFound) {
		return err
	}
	return failed
}

// failureTimeout is how long is spent on the remains of a failed write: not long, so
// that an outage is answered as soon as promised.
const failureTimeout = 400 * time.Millisecond

// takeBack removes records that were put into a database which does not exist
// or is being deleted, and returns office.ErrDBNotFound then.
func (s Store) takeBack(ctx context.Context, db office.ID, ids []office.ID) error {
	missing := s.CheckDB(ctx, db)
	if !errors.Is(missing, office.ErrDBNotFound) {
		return missing
	}
	_, err := s.Client.Records().DeleteAll(ctx, len(ids), bson.M{"_id": mongodb.AnyOf(ids), "db_id": db.Hex()})
	return cmp.Or(err, missing)
}

func (s Store) WithNumbers(ctx context.Context, db office.ID, numbers []string) ([]office.Personnel, error) {
	filter := live(office.ScopeOf(db))
	filter["army_number"] = mongodb.AnyOf(numbers)
	docs, err := s.Client.Records().Find(ctx, filter, mongodb.Part{Documents: len(numbers)})
	return office.Convert(docs, document.Personnel.Value), err
}

// WithIDs implements personnel.Store. The command names nothing but the ids, so that the
// server does not choose another index, in which it would read more records.
func (s Store) WithIDs(ctx context.Context, scope office.Scope, ids []office.ID) ([]office.RecordJSON, error) {
	docs, err := s.Client.Records().Find(ctx, bson.M{"_id": mongodb.AnyOf(ids)}, mongodb.Part{})
	docs = slices.DeleteFunc(docs, func(doc document.Personnel) bool {
		return doc.Value().IsDeleted || !scope.Allows(doc.Value().DBID)
	})
	slices.SortFunc(docs, func(a, b document.Personnel) int {
		return slices.Index(ids, a.Value().ID) - slices.Index(ids, b.Value().ID)
	})
	return office.Convert(docs, toJSON), err
}

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
