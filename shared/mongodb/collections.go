package mongodb

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
)

// Users are the users.
func (c *Client) Users() Collection[document.User] {
	return CollectionOf[document.User](c, document.Users)
}

// DBs are the databases.
func (c *Client) DBs() Collection[document.DB] { return CollectionOf[document.DB](c, document.DBs) }

// Records are the personnel records, without their histories.
func (c *Client) Records() Collection[document.Personnel] {
	records := CollectionOf[document.Personnel](c, document.Personnels)
	records.fields = bson.D{{Key: "history", Value: 0}}
	return records
}

// Recorded are the personnel records with their histories.
func (c *Client) Recorded() Collection[document.Recorded] {
	return CollectionOf[document.Recorded](c, document.Personnels)
}

// Convert changes the form of each document. The list is never nil.
func Convert[D, T any](docs []D, to func(D) T) []T {
	converted := make([]T, len(docs))
	for i, doc := range docs {
		converted[i] = to(doc)
	}
	return converted
}
