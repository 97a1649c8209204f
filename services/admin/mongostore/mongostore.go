// Package mongostore is admin.Store on MongoDB.
//
// It uses no transactions: a change is one command on one document. What takes several steps
// can be repeated (a database's deletion) or abandoned (an admin's removal) after each.
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

// Store is admin.Store, which says what its methods do.
type Store struct {
	mongodb.Common
	deletionStep int // records that one command deletes
}

// New is the store on a database.
func New(client *mongodb.Client) Store { return Store{mongodb.Common{Client: client}, deletionStep} }

var inOrder = mongodb.Ascending("created_at", "_id")

func (s Store) Users(ctx context.Context, query admin.UserQuery) ([]office.User, int, error) {
	filter := bson.M{}
	if query.Role != "" {
		filter["role"] = query.Role
	}
	if query.SkipReadOnly {
		filter["read_only"] = mayChange
	}
	docs, total, err := s.Client.Users().Page(ctx, mongodb.Containing(filter, query.Words),
		mongodb.Part{Sort: inOrder, Offset: query.Offset, Limit: query.Limit})
	return office.Convert(docs, document.User.Value), total, err
}

func (s Store) CreateUser(ctx context.Context, user office.User) error {
	return mongodb.Taken(s.Client.Users().Insert(ctx, document.Of(user)), office.ErrArmyNumberTaken)
}

func (s Store) UpdateUser(ctx context.Context, id office.ID, patch office.UserPatch) error {
	after := office.User{Role: office.RoleAdmin}
	patch.Apply(&after)
	err := s.keepingAdmin(ctx, id, !after.Administers(), func(was document.User, unchanged bson.M) (bool, error) {
		is := was.Value()
		patch.Apply(&is)
		update := bson.M{"$set": document.Changes(was.Value(), is), "$unset": noMark}
		return s.Client.Users().Update(ctx, withText(unchanged, was.SearchText), update)
	})
	return mongodb.Taken(err, office.ErrArmyNumberTaken)
}

// withText adds the text that was read. The new one is made from old and new fields: the old
// ones are the same while the text is.
func withText(filter bson.M, text string) bson.M {
	if filter["search_text"] = text; text == "" {
		filter["search_text"] = nil // missing until the document has been repaired
	}
	return filter
}

func (s Store) DeleteUser(ctx context.Context, id office.ID) error {
	return s.keepingAdmin(ctx, id, true, func(_ document.User, unchanged bson.M) (bool, error) {
		return s.Client.Users().Delete(ctx, unchanged)
	})
}

func (s Store) ResetPassword(ctx context.Context, id office.ID, change office.PasswordChange) error {
	return s.Client.SetPassword(ctx, bson.M{"_id": id}, change)
}

func (s Store) DBs(ctx context.Context, query admin.DBQuery) ([]office.DB, int, error) {
	filter := bson.M{}
	if !query.Scope.All {
		filter["_id"] = mongodb.AnyOf(query.Scope.DBs)
	}
	docs, total, err := s.Client.DBs().Page(ctx, mongodb.Containing(filter, query.Words),
		mongodb.Part{Sort: inOrder, Offset: query.Offset, Limit: query.Limit})
	return office.Convert(docs, document.DB.Value), total, err
}

func (s Store) CreateDB(ctx context.Context, db office.DB) error {
	return mongodb.Taken(s.Client.DBs().Insert(ctx, document.Of(db)), office.ErrShortCodeTaken)
}

func (s Store) UpdateDB(ctx context.Context, id office.ID, patch office.DBPatch) (db office.DB, err error) {
	err = mongodb.Repeat(ctx, func() (bool, error) {
		doc, err := s.Client.DBs().One(ctx, bson.M{"_id": id})
		if err != nil {
			return false, err
		}
		db = doc.Value()
		patch.Apply(&db)
		// What may set it apart from another database stays.
		return s.Client.DBs().Update(ctx, withText(bson.M{"_id": id}, doc.SearchText), bson.M{"$set": document.Changes(doc.Value(), db)})
	})
	if errors.Is(err, office.ErrNotFound) {
		return db, office.ErrDBNotFound
	}
	return db, mongodb.Taken(err, office.ErrShortCodeTaken)
}
