package main

import (
	"bytes"
	"fmt"
	"regexp"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// translations are the commands that FerretDB runs differently from MongoDB. Each
// is run by a function that returns the reply MongoDB would give.
var translations = map[string]func(*session, content) (bson.Raw, error){
	"find":          (*session).find,
	"delete":        (*session).delete,
	"update":        (*session).update,
	"createIndexes": (*session).createIndexes,
	"aggregate":     (*session).aggregate,
}

func (s *session) find(request content) (bson.Raw, error) {
	command, err := s.narrowed(request, request.body, "filter")
	if err != nil {
		return nil, err
	}
	return s.run(command)
}

func (s *session) delete(request content) (bson.Raw, error) {
	statements := request.list("deletes")
	if len(statements) != 1 {
		return s.run(request.body)
	}
	return s.runStatement(request, "deletes", statements[0])
}

// runStatement runs a command with only one of its statements.
func (s *session) runStatement(request content, key string, statement bson.Raw) (bson.Raw, error) {
	statement, err := s.narrowed(request, statement, "q")
	if err != nil {
		return nil, err
	}
	return s.run(request.only(key, statement))
}

// updateReply is the reply to an update command. OK is 0 if the command as a
// whole has failed.
type updateReply struct {
	N           int32        `bson:"n"`
	NModified   int32        `bson:"nModified"`
	WriteErrors []writeError `bson:"writeErrors,omitempty"`
	OK          float64      `bson:"ok"`
}

type writeError struct {
	Index      int32    `bson:"index"`
	Code       int32    `bson:"code"`
	KeyPattern bson.Raw `bson:"keyPattern,omitempty"`
	ErrMsg     string   `bson:"errmsg"`
}

// update runs each statement as a command of its own, because FerretDB does not say which
// of them an error belongs to, and ignores "ordered".
func (s *session) update(request content) (bson.Raw, error) {
	statements := request.list("updates")
	ordered, ok := request.body.Lookup("ordered").BooleanOK()
	ordered = ordered || !ok

	total := updateReply{OK: 1}
	for i, statement := range statements {
		reply, raw, err := s.updateOne(request, statement)
		if err != nil || reply.OK == 0 {
			return raw, err
		}
		total.add(int32(i), reply)
		if ordered && len(reply.WriteErrors) > 0 {
			break
		}
	}
	return bson.Marshal(total)
}

// updateOne runs an update of one statement. A duplicate key is an error of the command
// in FerretDB; it becomes one of the statement, as in MongoDB.
func (s *session) updateOne(request content, statement bson.Raw) (reply updateReply, raw bson.Raw, err error) {
	raw, err = s.runStatement(request, "updates", statement)
	if err != nil {
		return reply, nil, err
	}
	if duplicate, ok := s.duplicateKey(request, raw); ok {
		return updateReply{OK: 1, WriteErrors: []writeError{duplicate}}, raw, nil
	}
	return reply, raw, bson.Unmarshal(raw, &reply)
}

// add takes in the reply to the statement at index.
func (u *updateReply) add(index int32, reply updateReply) {
	u.N += reply.N
	u.NModified += reply.NModified
	for _, one := range reply.WriteErrors {
		one.Index = index
		u.WriteErrors = append(u.WriteErrors, one)
	}
}

// indexReply is the reply to a createIndexes command.
type indexReply struct {
	Before  int32   `bson:"numIndexesBefore"`
	After   int32   `bson:"numIndexesAfter"`
	Created bool    `bson:"createdCollectionAutomatically"`
	Note    string  `bson:"note,omitempty"`
	OK      float64 `bson:"ok"`
}

// createIndexes makes one index at a time, because FerretDB skips some, or stops, when
// others of the same command exist already.
func (s *session) createIndexes(request content) (bson.Raw, error) {
	var total indexReply
	for i, spec := range request.list("indexes") {
		if conflict := s.indexConflict(request, spec); conflict != nil {
			return conflict, nil
		}
		raw, err := s.run(request.only("indexes", spec))
		if err != nil {
			return nil, err
		}
		var reply indexReply
		if err := bson.Unmarshal(raw, &reply); err != nil {
			return nil, err
		}
		if reply.OK == 0 {
			return s.commandError(request, raw)
		}
		total.add(i, reply)
	}
	return bson.Marshal(total)
}

// indexConflict is MongoDB's error for an index that has the name of another, or differs
// from another only in its name; or nil. FerretDB accepts both, and creates nothing.
func (s *session) indexConflict(request content, spec bson.Raw) bson.Raw {
	var want indexSpec
	_ = bson.Unmarshal(spec, &want) // if this fails, FerretDB reports it
	for _, is := range s.indexes(request.text("$db"), request.text(request.command())) {
		hasName, isAlike := is.Name == want.Name, is.Unique == want.Unique && bytes.Equal(is.Key, want.Key)
		if hasName == isAlike {
			continue
		}
		code, name := 86, "IndexKeySpecsConflict"
		if isAlike {
			code, name = 85, "IndexOptionsConflict"
		}
		reply, _ := bson.Marshal(bson.D{
			{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: "in the way of index " + want.Name + " is index " + is.Name},
			{Key: "code", Value: code}, {Key: "codeName", Value: name},
		})
		return reply
	}
	return nil
}

// add takes in the reply to the spec at index.
func (r *indexReply) add(index int, reply indexReply) {
	if index > 0 {
		reply.Before = r.Before
		reply.Created = reply.Created || r.Created
	}
	if reply.After > reply.Before {
		reply.Note = ""
	}
	*r = reply
}

// commandError returns reply, as MongoDB would word it if it is the error of a
// whole command that a unique index has refused.
func (s *session) commandError(request content, reply bson.Raw) (bson.Raw, error) {
	duplicate, ok := s.duplicateKey(request, reply)
	if !ok {
		return reply, nil
	}
	fields := bson.D{
		{Key: "ok", Value: 0.0},
		{Key: "errmsg", Value: duplicate.ErrMsg},
		{Key: "code", Value: duplicate.Code},
		{Key: "codeName", Value: "DuplicateKey"},
	}
	if duplicate.KeyPattern != nil {
		fields = append(fields, bson.E{Key: "keyPattern", Value: duplicate.KeyPattern})
	}
	return bson.Marshal(fields)
}

// uniqueFailed is how SQLite, and so FerretDB, reports a duplicate key. The name of an
// index consists of that of its table, which ends in a hash, and its name in MongoDB.
var uniqueFailed = regexp.MustCompile(`UNIQUE constraint failed: index '.*_[0-9a-f]{8}_(.+)' \(2067\)$`)

// duplicateKey returns MongoDB's error for a duplicate key if reply is
// FerretDB's.
func (s *session) duplicateKey(request content, reply bson.Raw) (writeError, bool) {
	text, _ := reply.Lookup("errmsg").StringValueOK()
	found := uniqueFailed.FindStringSubmatch(text)
	if found == nil {
		return writeError{}, false
	}
	database, collection, index := request.text("$db"), request.text(request.command()), found[1]
	return writeError{
		Code:       11000,
		KeyPattern: s.keyPattern(database, collection, index),
		ErrMsg: fmt.Sprintf("E11000 duplicate key error collection: %s.%s index: %s",
			database, collection, index),
	}, true
}

// keyPattern returns the fields of an index, nil if there is no such index.
func (s *session) keyPattern(database, collection, index string) bson.Raw {
	for _, one := range s.indexes(database, collection) {
		if one.Name == index {
			return one.Key
		}
	}
	return nil
}

// indexSpec is an index as listIndexes shows it.
type indexSpec struct {
	Name   string   `bson:"name"`
	Key    bson.Raw `bson:"key"`
	Unique bool     `bson:"unique"`
}

// indexes are those of a collection, none if they cannot be listed.
func (s *session) indexes(database, collection string) []indexSpec {
	command, err := bson.Marshal(bson.D{{Key: "listIndexes", Value: collection}, {Key: "$db", Value: database}})
	if err != nil {
		return nil
	}
	raw, err := s.run(command)
	if err != nil {
		return nil
	}
	var reply struct {
		Cursor struct {
			FirstBatch []indexSpec `bson:"firstBatch"`
		} `bson:"cursor"`
	}
	_ = bson.Unmarshal(raw, &reply)
	return reply.Cursor.FirstBatch
}
