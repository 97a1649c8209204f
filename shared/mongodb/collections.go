package mongodb

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

func (c *Client) Users() Collection[document.User] {
	return CollectionOf[document.User](c, document.Users)
}

func (c *Client) DBs() Collection[document.DB] { return CollectionOf[document.DB](c, document.DBs) }

// Records is the collection of personnel records, read without their histories.
func (c *Client) Records() Collection[document.Personnel] {
	return CollectionOf[document.Personnel](c, document.Personnels, bson.E{Key: "history", Value: 0})
}

// IDs is the collection of personnel records, of which it reads the ids.
func (c *Client) IDs() Collection[ID] {
	return CollectionOf[ID](c, document.Personnels, bson.E{Key: "_id", Value: 1})
}

type ID struct {
	ID office.ID `bson:"_id"`
}

// RecordsWithHistory is the collection of personnel records with their histories.
func (c *Client) RecordsWithHistory() Collection[document.RecordWithHistory] {
	return CollectionOf[document.RecordWithHistory](c, document.Personnels)
}

// RecordsWithBriefHistory is the same collection, read without the changes in the
// histories, which may be long.
func (c *Client) RecordsWithBriefHistory() Collection[document.RecordWithHistory] {
	return CollectionOf[document.RecordWithHistory](c, document.Personnels, bson.E{Key: "history.changes", Value: 0})
}
