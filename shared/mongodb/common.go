package mongodb

import (
	"context"
	"errors"
	"regexp"

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

// ID is a document of which only the id is read.
type ID struct {
	ID office.ID `bson:"_id"`
}

// RecordsWithHistory is the collection of personnel records with their histories.
func (c *Client) RecordsWithHistory() Collection[document.RecordWithHistory] {
	return CollectionOf[document.RecordWithHistory](c, document.Personnels)
}

// RecordsWithBriefHistory is the same without the changes in the histories, which may be long.
func (c *Client) RecordsWithBriefHistory() Collection[document.RecordWithHistory] {
	return CollectionOf[document.RecordWithHistory](c, document.Personnels, bson.E{Key: "history.changes", Value: 0})
}

// Containing narrows a filter to documents with every word, as plain text, in their search_text.
func Containing(filter bson.M, words []string) bson.M {
	if len(words) == 0 {
		return filter
	}
	all := bson.A{}
	for _, word := range words {
		all = append(all, bson.M{"search_text": bson.Regex{Pattern: regexp.QuoteMeta(word)}})
	}
	filter["$and"] = all
	return filter
}

// AnyOf matches any of the values. A single one is not put into $in, so that a sharded
// cluster sends the command only to the shard that has it.
func AnyOf[T any](ids []T) any {
	if len(ids) == 1 {
		return ids[0]
	}
	return bson.M{"$in": append([]T{}, ids...)} // a nil list would be null
}

// Common has the reads that several services share. Each of their stores embeds it.
type Common struct{ Client *Client }

// UserByID implements token.Users.
func (c Common) UserByID(ctx context.Context, id office.ID) (office.User, error) {
	doc, err := c.Client.Users().One(ctx, bson.M{"_id": id})
	return doc.Value(), err
}

// SetPassword replaces the hash of the user whom the filter matches, or returns
// office.ErrNotFound. In the same step it begins the user's next session.
func (c *Client) SetPassword(ctx context.Context, filter bson.M, change office.PasswordChange) error {
	found, err := c.Users().Update(ctx, filter, bson.M{
		"$set": bson.M{"password_hash": change.Hash, "is_generated": change.IsGenerated, "kept_token": change.KeptToken},
		"$inc": bson.M{"session": 1},
	})
	if err == nil && !found {
		return office.ErrNotFound
	}
	return err
}

// Deleting is the field that marks a database while it is being deleted.
//
// services/admin/mongostore deletes a database in steps. The first one sets the mark, and
// a later one removes the records. No record survives, because
//
//   - a database with the mark does not exist for anybody (DBsByID, CheckDB);
//   - whoever adds a record calls CheckDB before and again afterwards, and takes the
//     record back if the second call fails. If it succeeds, the mark was set later, and
//     the removal of the records, which is later still, finds this one too. (A command
//     sees everything that was acknowledged before it began, since all of them go to the
//     primary.)
//   - if a process dies in between, admin later removes what it added.
const Deleting = "deleting"

// CheckDB returns office.ErrDBNotFound if there is no such database, or it is being deleted.
func (c Common) CheckDB(ctx context.Context, id office.ID) error {
	dbs := CollectionOf[ID](c.Client, document.DBs, bson.E{Key: "_id", Value: 1}) // whatever else is in the document
	_, err := dbs.One(ctx, bson.M{"_id": id, Deleting: bson.M{"$ne": true}})
	if errors.Is(err, office.ErrNotFound) {
		return office.ErrDBNotFound
	}
	return err
}

// DBsByID implements auth.Store and admin.Store.
func (c Common) DBsByID(ctx context.Context, ids []office.ID) ([]office.DB, error) {
	if len(ids) == 0 {
		return []office.DB{}, nil
	}
	docs, err := c.Client.DBs().Find(ctx, bson.M{"_id": AnyOf(ids), Deleting: bson.M{"$ne": true}}, Part{})
	return office.Convert(docs, document.DB.Value), err
}
