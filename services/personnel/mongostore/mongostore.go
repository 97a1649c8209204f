// Package mongostore is personnel.Store on MongoDB.
//
// There are no transactions: a change of a record is one command, which the
// server makes on one document after the other, each as one step. What has to be done
// about databases that are being deleted is said at mongodb.Deleting.
package mongostore

import (
	"context"
	"errors"
	"slices"
	"time"

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

// live matches the live records of a scope.
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

// named matches those of the ids that are live records of a scope.
func named(scope office.Scope, ids ...office.ID) bson.M {
	filter := live(scope)
	filter["_id"] = mongodb.AnyOf(ids)
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
	return mongodb.Convert(docs, document.Personnel.Personnel), total, err
}

// After implements personnel.Store. What follows a record is up to three ranges
// of the index of lists, each in the order of the list: the server merges them,
// and reads no more than it returns. With any other index it would read and sort
// the rest of the list for each batch, so the command names the index.
func (s Store) After(ctx context.Context, scope office.Scope, last office.Personnel, limit int) ([]office.Personnel, error) {
	filter := live(scope)
	if !last.ID.IsZero() {
		ranges := following(scope, last)
		if len(ranges) == 0 {
			return []office.Personnel{}, nil
		}
		filter = bson.M{"$or": ranges}
	}
	docs, err := s.Client.Records().Find(ctx, filter, mongodb.Part{Sort: inOrder, Limit: limit, Hint: mongodb.ListIndex, Fill: true})
	return mongodb.Convert(docs, document.Personnel.Personnel), err
}

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

// Get implements personnel.Store.
func (s Store) Get(ctx context.Context, scope office.Scope, id office.ID) (office.Personnel, error) {
	doc, err := s.Client.Records().One(ctx, named(scope, id))
	return doc.Personnel(), err
}

// Create implements personnel.Store. That the database exists is asked before
// the insertion and after it.
func (s Store) Create(ctx context.Context, records []office.Personnel) (taken []int, err error) {
	db := records[0].DBID
	if err := s.CheckDB(ctx, db); err != nil {
		return nil, err
	}
	firsts, taken := firstsOf(records)
	docs, ids := make([]document.Personnel, len(firsts)), make([]office.ID, len(firsts))
	for i, first := range firsts {
		docs[i], ids[i] = document.PersonnelOf(records[first]), records[first].ID
	}
	refused, err := s.Client.Records().InsertAll(ctx, docs)
	if err != nil {
		return nil, s.afterFailure(ctx, err, db, ids)
	}
	for _, i := range refused {
		taken = append(taken, firsts[i])
	}
	return taken, s.takeBack(context.WithoutCancel(ctx), db, ids)
}

// firstsOf are the indexes of the first record with each army number, and those
// of the others, which cannot be kept in any case.
func firstsOf(records []office.Personnel) (firsts, others []int) {
	seen := make(map[string]bool, len(records))
	for i, record := range records {
		if seen[record.ArmyNumber] {
			others = append(others, i)
			continue
		}
		seen[record.ArmyNumber] = true
		firsts = append(firsts, i)
	}
	return firsts, others
}

// takeBack removes records that were put into a database which does not exist
// or is being deleted, and returns office.ErrDBNotFound then.
func (s Store) takeBack(ctx context.Context, db office.ID, ids []office.ID) error {
	missing := s.CheckDB(ctx, db)
	if !errors.Is(missing, office.ErrDBNotFound) {
		return missing
	}
	_, err := s.Client.Records().DeleteAll(ctx, len(ids), bson.M{"_id": mongodb.AnyOf(ids), "db_id": db.Hex()})
	if err != nil {
		return err
	}
	return missing
}

// failureTimeout is how long is spent on the remains of a failed write: not long, so
// that an outage is answered as soon as promised.
const failureTimeout = 400 * time.Millisecond

// afterFailure is takeBack after a write that failed, which may have been made
// all the same, as a whole or in part. It returns the error of the write, or
// office.ErrDBNotFound where that is the reason to give.
func (s Store) afterFailure(ctx context.Context, failed error, db office.ID, ids []office.ID) error {
	timeout := failureTimeout + time.Duration(len(ids))*time.Millisecond
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	if missing := s.takeBack(ctx, db, ids); errors.Is(missing, office.ErrDBNotFound) {
		return missing
	}
	return failed
}

// Update implements personnel.Store.
func (s Store) Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, now time.Time) (office.Personnel, error) {
	if patch.DBID == nil {
		return s.update(ctx, scope, id, patch, now)
	}
	if err := s.CheckDB(ctx, *patch.DBID); err != nil {
		return office.Personnel{}, err
	}
	record, err := s.update(ctx, scope, id, patch, now)
	switch {
	case errors.Is(err, office.ErrNotFound), errors.Is(err, office.ErrArmyNumberTaken):
		return record, err
	case err != nil:
		return record, s.afterFailure(ctx, err, *patch.DBID, []office.ID{id})
	}
	// A database whose deletion began meanwhile takes the record with it, as
	// if it had begun afterwards.
	err = s.takeBack(context.WithoutCancel(ctx), *patch.DBID, []office.ID{id})
	if errors.Is(err, office.ErrDBNotFound) {
		return record, nil
	}
	return record, err
}

