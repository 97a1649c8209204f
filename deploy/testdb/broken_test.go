package main

import (
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// d is a document of alternating names and values.
func d(pairs ...any) bson.D {
	doc := bson.D{}
	for i := 0; i < len(pairs); i += 2 {
		doc = append(doc, bson.E{Key: pairs[i].(string), Value: pairs[i+1]})
	}
	return doc
}

func find(pairs ...any) bson.D { return d(append([]any{"find", "things"}, pairs...)...) }

func filtered(filter bson.D) bson.D { return find("filter", filter) }

func aggregate(stages ...bson.D) bson.D {
	return d("aggregate", "things", "pipeline", stages, "cursor", d())
}

func grouped(group ...any) bson.D { return aggregate(d("$group", d(group...))) }

func inserted(docs ...any) bson.D {
	return d("insert", "things", "documents", append(bson.A{}, docs...))
}

func updated(pairs ...any) bson.D {
	return d("update", "things", "updates", bson.A{d(pairs...)})
}

func changed(pairs ...any) bson.D { return updated("q", d(), "u", d(pairs...)) }

func deleted(pairs ...any) bson.D {
	return d("delete", "things", "deletes", bson.A{d(pairs...)})
}

func indexed(pairs ...any) bson.D {
	return d("createIndexes", "things", "indexes", bson.A{d(pairs...)})
}

// refused are commands that break one rule each: at least one for every rule
// that can be broken.
var refused = []struct {
	in, part string
	command  bson.D
	hereOnly bool // a newer server, or one in another kind of cluster, accepts it
}{
	{everyCommand, itsName, d("find", ""), false},
	{everyCommand, itsName, d("find", 7), false},
	{everyCommand, itsName, d("insert", "a$b", "documents", bson.A{d("n", 1)}), false},
	{everyCommand, "maxTimeMS", find("maxTimeMS", -1), false},
	{everyCommand, "maxTimeMS", find("maxTimeMS", 1<<31), false},
	{everyCommand, "maxTimeMS", find("maxTimeMS", 0.5), false},
	{everyRead, "readConcern", find("readConcern", "majority"), false},
	{"read concern", "level", find("readConcern", d("level", "most")), false},
	{everyWrite, "writeConcern", append(inserted(d("n", 1)), bson.E{Key: "writeConcern", Value: 1}), false},
	{"write concern", "w", append(inserted(d("n", 1)), bson.E{Key: "writeConcern", Value: d("w", true)}), false},
	{"write concern", "j", append(inserted(d("n", 1)), bson.E{Key: "writeConcern", Value: d("j", "yes")}), false},
	{everyWrite, "ordered", append(inserted(d("n", 1)), bson.E{Key: "ordered", Value: "yes"}), false},
	{"cursor", "batchSize", d("aggregate", "things", "pipeline", bson.A{}, "cursor", d("batchSize", -1)), false},

	{"find", "filter", find("filter", "n"), false},
	{"find", "sort", find("sort", "n"), false},
	{"find", "projection", find("projection", "n"), false},
	{"find", "hint", find("hint", d("colour", 1)), false},
	{"find", "skip", find("skip", -1), false},
	{"find", "limit", find("limit", -1), false},
	{"find", "batchSize", find("batchSize", -1), false},
	{"find", "singleBatch", find("singleBatch", "yes"), false},
	{"find", "allowDiskUse", find("allowDiskUse", "yes"), false},
	{"order", anyField, find("sort", d("n", 2)), false},
	{"projection", allOfIt, find("projection", d("n", 1, "m", 0)), false},
	{"getMore", "getMore", d("getMore", "n", "collection", "things"), false},
	{"getMore", allOfIt, d("getMore", int64(7)), false},
	{"getMore", "collection", d("getMore", int64(7), "collection", ""), false},
	{"getMore", "batchSize", d("getMore", int64(7), "collection", "things", "batchSize", -1), false},
	{"getMore", "maxTimeMS", d("getMore", int64(7), "collection", "things", "maxTimeMS", 5), true},

	{"filter", "$and", filtered(d("$and", bson.A{})), false},
	{"filter", "$and", filtered(d("$and", bson.A{1})), false},
	{"filter", "$or", filtered(d("$or", bson.A{})), false},
	{"filter", anyField, filtered(d("n", bson.Regex{Pattern: strings.Repeat("a", maxRegex+1)})), false},
	{"condition", "$eq", filtered(d("n", d("$eq", bson.Undefined{}))), true},
	{"condition", "$type", filtered(d("n", d("$type", d()))), false},
	{"condition", "$ne", filtered(d("n", d("$ne", bson.Regex{Pattern: "a"}))), false},
	{"condition", "$gt", filtered(d("n", d("$gt", bson.Regex{Pattern: "a"}))), false},
	{"condition", "$gte", filtered(d("n", d("$gte", bson.Regex{Pattern: "a"}))), false},
	{"condition", "$lt", filtered(d("n", d("$lt", bson.Regex{Pattern: "a"}))), false},
	{"condition", "$lte", filtered(d("n", d("$lte", bson.Regex{Pattern: "a"}))), false},
	{"condition", "$in", filtered(d("n", d("$in", 1))), false},
	{"condition", "$in", filtered(d("n", d("$in", bson.A{d("$gt", 1)}))), false},
	{"condition", "$nin", filtered(d("n", d("$nin", 1))), false},

	{"aggregate", allOfIt, d("aggregate", "things", "cursor", d()), false},
	{"aggregate", allOfIt, d("aggregate", "things", "pipeline", bson.A{}), false},
	{"aggregate", "pipeline", d("aggregate", "things", "pipeline", d("$match", d()), "cursor", d()), false},
	{"aggregate", "cursor", d("aggregate", "things", "pipeline", bson.A{}, "cursor", 1), false},
	{"stage", allOfIt, aggregate(d()), false},
	{"stage", allOfIt, aggregate(d("$match", d(), "$group", d("_id", 1))), false},
	{"stage", "$match", aggregate(d("$match", 1)), false},
	{"stage", "$group", aggregate(d("$group", 1)), false},
	{"stage", "$sort", aggregate(d("$sort", 1)), false},
	{"stage", "$limit", aggregate(d("$limit", 0)), false},
	{"pipeline order", allOfIt, aggregate(d("$sort", d())), false},
	{"pipeline order", anyField, aggregate(d("$sort", d("n", 2))), false},
	{"stage", "$unionWith", aggregate(d("$unionWith", 1)), false},
	{"$unionWith", "coll", aggregate(d("$unionWith", d("coll", "", "pipeline", bson.A{}))), false},
	{"$unionWith", "pipeline", aggregate(d("$unionWith", d("coll", "things", "pipeline", 1))), false},
	{"$group", allOfIt, grouped("n", d("$sum", 1)), false},
	{"$group", "_id", grouped("_id", bson.Regex{Pattern: "a"}), true},
	{"group key", anyField, grouped("_id", d("figure", 1)), false},
	{"group key", anyField, grouped("_id", d("figure", true)), false},
	{"$group", anyField, grouped("_id", 1, "n", 1), false},
	{"accumulator", allOfIt, grouped("_id", 1, "n", d()), false},

	{"insert", allOfIt, d("insert", "things"), false},
	{"insert", "documents", inserted(), false},
	{"insert", "documents", inserted(slices.Repeat([]any{d("n", 1)}, maxBatch+1)...), false},
	{"stored document", allOfIt, inserted(d("n", strings.Repeat("a", maxDocument))), false},
	{"stored document", "_id", inserted(d("_id", bson.A{1})), false},
	{"stored document", "_id", inserted(d("_id", bson.Regex{Pattern: "a"})), false},

	{"update", allOfIt, d("update", "things"), false},
	{"update", allOfIt, d("update", "personnels", "updates", bson.A{d("q", d("db_id", "a"), "u", d("$set", d("n", 1)))}), true},
	{"update", "updates", d("update", "things", "updates", bson.A{}), false},
	{"update statement", allOfIt, updated("q", d()), false},
	{"update statement", allOfIt, updated("u", d("$set", d("n", 1))), false},
	{"update statement", "q", updated("q", 1, "u", d("$set", d("n", 1))), false},
	{"update statement", "u", updated("q", d(), "u", 1), false},
	{"update statement", "multi", updated("q", d(), "u", d("$set", d("n", 1)), "multi", "yes"), false},
	{"changes", allOfIt, changed("$set", d("n", 1), "$unset", d("n", 1)), false},
	{"changes", allOfIt, changed("$set", d("n", 1, "n.m", 1)), false},
	{"changes", "$set", changed("$set", 1), false},
	{"changes", "$unset", changed("$unset", 1), false},
	{"changes", "$pull", changed("$pull", 1), false},
	{"changes", "$push", changed("$push", 1), false},
	{"changes", "$inc", changed("$inc", 1), false},
	{"values by path", allOfIt, changed("$set", d()), true},
	{"values by path", allOfIt, changed("$set", d("n.", 1)), false},
	{"pushed values by path", allOfIt, changed("$push", d("n..m", 1)), false},
	{"pushed values by path", anyField, changed("$push", d("list", d("$slice", 5))), true},
	{"numbers by path", allOfIt, changed("$inc", d("n..m", 1)), false},
	{"numbers by path", anyField, changed("$inc", d("n", "1")), false},

	{"delete", allOfIt, d("delete", "things"), false},
	{"delete", allOfIt, d("delete", "personnels", "deletes", bson.A{d("q", d("_id", d("$in", bson.A{1})), "limit", 1)}), true},
	{"delete", "deletes", d("delete", "things", "deletes", bson.A{}), false},
	{"deletion", allOfIt, deleted("limit", 1), false},
	{"deletion", allOfIt, deleted("q", d()), false},
	{"deletion", "q", deleted("q", 1, "limit", 1), false},
	{"deletion", "limit", deleted("q", d(), "limit", 2), false},

	{"createIndexes", allOfIt, d("createIndexes", "things"), false},
	{"createIndexes", "indexes", d("createIndexes", "things", "indexes", bson.A{}), false},
	{"createIndexes", "commitQuorum", append(indexed("key", d("n", 1), "name", "n"), bson.E{Key: "commitQuorum", Value: "majority"}), true},
	{"index", allOfIt, indexed("key", d("n", 1)), false},
	{"index", allOfIt, indexed("name", "n"), false},
	{"index", "key", indexed("key", 1, "name", "n"), false},
	{"index", "name", indexed("key", d("n", 1), "name", ""), false},
	{"index", "unique", indexed("key", d("n", 1), "name", "n", "unique", "yes"), false},
	{"directions", allOfIt, indexed("key", d(), "name", "n"), false},
	{"directions", anyField, indexed("key", d("n", 0), "name", "n"), false},
	{"listIndexes", "cursor", d("listIndexes", "things", "cursor", 1), false},
	{"dropIndexes", "index", d("dropIndexes", "things", "index", "_id_"), false},
}
