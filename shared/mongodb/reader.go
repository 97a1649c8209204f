package mongodb

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

// The names of the collections. The first three are the former backend's.
const (
	usersName      = "users"
	dbsName        = "dbs"
	personnelsName = "personnels"
	attemptsName   = "attempts"
)

// Record is a personnel record as it is kept, with what only MongoDB needs.
type Record struct {
	Document document.Personnel `bson:",inline"`
	// SchemaVersion is missing in what this backend has neither written nor
	// repaired. Its index finds that among millions of records at once.
	SchemaVersion int `bson:"schema_version"`
}

// schemaVersion is that of the records of today.
const schemaVersion = 1

// RecordOf is the document of a record.
func RecordOf(p office.Personnel) Record { return Record{document.PersonnelOf(p), schemaVersion} }

// Personnel is the record that the document describes.
func (r Record) Personnel() office.Personnel { return r.Document.Personnel() }

// Users are the users.
func (c *Client) Users() Collection[document.User] {
	return CollectionOf[document.User](c, usersName)
}

// DBs are the databases.
func (c *Client) DBs() Collection[document.DB] { return CollectionOf[document.DB](c, dbsName) }

// Records are the personnel records.
func (c *Client) Records() Collection[Record] { return CollectionOf[Record](c, personnelsName) }

// Convert changes the form of each document. The list is never nil.
func Convert[D, T any](docs []D, to func(D) T) []T {
	converted := make([]T, len(docs))
	for i, doc := range docs {
		converted[i] = to(doc)
	}
	return converted
}

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
	doc, err := CollectionOf[state](r.Client, dbsName).One(ctx, bson.M{"_id": id})
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
