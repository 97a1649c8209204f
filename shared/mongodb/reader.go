package mongodb

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

// Reader is what several services read alike.
type Reader struct{ Client *Client }

// UserByID implements token.Users.
func (r Reader) UserByID(ctx context.Context, id office.ID) (office.User, error) {
	doc, err := r.Client.Users().One(ctx, bson.M{"_id": id})
	if err != nil {
		return office.User{}, err
	}
	return doc.User(), nil
}

// Deleting is the field that marks a database while it is being deleted.
//
// services/admin/mongostore deletes a database in steps, of which the mark is
// the first, and the removal of its records a later one. None of its records
// survives, because
//
//   - to everybody a database with the mark does not exist (DBsByID, CheckDB);
//   - who adds a record calls CheckDB after it as well as before, and takes the
//     record back when that fails. If the second call succeeds, the mark came
//     later, and so did the removal of the records, which finds this one too. (A
//     command sees what was acknowledged before it began: all read and write the
//     primary.)
//   - what a process adds that dies in between, admin removes later.
const Deleting = "deleting"

// CheckDB returns office.ErrDBNotFound when there is no such database, or when
// it is being deleted.
func (r Reader) CheckDB(ctx context.Context, id office.ID) error {
	type state struct {
		Deleting bool `bson:"deleting"`
	}
	doc, err := CollectionOf[state](r.Client, document.DBs).One(ctx, bson.M{"_id": id})
	if doc.Deleting || errors.Is(err, office.ErrNotFound) {
		return office.ErrDBNotFound
	}
	return err
}

// DBsByID implements auth.Store and admin.Store.
func (r Reader) DBsByID(ctx context.Context, ids []office.ID) ([]office.DB, error) {
	if len(ids) == 0 {
		return []office.DB{}, nil
	}
	docs, err := r.Client.DBs().Find(ctx, bson.M{"_id": AnyOf(ids), Deleting: bson.M{"$ne": true}}, Part{})
	return Convert(docs, document.DB.DB), err
}
