package mongotest

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// look is one search of the server for documents.
type look struct {
	collection string
	fields     []string // those of the filter
	order      string   // the first field of the order
}

// few are the collections that are small enough to be counted as a whole.
var few = []string{"users", "dbs"}

// uses tells whether an index that begins with one of the fields serves the
// look: for its filter, or at least for its order.
func (l look) uses(indexes []string) bool {
	if len(l.fields) == 0 && l.order == "" {
		return slices.Contains(few, l.collection)
	}
	return slices.ContainsFunc(append(l.fields, l.order), func(field string) bool {
		return slices.Contains(indexes, field)
	})
}

// looksOf are the searches that a command makes.
func looksOf(command bson.Raw) []look {
	first := command.Index(0)
	collection, _ := first.Value().StringValueOK()
	switch first.Key() {
	case "find":
		order, _ := command.Lookup("sort").DocumentOK()
		return filterLooks(collection, command.Lookup("filter"), firstKey(order))
	case "findAndModify":
		return filterLooks(collection, command.Lookup("query"), "")
	case "update":
		return statementLooks(collection, command.Lookup("updates"))
	case "delete":
		return statementLooks(collection, command.Lookup("deletes"))
	case "aggregate":
		return pipelineLooks(collection, command.Lookup("pipeline"))
	}
	return nil
}

func statementLooks(collection string, statements bson.RawValue) (looks []look) {
	for _, statement := range documents(statements) {
		looks = append(looks, filterLooks(collection, statement.Lookup("q"), "")...)
	}
	return looks
}

// pipelineLooks are those of the first stage and of each $unionWith.
func pipelineLooks(collection string, pipeline bson.RawValue) (looks []look) {
	for i, stage := range documents(pipeline) {
		if i == 0 {
			looks = append(looks, filterLooks(collection, stage.Lookup("$match"), "")...)
		}
		if union, ok := stage.Lookup("$unionWith").DocumentOK(); ok {
			looks = append(looks, pipelineLooks(union.Lookup("coll").StringValue(), union.Lookup("pipeline"))...)
		}
	}
	return looks
}

// filterLooks are one for a filter, or one for each part of an $or.
func filterLooks(collection string, filter bson.RawValue, order string) []look {
	doc, _ := filter.DocumentOK()
	elements, _ := doc.Elements()
	var fields []string
	var parts []look
	for _, element := range elements {
		switch element.Key() {
		case "$or":
			for _, part := range documents(element.Value()) {
				parts = append(parts, filterLooks(collection, rawDocument(part), order)...)
			}
		case "$and": // all of it is the text of a search
		default:
			fields = append(fields, element.Key())
		}
	}
	if len(fields) > 0 || len(parts) == 0 {
		return []look{{collection, fields, order}}
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
