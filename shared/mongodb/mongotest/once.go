package mongotest

import "go.mongodb.org/mongo-driver/v2/bson"

// isSentOnce tells whether a command writes to one document, named by its id,
// in the form for many, which the driver does not send again when the primary
// steps down.
func isSentOnce(command bson.Raw) bool {
	for _, update := range documents(command.Lookup("updates")) {
		if isMulti, _ := update.Lookup("multi").BooleanOK(); isMulti && namesOne(update) {
			return true
		}
	}
	for _, deletion := range documents(command.Lookup("deletes")) {
		if limit, _ := deletion.Lookup("limit").AsInt64OK(); limit == 0 && namesOne(deletion) {
			return true
		}
	}
	return false
}

// namesOne tells whether the filter of a statement names one id, by itself or
// as a list of one.
func namesOne(statement bson.Raw) bool {
	id, err := statement.LookupErr("q", "_id")
	if err != nil {
		return false
	}
	condition, isCondition := id.DocumentOK()
	if !isCondition {
		return true
	}
	list, _ := condition.Lookup("$in").ArrayOK()
	ids, _ := list.Values()
	return len(ids) == 1
}
