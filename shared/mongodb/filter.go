package mongodb

import (
	"regexp"

	"go.mongodb.org/mongo-driver/v2/bson"
)

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
