package e2e

import (
	"slices"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// pages are what each query must answer of a list of 25.
var pages = []struct {
	query string
	count int
	meta  client.Meta // without Total
}{
	{"limit=10", 10, client.Meta{Page: 1, Limit: 10, PageCount: 3, HasNextPage: true}},
	{"page=1", 10, client.Meta{Page: 1, Limit: 10, PageCount: 3, HasNextPage: true}},
	{"page=2", 10, client.Meta{Page: 2, Limit: 10, PageCount: 3, HasNextPage: true, HasPrevPage: true}},
	{"page=3", 5, client.Meta{Page: 3, Limit: 10, PageCount: 3, HasPrevPage: true}},
	{"page=4", 0, client.Meta{Page: 4, Limit: 10, PageCount: 3, HasPrevPage: true}},
	{"page=1000", 0, client.Meta{Page: 1000, Limit: 10, PageCount: 3, HasPrevPage: true}},
	{"page=0", 10, client.Meta{Page: 1, Limit: 10, PageCount: 3, HasNextPage: true}},
	{"page=-7", 10, client.Meta{Page: 1, Limit: 10, PageCount: 3, HasNextPage: true}},
	{"limit=0", 10, client.Meta{Page: 1, Limit: 10, PageCount: 3, HasNextPage: true}},
	{"limit=-1", 10, client.Meta{Page: 1, Limit: 10, PageCount: 3, HasNextPage: true}},
	{"limit=1&page=25", 1, client.Meta{Page: 25, Limit: 1, PageCount: 25, HasPrevPage: true}},
	{"limit=7&page=4", 4, client.Meta{Page: 4, Limit: 7, PageCount: 4, HasPrevPage: true}},
	{"limit=25", 25, client.Meta{Page: 1, Limit: 25, PageCount: 1}},
	{"limit=5&page=5", 5, client.Meta{Page: 5, Limit: 5, PageCount: 5, HasPrevPage: true}},
	{"limit=10000", 25, client.Meta{Page: 1, Limit: 10000, PageCount: 1}},
	{"limit=10001", 25, client.Meta{Page: 1, Limit: 10000, PageCount: 1}},
	{"limit=99999999999999999999", 25, client.Meta{Page: 1, Limit: 10000, PageCount: 1}},
	{"limit=-99999999999999999999", 10, client.Meta{Page: 1, Limit: 10, PageCount: 3, HasNextPage: true}},
}

// TestPages checks every paginated list of 25 against the same table.
func TestPages(t *testing.T) {
	t.Parallel()
	db, mark := newDB(t), unique("PAGE")
	upload(t, rowsOf(db.ID, 25))
	for range 25 {
		newPerson(t, with(userFields(), fields{"last_name": mark}))
		named := ask[client.DB](admin(t), 201, "POST", "/admin/dbs", with(dbFields(), fields{"name": mark}))
		t.Cleanup(func() { tidy("/admin/dbs/" + named.ID) })
	}
	lists := []string{
		"/personnels?db_id=" + db.ID, "/personnels/db/" + db.ID + "?filter=all",
		"/admin/users?search=" + mark, "/admin/dbs?search=" + mark,
	}
	for _, list := range lists {
		t.Run(text(list), func(t *testing.T) { checkPages(t, list) })
	}
}

func checkPages(t *testing.T, list string) {
	for _, want := range pages {
		got := page[fields](admin(t), list+"&"+want.query)
		want.meta.Total = 25
		if got.Meta != want.meta || len(got.Data) != want.count {
			t.Errorf("%s: got %d and %+v, want %d and %+v", want.query, len(got.Data), got.Meta, want.count, want.meta)
		}
	}
	var walked, whole []any
	for number := range 5 {
		walked = append(walked, ids(page[fields](admin(t), list+"&limit=5&page="+text(number+1)).Data)...)
	}
	whole = ids(page[fields](admin(t), list+"&limit=100").Data)
	if !slices.Equal(walked, whole) {
		t.Errorf("page by page: got %v, want %v", walked, whole)
	}
}

func ids(items []fields) []any {
	found := make([]any, len(items))
	for i, item := range items {
		found[i] = item["id"]
	}
	return found
}

// TestFarPage: a number beyond all pages is past the end.
func TestFarPage(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	upload(t, rowsOf(db.ID, 3))
	for _, number := range []string{"2147483648", "9223372036854775807"} {
		got := page[fields](admin(t), "/personnels/db/"+db.ID+"?limit=10000&page="+number)
		if len(got.Data) > 0 || got.Meta.Total != 3 || got.Meta.HasNextPage {
			t.Errorf("page %s: got %d and %+v", number, len(got.Data), got.Meta)
		}
	}
}

// TestBadPage: what is not a whole number is a 400 that names the parameter.
func TestBadPage(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	for _, list := range []string{"/personnels", "/personnels/db/" + db.ID, "/admin/users", "/admin/dbs"} {
		for _, name := range []string{"page", "limit"} {
			for _, value := range []string{"x", "1.5", "1e3", "0x10", "1,000", "%31%20", "null", "%00", "'", "१"} {
				res := admin(t).want(400, "GET", list+"?"+name+"="+value, nil)
				wantProblem(t, res, name)
			}
		}
		for _, beyond := range []string{"99999999999999999999", "-99999999999999999999"} {
			wantProblem(t, admin(t).want(400, "GET", list+"?page="+beyond, nil), "page")
		}
	}
}

// TestEmptyList: it is [] on one page, never null.
func TestEmptyList(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	lists := []string{
		"/personnels/db/" + db.ID, "/personnels?page=1&db_id=" + db.ID,
		"/admin/users?search=" + unique("NOBODY"), "/admin/dbs?search=" + unique("NOTHING"),
	}
	for _, list := range lists {
		got := page[fields](admin(t), list)
		if want := (client.Meta{Page: 1, Limit: 10, PageCount: 1}); got.Meta != want || got.Data == nil {
			t.Errorf("%s: got %v and %+v, want [] and %+v", list, got.Data, got.Meta, want)
		}
	}
	if got := get[[]fields](admin(t), "/personnels?db_id="+db.ID); got == nil || len(got) != 0 {
		t.Errorf("the plain array: got %v, want []", got)
	}
}

// badIDs are not valid in a path or a query.
var badIDs = []string{
	"x", "123", "null", unusedID + "0", unusedID[1:], "g" + unusedID[1:], "%20" + unusedID[1:],
	"%24ne", "00000000-0000-0000-0000-000000000000", "%D9%A0" + unusedID[1:],
}

// TestMalformedID: wherever an id is expected, what is not one is a 400.
func TestMalformedID(t *testing.T) {
	t.Parallel()
	calls := map[string][]string{
		"/admin/users/":             {"GET", "PATCH", "DELETE"},
		"/admin/dbs/":               {"PATCH", "DELETE"},
		"/personnels/":              {"GET", "PATCH", "DELETE"},
		"/personnels/db/":           {"GET"},
		"/personnels?db_id=":        {"GET"},
		"/analytics/personnels/db/": {"GET"},
	}
	for path, methods := range calls {
		for _, method := range methods {
			for _, id := range badIDs {
				if res := admin(t).send(method, path+id, fields{}); res.Status != 400 {
					t.Errorf("%s %s%s: got %d, want 400", method, path, id, res.Status)
				}
			}
		}
	}
}
