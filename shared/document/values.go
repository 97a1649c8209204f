package document

import (
	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
)

// HexIDs returns the ids as hex strings. The list is never nil.
func HexIDs(ids []office.ID) []string { return office.Convert(ids, office.ID.Hex) }

// IDOf is the id of a document as logs and reports name it; empty where it has none.
func IDOf(doc bson.Raw) string {
	id := doc.Lookup("_id")
	if objectID, ok := id.ObjectIDOK(); ok {
		return objectID.Hex()
	}
	return id.String()
}

// orNull is null for an empty text and for the zero time.
func orNull[T comparable](value T) *T {
	if value == *new(T) {
		return nil
	}
	return &value
}
