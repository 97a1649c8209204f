// Package mongostore is analytics.Store on MongoDB.
//
// Figures are counted when they are asked for, so they are always true. They
// are counted in indexes alone: a total reads an entry for each document that
// it counts, a month only the entries of that month. All figures of an answer
// are asked for with one command.
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

// Store implements analytics.Store.
type Store struct{ mongodb.Reader }

var _ analytics.Store = Store{}

// New is the store on a database.
func New(client *mongodb.Client) Store { return Store{mongodb.Reader{Client: client}} }

// Dashboard implements analytics.Store.
func (s Store) Dashboard(ctx context.Context, months analytics.Months) (analytics.Dashboard, error) {
	counted, err := s.count(ctx, months,
		figure{name: "users", collection: "users", date: "created_at"},
		figure{name: "dbs", collection: "dbs", date: "created_at"},
		figure{name: "live", collection: "personnels", filter: bson.M{"isDeleted": false}, date: "created_at"},
		figure{name: "deleted", collection: "personnels", filter: bson.M{"isDeleted": true}, date: "deleted_at"},
	)
	if err != nil {
		return analytics.Dashboard{}, err
	}
	return analytics.Dashboard{
		Users: counted["users"][""], Databases: counted["dbs"][""],
		Personnel: counted["live"][""], DeletedPersonnel: counted["deleted"][""],
	}, nil
}

// DBFigures implements analytics.Store.
func (s Store) DBFigures(ctx context.Context, db office.ID, months analytics.Months) (analytics.DBFigures, error) {
	if err := s.CheckDB(ctx, db); err != nil {
		return analytics.DBFigures{}, err
	}
	counted, err := s.count(ctx, months,
		figure{name: "live", collection: "personnels", filter: bson.M{"isDeleted": false, "db_id": db.Hex()}, date: "created_at", by: "$status"},
		figure{name: "deleted", collection: "personnels", filter: bson.M{"isDeleted": true, "db_id": db.Hex()}, date: "deleted_at"},
	)
	if err != nil {
		return analytics.DBFigures{}, err
	}
	return analytics.DBFigures{ByStatus: counted["live"], Deleted: counted["deleted"][""]}, nil
}

// figure is what to count of a collection, in all and by month.
type figure struct {
	name       string
	collection string
	filter     bson.M // nil matches everything
	date       string // the field whose month counts
	by         string // the field by whose values documents are counted apart, as in "$status", or empty
}

// counts are those of a figure, by the values that are counted apart.
type counts = map[office.Status]analytics.Count

// count counts the figures with one command: the first pipeline counts one part
// of the first figure, and a $unionWith adds what each of the others counts.
func (s Store) count(ctx context.Context, months analytics.Months, figures ...figure) (map[string]counts, error) {
	var pipeline bson.A
	counted := map[string]counts{}
	for _, f := range figures {
		counted[f.name] = counts{}
		for _, part := range f.parts(months) {
			if pipeline == nil {
				pipeline = part
				continue
			}
			pipeline = append(pipeline, bson.M{"$unionWith": bson.M{"coll": f.collection, "pipeline": part}})
		}
	}
	rows, err := mongodb.Aggregate[row](ctx, mongodb.CollectionOf[row](s.Client, figures[0].collection), pipeline)
	for _, r := range rows {
		count := counted[r.Key.Figure][r.Key.By]
		*map[string]*int{"total": &count.Total, "this": &count.This, "previous": &count.Previous}[r.Key.Part] = r.N
		counted[r.Key.Figure][r.Key.By] = count
	}
	return counted, err
}

// row is how many documents there are of one part of a figure. What there is
// none of has no row.
type row struct {
	Key struct {
		Figure string        `bson:"figure"`
		Part   string        `bson:"part"`
		By     office.Status `bson:"by"`
	} `bson:"_id"`
	N int `bson:"n"`
}

// parts are the pipelines that count the parts of a figure. The key of a group
// holds texts and fields alone: MongoDB refuses numbers and booleans there.
func (f figure) parts(months analytics.Months) []bson.A {
	pipeline := func(part string, filter bson.M) bson.A {
		key := bson.M{"figure": f.name, "part": part}
		if f.by != "" {
			key["by"] = f.by
		}
		group := bson.M{"$group": bson.M{"_id": key, "n": bson.M{"$sum": 1}}}
		if filter == nil {
			return bson.A{group}
		}
		return bson.A{bson.M{"$match": filter}, group}
	}
	within := func(part string, from, to time.Time) bson.A {
		filter := bson.M{f.date: bson.M{"$gte": from, "$lt": to}}
		maps.Copy(filter, f.filter)
		return pipeline(part, filter)
	}
	return []bson.A{
		pipeline("total", f.filter),
		within("this", months.This, months.Next),
		within("previous", months.Previous, months.This),
	}
}
