package document

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/office"
)

// HexIDs returns the ids as hex strings. The list is never nil.
func HexIDs(ids []office.ID) []string {
	hex := make([]string, len(ids))
	for i, id := range ids {
		hex[i] = id.Hex()
	}
	return hex
}

// IDOf is the id of a document as logs and reports name it; empty where it has none.
func IDOf(doc bson.Raw) string {
	id := doc.Lookup("_id")
	if objectID, ok := id.ObjectIDOK(); ok {
		return objectID.Hex()
	}
	return id.String()
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// TimeOrNull returns a time as documents keep it: null for the zero time.
func TimeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
