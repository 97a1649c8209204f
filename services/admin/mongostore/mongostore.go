// Package mongostore is admin.Store on MongoDB.
//
// There are no transactions: a change is one command on one document, and
// what takes several steps can be repeated (the deletion of a database) or
// given up (the removal of an admin) after each.
package mongostore

import (
	"officepay.example/services/admin"
	"officepay.example/shared/mongodb"
)

// Store implements admin.Store.
type Store struct {
	mongodb.Reader
	deletionStep int // records that one command deletes
}

var _ admin.Store = Store{}

// New is the store on a database.
func New(client *mongodb.Client) Store { return Store{mongodb.Reader{Client: client}, deletionStep} }

// inOrder is the order of both lists.
var inOrder = mongodb.Ascending("created_at", "_id")
