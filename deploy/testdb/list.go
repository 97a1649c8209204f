package main

// The list of README.md, in its order.

func rulesOfCommands() []rule {
	const concern = "reference/write-concern"
	return []rule{
		{everyCommand, itsName, "the name of a collection: not empty, without `$`, and not of the server's own", invalidNamespace, "reference/limits", collectionName},
		{everyCommand, "$db", "a text", 0, "reference/command", anything},
		{everyCommand, "lsid", "the driver's own", 0, "reference/server-sessions", anything},
		{everyCommand, "maxTimeMS", "a whole number from 0 to 2147483647", badValue, "reference/command/find", wholeInt32},
		{everyRead, "readConcern", "a read concern", typeMismatch, "reference/read-concern", documentOf("read concern")},
		{"read concern", "level", "`local`, `available`, `majority`, `linearizable` or `snapshot`", badValue, "reference/read-concern", oneOf("local", "available", "majority", "linearizable", "snapshot")},
		{everyWrite, "writeConcern", "a write concern", typeMismatch, concern, documentOf("write concern")},
		{"write concern", "w", "`majority` or a number", failedToParse, concern, anyOf(number, oneOf("majority"))},
		{"write concern", "j", "true or false", typeMismatch, concern, boolean},
		{everyWrite, "ordered", "true or false", typeMismatch, "reference/command/insert", boolean},
		{"cursor", "batchSize", "a whole number from 0", badValue, "reference/command/aggregate", wholeNumber},
		{"dropDatabase", "dropDatabase", "1", 0, "reference/command/dropDatabase", anything},
	}
}

