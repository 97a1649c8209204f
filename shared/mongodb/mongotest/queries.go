package mongotest

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// query is one search of the server for documents.
type query struct {
	collection string
	fields     []string // those of the filter
	order      string   // the first field of the order
}

// few are the collections that are small enough to be counted as a whole.
var few = []string{"users", "dbs"}

// uses tells whether an index that begins with one of the fields serves the
// query: for its filter, or at least for its order.
func (q query) uses(indexes []string) bool {
	if len(q.fields) == 0 && q.order == "" {
		return slices.Contains(few, q.collection)
	}
	return slices.ContainsFunc(append(q.fields, q.order), func(field string) bool {
		return slices.Contains(indexes, field)
	})
}

// queriesOf are the searches that a command makes.
func queriesOf(command bson.Raw) []query {
	first := command.Index(0)
	collection, _ := first.Value().StringValueOK()
	switch first.Key() {
	case "find":
		order, _ := command.Lookup("sort").DocumentOK()
		return filterQueries(collection, command.Lookup("filter"), firstKey(order))
	case "update":
		return statementQueries(collection, command.Lookup("updates"))
	case "delete":
		return statementQueries(collection, command.Lookup("deletes"))
	case "aggregate":
		return pipelineQueries(collection, command.Lookup("pipeline"))
	}
	return nil
}

func statementQueries(collection string, statements bson.RawValue) (queries []query) {
	for _, statement := range documents(statements) {
		queries = append(queries, filterQueries(collection, statement.Lookup("q"), "")...)
	}
	return queries
}

// pipelineQueries are those of the first stage and of each $unionWith.
func pipelineQueries(collection string, pipeline bson.RawValue) (queries []query) {
	for i, stage := range documents(pipeline) {
		if i == 0 {
			queries = append(queries, filterQueries(collection, stage.Lookup("$match"), "")...)
		}
		if union, ok := stage.Lookup("$unionWith").DocumentOK(); ok {
			queries = append(queries, pipelineQueries(union.Lookup("coll").StringValue(), union.Lookup("pipeline"))...)
		}
	}
	return queries
}

// filterQueries are one for a filter, or one for each part of an $or.
func filterQueries(collection string, filter bson.RawValue, order string) []query {
	doc, _ := filter.DocumentOK()
	elements, _ := doc.Elements()
	var fields []string
	var parts []query
	for _, element := range elements {
		switch element.Key() {
		case "$or":
			for _, part := range documents(element.Value()) {
				parts = append(parts, filterQueries(collection, rawDocument(part), order)...)
			}
		case "$and": // all of it is the text of a search
		default:
			fields = append(fields, element.Key())
		}
	}
	if len(fields) > 0 || len(parts) == 0 {
		return []query{{collection, fields, order}}
	}
	return parts
}

func documents(array bson.RawValue) (docs []bson.Raw) {
	values, _ := array.ArrayOK()
	items, _ := values.Values()
	for _, item := range items {
		if doc, ok := item.DocumentOK(); ok {
			docs = append(docs, doc)
		}
	}
	return docs
}

func rawDocument(doc bson.Raw) bson.RawValue {
	return bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: doc}
}

func firstKey(doc bson.Raw) string {
	element, err := doc.IndexErr(0)
	if err != nil {
		return ""
	}
	return element.Key()
}
