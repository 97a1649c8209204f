package e2e

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestPlainOrPaginated: without page and limit the list is a plain array.
func TestPlainOrPaginated(t *testing.T) {
	t.Parallel()
	db, other := newDB(t), newDB(t)
	user := newCaller(t, db.ID, other.ID)
	upload(t, rowsOf(db.ID, 12))
	upload(t, rowsOf(other.ID, 3))
	for query, want := range map[string]int{"": 15, "?db_id=" + db.ID: 12, "?db_id=" + other.ID: 3, "?db_id=": 15,
		"?db_id=%20" + other.ID + "%20": 3, "?db_id=%20": 15} {
		if got := get[[]client.Record](user, "/personnels/"+query); len(got) != want {
			t.Errorf("%s: got %d, want %d", query, len(got), want)
		}
	}
	for query, want := range map[string]int{"?page=1": 15, "?limit=3": 15, "?page=1&limit=3&db_id=" + other.ID: 3} {
		if got := page[client.Record](user, "/personnels/"+query); got.Meta.Total != want {
			t.Errorf("%s: got %+v, want %d in all", query, got.Meta, want)
		}
	}
	seen := map[string]bool{}
	for _, record := range get[[]client.Record](user, "/personnels") {
		seen[record.ID] = true
	}
	if len(seen) != 15 {
		t.Errorf("the plain array has %d different records, want 15", len(seen))
	}
	if got := get[[]client.Record](newCaller(t), "/personnels"); len(got) != 0 {
		t.Errorf("a user without databases sees %d records", len(got))
	}
}

// TestOrderOfCreation: the list of a database is in the order in which its
// records came, one by one or as rows of an upload.
func TestOrderOfCreation(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	random := rand.New(rand.NewPCG(3, 4)) // no field may happen to be in the order of creation
	var want []string
	for i := range 24 {
		rows := randomRows(random, db.ID, 1+i%3*4)
		if i%3 == 0 {
			newRecord(t, db.ID, rows[0])
		} else {
			upload(t, rows)
		}
		for _, row := range rows {
			want = append(want, row["army_number"].(string))
		}
	}
	changed := page[client.Record](admin(t), "/personnels/db/"+db.ID).Data[3]
	admin(t).want(200, "PATCH", "/personnels/"+changed.ID, fields{"first_name": "Aaron"})
	var got []string
	for _, record := range page[client.Record](admin(t), "/personnels/db/"+db.ID+"?limit=1000").Data {
		got = append(got, record.ArmyNumber)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestFilter: in any letter case; the answer to a wrong one lists the valid ones.
func TestFilter(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	path := "/personnels/db/" + db.ID
	for i, status := range client.Statuses {
		for range i + 1 {
			newRecord(t, db.ID, fields{"status": status})
		}
	}
	for i, status := range client.Statuses {
		for _, spelled := range []string{status, strings.ToUpper(status), strings.ToUpper(status[:1]) + status[1:], "%20" + status} {
			if got := page[client.Record](admin(t), path+"?filter="+spelled).Meta.Total; got != i+1 {
				t.Errorf("%s: got %d, want %d", spelled, got, i+1)
			}
		}
	}
	for _, all := range []string{"", "?filter=", "?filter=all", "?filter=ALL", "?filter=%20"} {
		if got := page[client.Record](admin(t), path+all).Meta.Total; got != 28 {
			t.Errorf("%q: got %d, want 28", all, got)
		}
	}
	for _, bad := range []string{"bogus", "act", "active,awol", ".*", "%25", "active%00", "null"} {
		res := admin(t).want(400, "GET", path+"?filter="+bad, nil)
		for _, valid := range append([]string{"all"}, client.Statuses...) {
			if !strings.Contains(res.Message, valid) {
				t.Errorf("%s: the message %q does not name %s", bad, res.Message, valid)
			}
		}
	}
}

// TestFilterAndSearch narrow together, and the total counts what both leave.
func TestFilterAndSearch(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	for i := range 12 {
		newRecord(t, db.ID, fields{"first_name": []string{"Zara", "Bello"}[i%2], "status": client.Statuses[i%3]})
	}
	got := page[client.Record](admin(t), "/personnels/db/"+db.ID+"?search=zara&filter=awol&limit=1&page=2")
	if got.Meta.Total != 2 || len(got.Data) != 1 || got.Data[0].Status != "awol" || got.Data[0].FirstName != "Zara" {
		t.Errorf("got %+v", got)
	}
}

// TestMalformedQuery: a malformed query is refused, not half used.
func TestMalformedQuery(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"page=%zz", "search=%", "a;b=1", "page=1&page=2", "search=a&search=b"} {
		for _, call := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/personnels", nil},
			{"POST", "/admin/dbs", fields{"name": "Never", "short_code": unique("NEVER")}},
			{"PATCH", "/admin/dbs/" + unusedID, fields{"name": "Never"}},
			{"DELETE", "/personnels/" + unusedID, nil},
		} {
			if res := admin(t).send(call.method, call.path+"?"+query, call.body); res.Status != 400 {
				t.Errorf("%s %s: got %d, want 400", call.method, query, res.Status)
			}
		}
	}
}
