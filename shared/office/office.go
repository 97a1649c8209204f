// Package office holds the terms of the payroll office: users, databases and personnel
// records, the rules that each must obey, and the errors that every store returns.
//
// It knows nothing about HTTP or storage. The one type that it borrows is MongoDB's
// ObjectID, so that data moves between the stores with its ids unchanged.
package office

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// ID identifies a user, a database or a record: 12 bytes, written as 24 hex digits.
type ID = bson.ObjectID

// NewID makes an ID that sorts after those made before it by this process.
func NewID() ID { return bson.NewObjectID() }

// ParseID reads exactly 24 hex digits, of either case.
func ParseID(s string) (ID, error) {
	id, err := bson.ObjectIDFromHex(s)
	if err != nil {
		return ID{}, errors.New("must be an id of 24 hex digits")
	}
	return id, nil
}

// CompareIDs compares ids byte by byte, as every store sorts them.
func CompareIDs(a, b ID) int { return bytes.Compare(a[:], b[:]) }

// Convert converts each item of a list. The new list is never nil.
func Convert[T, U any](items []T, to func(T) U) []U {
	converted := make([]U, len(items))
	for i, item := range items {
		converted[i] = to(item)
	}
	return converted
}

// Join is strings.Join for any kind of codes.
func Join[T ~string](codes []T, separator string) string {
	return strings.Join(Convert(codes, func(code T) string { return string(code) }), separator)
}

// Now is the current time as both stores keep it: UTC, in whole milliseconds.
func Now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// The errors of the stores. Each is an outcome that a client can act on; package web
// gives each its HTTP status. Stores wrap them, so compare with errors.Is.
var (
	// ErrNotFound: no such user, database or record within the caller's scope.
	ErrNotFound = errors.New("not found")
	// ErrDBNotFound: the database that the call names does not exist.
	ErrDBNotFound = errors.New("database not found")
	// ErrArmyNumberTaken: another user, or live record of the same database, has this number.
	ErrArmyNumberTaken = errors.New("army number is taken")
	// ErrStale: the record's revision is not the one that the caller named.
	ErrStale = errors.New("stale revision")
	// ErrShortCodeTaken: another database has this short code, in any letter case.
	ErrShortCodeTaken = errors.New("short code is taken")
	// ErrLastAdmin: the change would leave nobody who can make changes in the admin area.
	ErrLastAdmin = errors.New("last admin")
	// ErrUnavailable: the store does not answer now.
	ErrUnavailable = errors.New("store unavailable")
	// ErrStorageFull: the store has no room; what it holds is safe.
	ErrStorageFull = errors.New("storage full")
)