func rulesOfReads() []rule {
	const (
		find, getMore, group = "reference/command/find", "reference/command/getMore", "src/mongo/db/pipeline/document_source_group_base.cpp"
		filter, stage        = "src/mongo/db/matcher/expression_parser.cpp", "reference/operator/aggregation/"
	)
	filters, stages := list(1, unlimited, documentOf("filter")), list(0, unlimited, documentOf("stage"))
	return []rule{
		{"find", "filter", "a filter", typeMismatch, find, documentOf("filter")},
		{"find", "sort", "an order", typeMismatch, find, documentOf("order")},
		{"find", "projection", "a projection", typeMismatch, find, documentOf("projection")},
		{"find", "hint", "the keys of an index that the collection has", badValue, find, keysOfIndex},
		{"find", "skip", "a whole number from 0", badValue, find, wholeNumber},
		{"find", "limit", "a whole number from 0", badValue, find, wholeNumber},
		{"find", "batchSize", "a whole number from 0", badValue, find, wholeNumber},
		{"find", "singleBatch", "true or false", typeMismatch, find, boolean},
		{"find", "allowDiskUse", "true or false", typeMismatch, find, boolean},
		{"order", anyField, "1 or -1", wrongDirection, "src/mongo/db/query/sort_pattern.cpp", oneOrMinusOne},
		{"projection", allOfIt, "of fields to include, or of fields to exclude, except for `_id`", mixedProjection, find, notMixed},
		{"projection", anyField, "a number or a boolean", 0, find, anyOf(number, boolean)},
		{"getMore", "getMore", "the number of a cursor", typeMismatch, getMore, number},
		{"getMore", allOfIt, "with `collection`", missingField, getMore, having("collection")},
		{"getMore", "collection", "the name of a collection", invalidNamespace, getMore, collectionName},
		{"getMore", "batchSize", "a whole number from 0", badValue, getMore, wholeNumber},
		{"getMore", "maxTimeMS", "left out: only cursors that wait for data have it", badValue, "src/mongo/db/commands/getmore_cmd.cpp", never},

		{"filter", "$and", "a list of one filter or more", badValue, filter, filters},
		{"filter", "$or", "a list of one filter or more", badValue, filter, filters},
		{"filter", anyField, "a value, a regular expression of at most 32764 bytes, or a condition", badValue, filter, anyOf(plain, regex, documentOf("condition"))},
		{"condition", "$eq", "a value of any type but undefined", badValue, filter, defined},
		{"condition", "$exists", "true or false", 0, "reference/operator/query/exists", boolean},
		{"condition", "$type", "the number of a type", typeMismatch, "reference/operator/query/type", number},
		{"condition", "$ne", "a value, and no regular expression", badValue, filter, plain},
		{"condition", "$gt", "a value, and no regular expression", badValue, filter, plain},
		{"condition", "$gte", "a value, and no regular expression", badValue, filter, plain},
		{"condition", "$lt", "a value, and no regular expression", badValue, filter, plain},
		{"condition", "$lte", "a value, and no regular expression", badValue, filter, plain},
		{"condition", "$in", "a list of values, and of no conditions", badValue, filter, list(0, unlimited, plain)},
		{"condition", "$nin", "a list of values, and of no conditions", badValue, filter, list(0, unlimited, plain)},

		{"aggregate", allOfIt, "with `pipeline`", missingField, "reference/command/aggregate", having("pipeline")},
		{"aggregate", allOfIt, "with `cursor`", failedToParse, "reference/command/aggregate", having("cursor")},
		{"aggregate", "pipeline", "a list of stages", typeMismatch, "reference/command/aggregate", stages},
		{"aggregate", "cursor", "a document", typeMismatch, "reference/command/aggregate", documentOf("cursor")},
		{"stage", allOfIt, "one field", stageOfSeveral, "core/aggregation-pipeline", fields(1, 1)},
		{"stage", "$match", "a filter", matchIsNoFilter, stage + "match", documentOf("filter")},
		{"stage", "$group", "a document", groupIsNoDocument, stage + "group", documentOf("$group")},
		{"stage", "$sort", "an order", sortIsNoOrder, stage + "sort", documentOf("pipeline order")},
		{"stage", "$limit", "a whole number from 1", limitNotPositive, stage + "limit", positive},
		{"pipeline order", allOfIt, "of one field or more", sortOfNothing, "src/mongo/db/query/sort_pattern.cpp", fields(1, maxKeys)},
		{"pipeline order", anyField, "1 or -1", wrongDirection, "src/mongo/db/query/sort_pattern.cpp", oneOrMinusOne},
		{"stage", "$unionWith", "a document", failedToParse, stage + "unionWith", documentOf("$unionWith")},
		{"$unionWith", "coll", "the name of a collection", invalidNamespace, stage + "unionWith", collectionName},
		{"$unionWith", "pipeline", "a list of stages", typeMismatch, stage + "unionWith", stages},
		{"$group", allOfIt, "with an `_id`", groupHasNoID, group, having("_id")},
		{"$group", "_id", "a value, or a document", groupByInclusion, group, anyOf(plain, documentOf("group key"))},
		{"group key", anyField, "neither a number nor a boolean: it would look like a projection", groupByInclusion, group, noInclusion},
		{"$group", anyField, "an accumulator", noAccumulator, group, documentOf("accumulator")},
		{"accumulator", allOfIt, "one field", severalOperators, group, fields(1, 1)},
		{"accumulator", "$sum", "a number", 0, stage + "sum", anything},
	}
}