// update sets the named fields alone, so two who change different fields do not
// undo each other. The command names what the record had in the fields that the
// text for searches is made of, and repeats when they have changed; of them,
// db_id and army_number lead a sharded cluster to the shard that has the record.
func (s Store) update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, now time.Time) (record office.Personnel, err error) {
	err = mongodb.Repeat(ctx, func() (found bool, err error) {
		was, err := s.Client.Records().One(ctx, named(scope, id))
		if err != nil {
			return false, err
		}
		record = was.Personnel()
		filter := mongodb.WithText(bson.M{"_id": id, "isDeleted": false}, was.SearchText)
		filter["db_id"], filter["army_number"] = record.DBID.Hex(), record.ArmyNumber
		set := changedFields(record, patch)
		set["updated_at"] = now
		doc, found, err := s.Client.Records().Change(ctx, filter, bson.M{"$set": set})
		record = doc.Personnel()
		return found, err
	})
	if err != nil {
		return office.Personnel{}, mongodb.Taken(err, office.ErrArmyNumberTaken)
	}
	return record, nil
}

// changedFields are the fields that a patch of the record sets. An optional text
// that has no value is null.
func changedFields(record office.Personnel, patch office.PersonnelPatch) bson.M {
	was := record
	patch.Apply(&record)
	set := bson.M{"search_text": record.SearchText()}
	if record.DBID != was.DBID || record.ArmyNumber != was.ArmyNumber {
		set["deleted_at"] = nil // at last unique, if it shared its number with another record before
	}
	for name, value := range map[string]*string{
		"first_name": patch.FirstName, "last_name": patch.LastName, "army_number": patch.ArmyNumber,
		"phone_number": patch.PhoneNumber, "rank": patch.Rank, "bank.name": patch.BankName,
		"bank.sort_code": patch.BankSortCode, "acct_number": patch.AcctNumber, "sub_sector": patch.SubSector,
		"middle_name": patch.MiddleName, "location": patch.Location, "remark": patch.Remark,
	} {
		mongodb.Set(set, name, value)
	}
	for _, optional := range []string{"middle_name", "location", "remark"} {
		if set[optional] == "" {
			set[optional] = nil
		}
	}
	mongodb.Set(set, "status", patch.Status)
	if patch.DBID != nil {
		set["db_id"] = patch.DBID.Hex()
	}
	return set
}

// Delete implements personnel.Store. One command deletes all, and marks what it
// has deleted with an id made for it, by which the next finds that. Deleted
// records with one number are told apart by the time of their deletion; where
// that is taken, what is left is deleted a little later.
func (s Store) Delete(ctx context.Context, scope office.Scope, ids []office.ID, now time.Time) ([]office.ID, error) {
	if len(ids) == 0 {
		return []office.ID{}, nil
	}
	deletion, at := office.NewID(), now
	for later := time.Millisecond; ; later *= 2 {
		err := s.Client.Records().UpdateAll(ctx, len(ids), named(scope, ids...),
			bson.M{"$set": bson.M{"isDeleted": true, "deleted_at": at, "deletion": deletion}})
		if err == nil {
			break
		}
		if !errors.Is(err, mongodb.ErrDuplicate) {
			return nil, err
		}
		at = at.Add(later)
	}
	type key struct {
		ID office.ID `bson:"_id"`
	}
	keys, err := mongodb.CollectionOf[key](s.Client, "personnels").Find(ctx,
		bson.M{"_id": mongodb.AnyOf(ids), "deletion": deletion}, mongodb.Part{Fields: []string{"_id"}})
	return mongodb.Convert(keys, func(k key) office.ID { return k.ID }), err
}
