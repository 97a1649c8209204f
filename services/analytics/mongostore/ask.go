package mongostore

import (
	"context"
	"maps"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/analytics"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// The parts of an analytics.Count.
const (
	total = iota
	this
	previous
)

// row is one answer: how many there are of one part of a figure.
type row struct {
	Key struct {
		Figure int           `bson:"figure"`
		Part   int           `bson:"part"`
		By     office.Status `bson:"by"`
	} `bson:"_id"`
	N int `bson:"n"`
}

// ask counts the figures, all with one command: the parts are asked one after
// the other, and $unionWith collects the answers.
func (s Store) ask(ctx context.Context, months analytics.Months, figures ...figure) ([]counts, error) {
	var pipeline bson.A
	for i, f := range figures {
		for part, filter := range f.parts(months) {
			stages := f.count(filter, i, part)
			if pipeline == nil {
				pipeline = stages
				continue
			}
			pipeline = append(pipeline, bson.M{"$unionWith": bson.M{"coll": f.collection, "pipeline": stages}})
		}
	}
	first := mongodb.CollectionOf[row](s.Client, figures[0].collection)
	rows, err := mongodb.Aggregate[row](ctx, first, pipeline)
	return collect(rows, len(figures)), err
}

// parts are the filters of the parts of a figure, in their order.
func (f figure) parts(months analytics.Months) []bson.M {
	within := func(from, to time.Time) bson.M {
		filter := bson.M{f.date: bson.M{"$gte": from, "$lt": to}}
		maps.Copy(filter, f.filter)
		return filter
	}
	return []bson.M{f.filter, within(months.This, months.Next), within(months.Previous, months.This)}
}

// count is a pipeline that counts what the filter fits.
func (f figure) count(filter bson.M, number, part int) bson.A {
	key := bson.M{"figure": number, "part": part}
	if f.by != "" {
		key["by"] = f.by
	}
	counting := bson.M{"$group": bson.M{"_id": key, "n": bson.M{"$sum": 1}}}
	if filter == nil {
		return bson.A{counting}
	}
	return bson.A{bson.M{"$match": filter}, counting}
}

// collect makes counts of the answers. What was not found counts zero.
func collect(rows []row, figures int) []counts {
	all := make([]counts, figures)
	for i := range all {
		all[i] = counts{}
	}
	for _, r := range rows {
		count := all[r.Key.Figure][r.Key.By]
		*[]*int{total: &count.Total, this: &count.This, previous: &count.Previous}[r.Key.Part] = r.N
		all[r.Key.Figure][r.Key.By] = count
	}
	return all
}