func rulesOfWrites() []rule {
	const (
		limits, operator, path = "reference/limits", "reference/operator/update", "src/mongo/db/update/update_leaf_node.cpp"
		update, remove         = "reference/command/update", "reference/command/delete"
	)
	return []rule{
		{"insert", allOfIt, "with `documents`", missingField, "reference/command/insert", having("documents")},
		{"insert", "documents", "a list of 1 to 100,000 documents", invalidLength, limits, list(1, maxBatch, documentOf("stored document"))},
		{"stored document", allOfIt, "at most 16 MB", bsonObjectTooLarge, limits, sixteenMB},
		{"stored document", "_id", "neither a list nor a regular expression", invalidIDField, "core/document", plain},
		{"stored document", anyField, "a value of any kind", 0, "core/document", anything},

		{"update", allOfIt, "for one record: with its `_id`, or its shard key", shardKeyNotFound, update, oneRecord("updates")},
		{"update", allOfIt, "with `updates`", missingField, update, having("updates")},
		{"update", "updates", "a list of 1 to 100,000 statements", invalidLength, limits, list(1, maxBatch, documentOf("update statement"))},
		{"update statement", allOfIt, "with `q` and `u`", missingField, update, having("q", "u")},
		{"update statement", "q", "a filter", typeMismatch, update, documentOf("filter")},
		{"update statement", "u", "changes", failedToParse, update, documentOf("changes")},
		{"update statement", "multi", "true or false", typeMismatch, update, boolean},
		{"changes", allOfIt, "of distinct paths, none of them within another", conflictingUpdates, operator, distinctPaths},
		{"changes", "$set", "values by path", failedToParse, operator + "/set", documentOf("values by path")},
		{"changes", "$unset", "values by path", failedToParse, operator + "/unset", documentOf("values by path")},
		{"changes", "$pull", "values by path", failedToParse, operator + "/pull", documentOf("values by path")},
		{"changes", "$push", "values by path", failedToParse, operator + "/push", documentOf("pushed values by path")},
		{"changes", "$inc", "numbers by path", failedToParse, operator + "/inc", documentOf("numbers by path")},
		{"values by path", allOfIt, "of one path or more (before 5.0), without empty parts", emptyFieldName, operator, fullPaths},
		{"values by path", anyField, "a value of any kind", 0, operator, anything},
		{"pushed values by path", allOfIt, "of one path or more (before 5.0), without empty parts", emptyFieldName, operator, fullPaths},
		{"pushed values by path", anyField, "a value that is added as it is, without a modifier such as `$slice`", badValue, operator + "/push", unmodified},
		{"numbers by path", allOfIt, "of one path or more (before 5.0), without empty parts", emptyFieldName, operator, fullPaths},
		{"numbers by path", anyField, "a number", typeMismatch, operator + "/inc", number},

		{"delete", allOfIt, "for one record: with its `_id`, or its shard key", shardKeyNotFound, remove, oneRecord("deletes")},
		{"delete", allOfIt, "with `deletes`", missingField, remove, having("deletes")},
		{"delete", "deletes", "a list of 1 to 100,000 statements", invalidLength, limits, list(1, maxBatch, documentOf("deletion"))},
		{"deletion", allOfIt, "with `q` and `limit`", missingField, remove, having("q", "limit")},
		{"deletion", "q", "a filter", typeMismatch, remove, documentOf("filter")},
		{"deletion", "limit", "0 or 1", failedToParse, remove, zeroOrOne},
	}
}

func rulesOfIndexes() []rule {
	const create, keys = "reference/command/createIndexes", "src/mongo/db/catalog/index_key_validate.cpp"
	return []rule{
		{"createIndexes", allOfIt, "with `indexes`", missingField, create, having("indexes")},
		{"createIndexes", "indexes", "a list of one index or more", badValue, create, list(1, maxIndexes, documentOf("index"))},
		{"createIndexes", "commitQuorum", "left out: only replica sets have it", badValue, "src/mongo/db/commands/create_indexes_cmd.cpp", never},
		{"index", allOfIt, "with `key` and `name`", failedToParse, create, having("key", "name")},
		{"index", "key", "fields with directions", typeMismatch, create, documentOf("directions")},
		{"index", "name", "a text that is not empty", cannotCreateIndex, create, text},
		{"index", "unique", "true or false", typeMismatch, create, boolean},
		{"directions", allOfIt, "of 1 to 32 fields", cannotCreateIndex, "reference/limits", fields(1, maxKeys)},
		{"directions", anyField, "1 or -1", cannotCreateIndex, keys, oneOrMinusOne},
		{"listIndexes", "cursor", "a document", typeMismatch, "reference/command/listIndexes", documentOf("cursor")},
		{"dropIndexes", "index", "a name, and not that of the index on `_id`", invalidOptions, "reference/command/dropIndexes", droppable},
	}
}
