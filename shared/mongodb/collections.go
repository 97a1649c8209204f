package mongodb

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
)

// The names of the collections. The first three are the old backend's.
const (
	usersName      = "users"
	dbsName        = "dbs"
	personnelsName = "personnels"
	attemptsName   = "attempts"
)

// Users are the users.
func (c *Client) Users() Collection[document.User] {
	return CollectionOf[document.User](c, usersName)
}

// DBs are the databases.
func (c *Client) DBs() Collection[document.DB] { return CollectionOf[document.DB](c, dbsName) }

// Records are the personnel records, without their histories.
func (c *Client) Records() Collection[document.Personnel] {
	records := CollectionOf[document.Personnel](c, personnelsName)
	records.fields = bson.D{{Key: "history", Value: 0}}
	return records
}

// Recorded are the personnel records with their histories.
func (c *Client) Recorded() Collection[document.Recorded] {
	return CollectionOf[document.Recorded](c, personnelsName)
}

// Convert changes the form of each document. The list is never nil.
func Convert[D, T any](docs []D, to func(D) T) []T {
	converted := make([]T, len(docs))
	for i, doc := range docs {
		converted[i] = to(doc)
	}
	return converted
}
