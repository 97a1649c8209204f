// Package mongostore is analytics.Store on MongoDB.
//
// Figures are counted on demand, so they are always true. They are counted in indexes
// alone: a total reads one entry per document, a month only the entries of that month.
// One command counts all figures of an answer.
package mongostore

import (
	"context"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/services/analytics"
	"officepay.example/shared/document"
	"officepay.example/shared/mongodb"
	"officepay.example/shared/office"
)

// Store is analytics.Store, which says what its methods do.
type Store struct{ mongodb.Common }

// New is the store on a database.
func New(client *mongodb.Client) Store { return Store{mongodb.Common{Client: client}} }

func (s Store) Dashboard(ctx context.Context, this analytics.Month) (analytics.Dashboard, error) {
	counted, err := s.count(ctx, this,
		figure{name: "users", collection: document.Users, filter: bson.M{}, date: "created_at"},
		figure{name: "dbs", collection: document.DBs, filter: bson.M{}, date: "created_at"},
		figure{name: "live", collection: document.Personnels, filter: bson.M{"isDeleted": false}, date: "created_at"},
		figure{name: "deleted", collection: document.Personnels, filter: bson.M{"isDeleted": true}, date: "deleted_at"},
	)
	return analytics.Dashboard{
		Users: counted["users"][""], Databases: counted["dbs"][""],
		Personnel: counted["live"][""], DeletedPersonnel: counted["deleted"][""],
	}, err
}

func (s Store) DBFigures(ctx context.Context, db office.ID, this analytics.Month) (analytics.DBFigures, error) {
	if err := s.CheckDB(ctx, db); err != nil {
		return analytics.DBFigures{}, err
	}
	counted, err := s.count(ctx, this,
		figure{name: "live", collection: document.Personnels, filter: bson.M{"isDeleted": false, "db_id": db.Hex()}, date: "created_at", by: "$status"},
		figure{name: "deleted", collection: document.Personnels, filter: bson.M{"isDeleted": true, "db_id": db.Hex()}, date: "deleted_at"},
	)
	return analytics.DBFigures{ByStatus: counted["live"], Deleted: counted["deleted"][""]}, err
}

var paths = map[analytics.Field]string{
	analytics.ByBank: "bank.name", analytics.ByRank: "rank", analytics.BySubSector: "sub_sector", analytics.ByLocation: "location",
}

// Breakdown implements analytics.Store. One command finds the most frequent values, and
// a second one counts the active records with each. Both read the documents.
func (s Store) Breakdown(ctx context.Context, db office.ID, by analytics.Field, limit int) ([]analytics.Share, error) {
	if err := s.CheckDB(ctx, db); err != nil {
		return nil, err
	}
	type valueCount struct {
		Value string `bson:"_id"` // empty also for null
		N     int
	}
	group := bson.M{"$group": bson.M{"_id": "$" + paths[by], "n": bson.M{"$sum": 1}}}
	filter := bson.M{"isDeleted": false, "db_id": db.Hex()}
	records := mongodb.CollectionOf[valueCount](s.Client, document.Personnels)
	all, err := records.Aggregate(ctx, 0, bson.A{bson.M{"$match": filter}, group,
		bson.M{"$sort": bson.D{{Key: "n", Value: -1}, {Key: "_id", Value: 1}}}, bson.M{"$limit": limit}})
	if err != nil {
		return nil, err
	}
	shares, values := make([]analytics.Share, len(all)), bson.A{nil}
	for i, v := range all {
		shares[i] = analytics.Share{Value: v.Value, Total: v.N}
		values = append(values, v.Value)
	}
	filter["status"], filter[paths[by]] = office.StatusActive, bson.M{"$in": values}
	active, err := records.Aggregate(ctx, 0, bson.A{bson.M{"$match": filter}, group})
	for _, v := range active {
		if i := slices.IndexFunc(shares, func(s analytics.Share) bool { return s.Value == v.Value }); i >= 0 {
			shares[i].Active = min(v.N, shares[i].Total) // some may have been added since
		}
	}
	return shares, err
}

