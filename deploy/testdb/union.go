package main

import "go.mongodb.org/mongo-driver/v2/bson"

// union is a stage $unionWith.
type union struct {
	With *struct {
		Collection string     `bson:"coll"`
		Pipeline   []bson.Raw `bson:"pipeline"`
	} `bson:"$unionWith"`
}

// found is the reply to an aggregate command.
type found struct {
	Cursor struct {
		FirstBatch []bson.Raw `bson:"firstBatch"`
		ID         int64      `bson:"id"`
		Namespace  string     `bson:"ns"`
	} `bson:"cursor"`
	OK float64 `bson:"ok"`
}

// What no test needs of a union.
var (
	errTooMuch = &refusal{notImplemented, []string{"$unionWith"}, "finds more than one batch"}
	errNotLast = &refusal{notImplemented, []string{"$unionWith"}, "another stage follows it"}
)

// aggregate runs the stages $unionWith at the end of a pipeline, which FerretDB does not
// have: each part is a command of its own, and the reply holds what all of them find.
func (s *session) aggregate(request content) (bson.Raw, error) {
	rest, unions, err := splitUnions(request.list("pipeline"))
	if err != nil {
		return nil, err
	}
	if len(unions) == 0 {
		return s.run(request.body)
	}
	total, raw, err := s.part(request, request.text("aggregate"), rest)
	if err != nil || total.OK == 0 {
		return raw, err
	}
	for _, u := range unions {
		more, raw, err := s.part(request, u.With.Collection, u.With.Pipeline)
		if err != nil || more.OK == 0 {
			return raw, err
		}
		total.Cursor.FirstBatch = append(total.Cursor.FirstBatch, more.Cursor.FirstBatch...)
	}
	return bson.Marshal(total)
}

// splitUnions takes the stages $unionWith from the end of a pipeline.
func splitUnions(stages []bson.Raw) (rest []bson.Raw, unions []union, err error) {
	for _, stage := range stages {
		var u union
		isUnion := bson.Unmarshal(stage, &u) == nil && u.With != nil
		switch {
		case isUnion:
			unions = append(unions, u)
		case unions != nil:
			return nil, nil, errNotLast
		default:
			rest = append(rest, stage)
		}
	}
	return rest, unions, nil
}

// part runs the request with another collection and pipeline.
func (s *session) part(request content, collection string, pipeline []bson.Raw) (reply found, raw bson.Raw, err error) {
	var command bson.D
	if err := bson.Unmarshal(request.body, &command); err != nil {
		return reply, nil, err
	}
	if pipeline == nil {
		pipeline = []bson.Raw{}
	}
	for i, field := range command {
		switch field.Key {
		case "aggregate":
			command[i].Value = collection
		case "pipeline":
			command[i].Value = pipeline
		}
	}
	body, err := bson.Marshal(command)
	if err != nil {
		return reply, nil, err
	}
	if raw, err = s.run(body); err != nil {
		return reply, nil, err
	}
	if err = bson.Unmarshal(raw, &reply); err == nil && reply.Cursor.ID != 0 {
		err = errTooMuch
	}
	return reply, raw, err
}
