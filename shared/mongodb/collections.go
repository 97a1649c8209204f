package mongodb

import (
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb/legacy"
	"officepay.example/shared/office"
)

// The names of the collections. The first three are the old backend's.
const (
	usersName      = "users"
	dbsName        = "dbs"
	personnelsName = "personnels"
	attemptsName   = "attempts"
)

// Record is a personnel record as it is kept, with what only MongoDB needs.
type Record struct {
	Document      document.Personnel `bson:",inline"`
	SchemaVersion int                `bson:"schema_version"`
}

// RecordOf is the document of a record.
func RecordOf(p office.Personnel) Record {
	return Record{document.PersonnelOf(p), legacy.SchemaVersion}
}

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