// Flow implements analytics.Store. One command reads an index entry for each record that
// it counts.
func (s Store) Flow(ctx context.Context, db office.ID, months []analytics.Month) (analytics.Flow, error) {
	if err := s.CheckDB(ctx, db); err != nil {
		return analytics.Flow{}, err
	}
	of := func(name, date string, isDeleted any) figure {
		return figure{name: name, collection: document.Personnels, filter: bson.M{"isDeleted": isDeleted, "db_id": db.Hex()}, date: date}
	}
	created := of("created", "created_at", bson.M{"$in": bson.A{false, true}})
	deleted := of("deleted", "deleted_at", true)
	const after = "after"
	end := months[len(months)-1].Add(1).Start()
	parts := []part{{of("live", "", false), ""}, created.within(after, end, time.Time{}), deleted.within(after, end, time.Time{})}
	for _, month := range months {
		from, to := month.Start(), month.Add(1).Start()
		parts = append(parts, created.within(string(month), from, to), deleted.within(string(month), from, to))
	}
	rows, err := s.countParts(ctx, parts)
	counted := map[string]map[analytics.Month]int{"live": {}, "created": {}, "deleted": {}}
	for _, r := range rows {
		counted[r.Key.Figure][analytics.Month(r.Key.Part)] = r.N
	}
	flow := analytics.Flow{Live: counted["live"][""], Created: counted["created"], Deleted: counted["deleted"]}
	flow.After = flow.Created[after] - flow.Deleted[after]
	delete(flow.Created, after)
	delete(flow.Deleted, after)
	return flow, err
}

// figure says what to count in a collection, in all and by month.
type figure struct {
	name       string
	collection string
	filter     bson.M
	date       string // the field whose month counts
	by         string // the field to group by, such as "$status"; empty for none
}

type counts = map[office.Status]analytics.Count

func (s Store) count(ctx context.Context, this analytics.Month, figures ...figure) (map[string]counts, error) {
	var parts []part
	counted := map[string]counts{}
	for _, f := range figures {
		counted[f.name] = counts{}
		parts = append(parts, part{f, "total"}, f.within("this", this.Start(), this.Add(1).Start()), f.within("previous", this.Add(-1).Start(), this.Start()))
	}
	rows, err := s.countParts(ctx, parts)
	for _, r := range rows {
		count := counted[r.Key.Figure][r.Key.By]
		switch r.Key.Part {
		case "total":
			count.Total = r.N
		case "this":
			count.This = r.N
		default:
			count.Previous = r.N
		}
		counted[r.Key.Figure][r.Key.By] = count
	}
	return counted, err
}

// part is one part of a figure, such as one month.
type part struct {
	figure
	name string
}

// within is the part of a figure from one time until another; the zero time means no end.
func (f figure) within(name string, from, to time.Time) part {
	date := bson.M{"$gte": from}
	if !to.IsZero() {
		date["$lt"] = to
	}
	f.filter = maps.Clone(f.filter)
	f.filter[f.date] = date
	return part{f, name}
}

// row is the number of documents in one part of a figure. Zero has no row.
type row struct {
	Key struct {
		Figure, Part string
		By           office.Status
	} `bson:"_id"`
	N int
}

// countParts counts all parts with one command: its pipeline counts the first one, and a
// $unionWith adds each of the others.
func (s Store) countParts(ctx context.Context, parts []part) ([]row, error) {
	pipeline := parts[0].pipeline()
	for _, p := range parts[1:] {
		pipeline = append(pipeline, bson.M{"$unionWith": bson.M{"coll": p.collection, "pipeline": p.pipeline()}})
	}
	return mongodb.CollectionOf[row](s.Client, parts[0].collection).Aggregate(ctx, 0, pipeline)
}

// pipeline counts the part. The key of a group holds only strings and fields: MongoDB
// refuses numbers and booleans there.
func (p part) pipeline() bson.A {
	key := bson.M{"figure": p.figure.name, "part": p.name}
	if p.by != "" {
		key["by"] = p.by
	}
	return bson.A{bson.M{"$match": p.filter}, bson.M{"$group": bson.M{"_id": key, "n": bson.M{"$sum": 1}}}}
}
