package mongodb

import (
	"regexp"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Containing narrows a filter to what has every word somewhere in its
// search_text. A word is text: no character in it has a meaning.
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

// AnyOf matches one of the ids. One id is named as itself: MongoDB finds its
// document on a sharded cluster by no other form.
func AnyOf[T any](ids []T) any {
	if len(ids) == 1 {
		return ids[0]
	}
	return bson.M{"$in": append([]T{}, ids...)} // no list would be null
}

// WithText narrows a filter to documents with that search_text. A change that
// makes a new text of old fields and new ones is made only on a document that
// still has the text which it has read: then the old fields are the same, in
// all that a text holds of them.
func WithText(filter bson.M, text string) bson.M {
	filter["search_text"] = text
	if text == "" {
		filter["search_text"] = nil // none yet, which happens only before the migration
	}
	return filter
}

// Set adds a field to those that a change sets, if there is a value for it.
func Set[T any](fields bson.M, name string, value *T) {
	if value != nil {
		fields[name] = *value
	}
}
