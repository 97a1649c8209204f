package mongotest

import (
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestIsSentOnce(t *testing.T) {
	one, several := bson.M{"_id": bson.M{"$in": bson.A{1}}}, bson.M{"_id": bson.M{"$in": bson.A{1, 2}}}
	update := func(filter bson.M, isMulti bool) bson.M {
		return bson.M{"updates": bson.A{bson.M{"q": filter, "multi": isMulti}}}
	}
	deletion := func(filter bson.M, limit int32) bson.M {
		return bson.M{"deletes": bson.A{bson.M{"q": filter, "limit": limit}}}
	}
	for name, c := range map[string]struct {
		command bson.M
		once    bool
	}{
		"update of one":             {update(bson.M{"_id": 1}, true), true},
		"of a list of one":          {update(one, true), true},
		"of several":                {update(several, true), false},
		"of one, so that it may be": {update(bson.M{"_id": 1}, false), false},
		"of what is not named":      {update(bson.M{"db_id": "x"}, true), false},
		"deletion of one":           {deletion(bson.M{"_id": 1}, 0), true},
		"deletion of a list of one": {deletion(one, 0), true},
		"deletion of several":       {deletion(several, 0), false},
		"deletion that may be":      {deletion(one, 1), false},
		"find":                      {bson.M{"find": "users", "filter": one}, false},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := bson.Marshal(c.command)
			if err != nil {
				t.Fatal(err)
			}
			if once := isSentOnce(raw); once != c.once {
				t.Errorf("it is sent once: %v, want %v", once, c.once)
			}
		})
	}
}
