package e2e

import (
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestShortCode: it is unique in any letter case, and free again when its
// database is gone.
func TestShortCode(t *testing.T) {
	t.Parallel()
	c, word := admin(t), unique("Ébène")
	one := ask[client.DB](c, 201, "POST", "/admin/dbs", with(dbFields(), fields{"short_code": word}))
	other := newDB(t)
	for _, same := range []string{word, strings.ToUpper(word), strings.ToLower(word), " " + word + " "} {
		c.want(409, "POST", "/admin/dbs", with(dbFields(), fields{"short_code": same}))
		c.want(409, "PATCH", "/admin/dbs/"+other.ID, fields{"short_code": same})
		c.want(200, "PATCH", "/admin/dbs/"+one.ID, fields{"short_code": same})
	}
	c.want(200, "DELETE", "/admin/dbs/"+one.ID, nil)
	c.want(200, "PATCH", "/admin/dbs/"+other.ID, fields{"short_code": word})
}

// TestListDBs: the search looks at name and short code.
func TestListDBs(t *testing.T) {
	t.Parallel()
	word := unique("Listed")
	var made []string
	for _, change := range []fields{{"name": word + " North"}, {"short_code": word}, {"name": "50% " + word}, {"description": word}} {
		db := ask[client.DB](admin(t), 201, "POST", "/admin/dbs", with(dbFields(), change))
		t.Cleanup(func() { tidy("/admin/dbs/" + db.ID) })
		made = append(made, db.ID)
	}
	searches := map[string][]string{
		word: made[:3], strings.ToUpper(word): made[:3], "north+" + word: made[:1], word + "+50%25": made[2:3],
		word + "_": nil, word + ".": nil,
	}
	for search, want := range searches {
		if got := dbIDs(admin(t), "search="+search); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", search, got, want)
		}
	}
}

func dbIDs(c caller, query string) (found []string) {
	for _, db := range page[client.DB](c, "/admin/dbs?"+query).Data {
		found = append(found, db.ID)
	}
	return found
}

// TestListDBsIsScoped: a user sees those that they are allowed, and no trace of others.
func TestListDBsIsScoped(t *testing.T) {
	t.Parallel()
	mine, also, other := newDB(t), newDB(t), newDB(t)
	user := newCaller(t, also.ID, mine.ID)
	if got := dbIDs(user, "limit=100"); !slices.Equal(got, []string{mine.ID, also.ID}) {
		t.Errorf("got %v, want the two in order of creation", got)
	}
	if got := page[client.DB](user, "/admin/dbs?limit=1"); got.Meta.Total != 2 || got.Data[0] != mine {
		t.Errorf("got %+v, want the first of 2", got)
	}
	for _, search := range []string{other.ShortCode, other.ID, "%25", ".*", "%27+OR+1=1+--"} {
		if got := dbIDs(user, "search="+search); len(got) > 0 {
			t.Errorf("%s: got %v, want none", search, got)
		}
	}
	if got := dbIDs(newCaller(t), ""); len(got) > 0 {
		t.Errorf("a user without databases sees %v", got)
	}
	if got := dbIDs(admin(t), "search="+other.ShortCode); !slices.Equal(got, []string{other.ID}) {
		t.Errorf("an admin sees %v, want %s", got, other.ID)
	}
}

// TestMissingDB: each call on a database that is not there is a 404 for an
// admin.
func TestMissingDB(t *testing.T) {
	t.Parallel()
	c, gone := admin(t), newDB(t)
	record := newRecord(t, newDB(t).ID)
	c.want(200, "DELETE", "/admin/dbs/"+gone.ID, nil)
	for _, id := range []string{unusedID, gone.ID, record.ID} {
		c.want(404, "PATCH", "/admin/dbs/"+id, fields{"name": "X"})
		c.want(404, "PATCH", "/admin/dbs/"+id, fields{})
		c.want(404, "DELETE", "/admin/dbs/"+id, nil)
		c.want(404, "GET", "/personnels/db/"+id, nil)
		c.want(404, "GET", "/personnels?db_id="+id, nil)
		c.want(404, "GET", "/personnels?limit=5&db_id="+id, nil)
		c.want(404, "GET", "/analytics/personnels/db/"+id, nil)
		c.want(404, "POST", "/personnels", recordFields(id))
		c.want(404, "POST", "/personnels/upload", rowsOf(id, 2))
		c.want(404, "POST", "/personnels/upload", []any{fields{"db_id": id}}) // even if no row is good
		c.want(404, "PATCH", "/personnels/"+record.ID, fields{"db_id": id})
	}
}

// TestDeleteDB is promise 24: the database, its personnel and every reference
// are gone, and nothing else is.
func TestDeleteDB(t *testing.T) {
	t.Parallel()
	c, gone, kept := admin(t), newDB(t), newDB(t)
	user := newCaller(t, gone.ID, kept.ID)
	lost, safe := newRecord(t, gone.ID), newRecord(t, kept.ID)
	upload(t, rowsOf(gone.ID, 9))

	done := ask[map[string]int](c, 200, "DELETE", "/admin/dbs/"+gone.ID, nil)
	if len(done) != 1 || done["deleted_personnel"] != 10 {
		t.Errorf("got %v, want 10 deleted_personnel", done)
	}
	c.want(404, "DELETE", "/admin/dbs/"+gone.ID, nil)
	c.want(404, "GET", "/personnels/"+lost.ID, nil)
	user.want(404, "GET", "/personnels/"+lost.ID, nil)
	user.want(403, "GET", "/personnels/db/"+gone.ID, nil)
	user.want(403, "POST", "/personnels", recordFields(gone.ID))
	for _, shown := range []client.User{get[client.User](user, "/auth/me"), get[client.User](c, "/admin/users/"+user.id)} {
		if len(shown.AllowedDBs) != 1 || shown.AllowedDBs[0].ID != kept.ID {
			t.Errorf("allowed_dbs: got %+v, want %s alone", shown.AllowedDBs, kept.ID)
		}
	}
	if left := get[[]client.Record](user, "/personnels"); len(left) != 1 || left[0] != safe {
		t.Errorf("left: got %+v, want %+v", left, safe)
	}
}
