package mongodb

import "officepay.example/shared/document"

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

// Records are the personnel records.
func (c *Client) Records() Collection[document.Personnel] {
	return CollectionOf[document.Personnel](c, personnelsName)
}

// Convert changes the form of each document. The list is never nil.
func Convert[D, T any](docs []D, to func(D) T) []T {
	converted := make([]T, len(docs))
	for i, doc := range docs {
		converted[i] = to(doc)
	}
	return converted
}
