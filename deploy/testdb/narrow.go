package main

import (
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// narrowed replaces the filter called key of a document, if it names one _id together
// with other conditions. FerretDB looks a document up only by a filter that has nothing
// but its _id, and decodes the whole collection for any other. So it is asked first
// whether the document with that _id matches; if not, the new filter matches nothing. No
// other command comes between: see front.turn.
func (s *session) narrowed(request content, doc bson.Raw, key string) (bson.Raw, error) {
	filter, _ := doc.Lookup(key).DocumentOK()
	id := onlyID(filter)
	if id == nil {
		return doc, nil
	}
	probe, err := bson.Marshal(bson.D{
		{Key: "aggregate", Value: request.text(request.command())},
		{Key: "pipeline", Value: bson.A{bson.M{"$match": bson.M{"_id": id}}, bson.M{"$match": filter}}},
		{Key: "cursor", Value: bson.M{}},
		{Key: "$db", Value: request.text("$db")},
	})
	if err != nil {
		return nil, err
	}
	raw, err := s.run(probe)
	if err != nil {
		return nil, err
	}
	var reply found
	if err := bson.Unmarshal(raw, &reply); err != nil {
		return nil, err
	}
	if reply.OK == 0 {
		return doc, nil // it will get the same error
	}
	if len(reply.Cursor.FirstBatch) == 0 {
		id = bson.NewObjectID() // of no document
	}
	return with(doc, key, bson.M{"_id": id})
}

// onlyID is the one _id that a filter names together with other conditions, by itself
// or in a list, or nil.
func onlyID(filter bson.Raw) any {
	fields, _ := filter.Elements()
	id := filter.Lookup("_id")
	condition, isCondition := id.DocumentOK()
	if list, ok := condition.Lookup("$in").ArrayOK(); ok {
		values, _ := list.Values()
		if operators, _ := condition.Elements(); len(values) == 1 && len(operators) == 1 {
			id = values[0]
		}
	}
	isLookedUp := id.Type == bson.TypeObjectID || id.Type == bson.TypeString
	if !isLookedUp || len(fields) == 1 && !isCondition {
		return nil
	}
	return id
}

// with is a document with another document in the field called key.
func with(doc bson.Raw, key string, value any) (bson.Raw, error) {
	inner, err := bson.Marshal(value)
	if err != nil {
		return nil, err
	}
	elements, err := doc.Elements()
	fields := make([][]byte, len(elements))
	for i, e := range elements {
		fields[i] = e
		if e.Key() == key {
			fields[i] = bsoncore.AppendDocumentElement(nil, key, inner)
		}
	}
	return bson.Raw(bsoncore.BuildDocument(nil, fields...)), err
}
