package main

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

func TestOnlyID(t *testing.T) {
	id := bson.NewObjectID()
	in := func(ids ...any) bson.D { return is("_id", is("$in", append(bson.A{}, ids...))) }
	and := func(filter bson.D) bson.D { return append(filter, bson.E{Key: "n", Value: 1}) }
	for name, c := range map[string]struct {
		filter bson.D
		want   bool
	}{
		"an id alone":          {is("_id", id), false}, // FerretDB looks it up by itself
		"and a condition":      {and(is("_id", id)), true},
		"a text":               {and(is("_id", "lamp")), true},
		"a number":             {and(is("_id", 1)), false}, // equal to those of other types
		"a list of one":        {in(id), true},
		"and another":          {and(in(id)), true},
		"a list of two":        {and(in(id, id)), false},
		"an empty list":        {and(in()), false},
		"a comparison":         {and(is("_id", is("$gt", id))), false},
		"a list and no others": {is("_id", bson.D{{Key: "$in", Value: bson.A{id}}, {Key: "$gt", Value: id}}), false},
		"no id":                {is("n", 1), false},
		"nothing":              {bson.D{}, false},
	} {
		filter, err := bson.Marshal(c.filter)
		if err != nil {
			t.Fatal(err)
		}
		if got := onlyID(filter) != nil; got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestNarrowed has commands meet the document that they name, or none.
func TestNarrowed(t *testing.T) {
	ctx := t.Context()
	for name, count := range map[string]func(things *mongo.Collection, filter bson.D) (int64, error){
		"find": func(things *mongo.Collection, filter bson.D) (int64, error) {
			cursor, err := things.Find(ctx, filter, options.Find().SetSort(is("_id", 1)).SetProjection(is("n", 1)))
			if err != nil {
				return 0, err
			}
			var docs []bson.Raw
			err = cursor.All(ctx, &docs)
			return int64(len(docs)), err
		},
		"update": func(things *mongo.Collection, filter bson.D) (int64, error) {
			result, err := things.UpdateMany(ctx, filter, inc("n"))
			if err != nil {
				return 0, err
			}
			return result.ModifiedCount, nil
		},
		"delete": func(things *mongo.Collection, filter bson.D) (int64, error) {
			result, err := things.DeleteMany(ctx, filter)
			if err != nil {
				return 0, err
			}
			return result.DeletedCount, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			things := serve(t)
			for id, n := range map[string]int{"lamp": 1, "desk": 2} {
				insert(t, things, bson.D{{Key: "_id", Value: id}, {Key: "n", Value: n}})
			}
			meets := func(n any) int64 {
				got, err := count(things, bson.D{{Key: "_id", Value: "lamp"}, {Key: "n", Value: n}})
				if err != nil {
					return -1
				}
				return got
			}
			if got := meets(is("$no", 1)); got != -1 {
				t.Error("a condition that there is not went unnoticed")
			}
			for _, c := range []struct{ n, want int }{{2, 0}, {1, 1}} {
				if got := meets(c.n); got != int64(c.want) {
					t.Errorf("n=%d: %d documents, want %d", c.n, got, c.want)
				}
			}
		})
	}
}
