package mongotest

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestQueries(t *testing.T) {
	indexes := []string{"_id", "isDeleted", "db_id"}
	text := bson.M{"search_text": bson.Regex{Pattern: "a"}}
	for name, c := range map[string]struct {
		command bson.D
		served  bool
	}{
		"index":         {bson.D{{Key: "find", Value: "personnels"}, {Key: "filter", Value: bson.M{"isDeleted": false, "rank": "x"}}}, true},
		"no index":      {bson.D{{Key: "find", Value: "personnels"}, {Key: "filter", Value: bson.M{"rank": "x"}}}, false},
		"second field":  {bson.D{{Key: "find", Value: "personnels"}, {Key: "filter", Value: bson.M{"army_number": "x"}}}, false},
		"no filter":     {bson.D{{Key: "find", Value: "personnels"}, {Key: "filter", Value: bson.M{}}}, false},
		"order":         {bson.D{{Key: "find", Value: "personnels"}, {Key: "filter", Value: bson.M{"$and": bson.A{text}}}, {Key: "sort", Value: bson.D{{Key: "db_id", Value: 1}}}}, true},
		"wrong order":   {bson.D{{Key: "find", Value: "personnels"}, {Key: "filter", Value: bson.M{"$and": bson.A{text}}}, {Key: "sort", Value: bson.D{{Key: "rank", Value: 1}}}}, false},
		"each of parts": {bson.D{{Key: "find", Value: "personnels"}, {Key: "filter", Value: bson.M{"$or": bson.A{bson.M{"db_id": "x"}, bson.M{"rank": "x"}}}}}, false},
		"update":        {bson.D{{Key: "update", Value: "personnels"}, {Key: "updates", Value: bson.A{bson.M{"q": bson.M{"rank": "x"}}}}}, false},
		"delete":        {bson.D{{Key: "delete", Value: "personnels"}, {Key: "deletes", Value: bson.A{bson.M{"q": bson.M{"_id": 1}}}}}, true},
		"union": {bson.D{{Key: "aggregate", Value: "dbs"}, {Key: "pipeline", Value: bson.A{
			bson.M{"$group": bson.M{}}, bson.M{"$unionWith": bson.M{"coll": "personnels", "pipeline": bson.A{bson.M{"$match": bson.M{"rank": "x"}}}}},
		}}}, false},
		"few": {bson.D{{Key: "aggregate", Value: "dbs"}, {Key: "pipeline", Value: bson.A{bson.M{"$group": bson.M{}}}}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := bson.Marshal(c.command)
			if err != nil {
				t.Fatal(err)
			}
			served := true
			for _, query := range queriesOf(raw) {
				served = served && query.uses(indexes)
			}
			if served != c.served {
				t.Errorf("served by an index: %v, want %v", served, c.served)
			}
		})
	}
}
