// Package mongostore is analytics.Store on MongoDB.
//
// Figures are counted when they are asked for, so they are always true. They
// are counted in indexes alone: a total reads an entry for each of what it
// counts, a month only the entries of that month. All that belongs together is
// asked with one command.
package mongostore

import (
	"context"

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
	counted, err := s.ask(ctx, months,
		figure{collection: "users", date: "created_at"},
		figure{collection: "dbs", date: "created_at"},
		figure{collection: "personnels", filter: bson.M{"isDeleted": false}, date: "created_at"},
		figure{collection: "personnels", filter: bson.M{"isDeleted": true}, date: "deleted_at"},
	)
	if err != nil {
		return analytics.Dashboard{}, err
	}
	return analytics.Dashboard{
		Users: counted[0][""], Databases: counted[1][""], Personnel: counted[2][""], DeletedPersonnel: counted[3][""],
	}, nil
}

// DBFigures implements analytics.Store.
func (s Store) DBFigures(ctx context.Context, db office.ID, months analytics.Months) (analytics.DBFigures, error) {
	if err := s.CheckDB(ctx, db); err != nil {
		return analytics.DBFigures{}, err
	}
	counted, err := s.ask(ctx, months,
		figure{collection: "personnels", filter: bson.M{"isDeleted": false, "db_id": db.Hex()}, date: "created_at", by: "$status"},
		figure{collection: "personnels", filter: bson.M{"isDeleted": true, "db_id": db.Hex()}, date: "deleted_at"},
	)
	if err != nil {
		return analytics.DBFigures{}, err
	}
	return analytics.DBFigures{ByStatus: counted[0], Deleted: counted[1][""]}, nil
}

// figure is what to count of a collection, in all and by month.
type figure struct {
	collection string
	filter     bson.M // nil is everything
	date       string // the field whose month counts
	by         string // a field whose values are counted apart, "$status"; empty for none
}

// counts are those of a figure, by the values that are counted apart.
type counts = map[office.Status]analytics.Count
