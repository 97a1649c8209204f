package e2e

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// noText are values where a text is wanted. Some would be operators if a client's value
// could ever be one (promise 18).
var noText = []any{1, 1.5e300, true, []any{}, []any{"text"}, fields{}, fields{"$ne": ""}, fields{"$gt": ""}}

// badText are texts that are refused in every field but a password.
var badText = []any{"a\u0000b", "a\nb", "a\tb", "a\u001bb", "a\u007fb", "a\u0085b", "a\u2028b", strings.Repeat("é", 1001)}

// optional are the fields that may be left empty.
var optional = []string{"role", "allowed_dbs", "description", "middle_name", "location", "remark", "status"}

// secrets are kept as they are typed.
var secrets = []string{"password", "old_password", "new_password"}

// TestBadFields: in every field of every body, each bad value is a 400 that
// names the field.
func TestBadFields(t *testing.T) {
	t.Parallel()
	eachWrite(t, func(t *testing.T, good request) {
		body, isObject := good.body.(fields)
		if !isObject {
			return // an upload reports a bad row in its own way
		}
		for name, value := range body {
			if _, isText := value.(string); !isText {
				continue
			}
			for _, bad := range badValues(name) {
				res := good.by.send(good.method, good.path, with(body, fields{name: bad}))
				if res.Status != 400 {
					t.Errorf("%s is %s: got %d, want 400", name, text(bad), res.Status)
					continue
				}
				wantProblem(t, res, name)
			}
		}
		if res := good.by.send(good.method, good.path, body); !res.OK() {
			t.Errorf("the good body: got %d (%s)", res.Status, res.Message)
		}
	})
}

func badValues(name string) []any {
	bad := slices.Clone(noText)
	if !slices.Contains(secrets, name) {
		bad = append(bad, badText...)
	}
	if !slices.Contains(optional, name) {
		bad = append(bad, nil, "")
		if !slices.Contains(secrets, name) {
			bad = append(bad, "  \t ")
		}
	}
	return bad
}

// TestMissingFields: each required field that is not there is named, and all
// of them together.
func TestMissingFields(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	bodies := map[string]fields{
		"/auth/login":           {"army_number": "x", "password": "x"},
		"/admin/users":          with(userFields(), fields{"role": absent, "allowed_dbs": absent}),
		"/admin/reset-password": {"user_id": unusedID, "new_password": "long enough"},
		"/admin/dbs":            with(dbFields(), fields{"description": absent}),
		"/personnels":           recordFields(db.ID),
	}
	for path, body := range bodies {
		empty := admin(t).want(400, "POST", path, fields{})
		for name := range body {
			wantProblem(t, empty, name)
			wantProblem(t, admin(t).want(400, "POST", path, with(body, fields{name: absent})), name)
		}
	}
}

// TestMessageNamesTheFirstProblem: the frontend shows nothing but the message.
func TestMessageNamesTheFirstProblem(t *testing.T) {
	t.Parallel()
	res := admin(t).want(400, "POST", "/personnels", with(recordFields(unusedID), fields{"first_name": "", "rank": 1}))
	problems := dataOf[client.Problems](t, res).Errors
	if len(problems) != 2 {
		t.Fatalf("got %+v, want 2 problems", problems)
	}
	if want := "The first name must not be blank, and 1 more."; res.Message != want {
		t.Errorf("the message is %q, want %q", res.Message, want)
	}
}

// banks are values of bank that are refused, with the field that is named.
var banks = []struct {
	value any
	field string
}{
	{nil, "bank"}, {"ECOBANK PLC", "bank"}, {1, "bank"}, {[]any{}, "bank"}, {[]any{fields{}}, "bank"},
	{fields{}, "bank.name"}, {fields{}, "bank.sort_code"},
	{fields{"name": "ECOBANK PLC"}, "bank.sort_code"},
	{fields{"name": 1, "sort_code": "1"}, "bank.name"},
	{fields{"name": "ECOBANK PLC", "sort_code": ""}, "bank.sort_code"},
	{fields{"name": "  ", "sort_code": "1"}, "bank.name"},
	{fields{"name": nil, "sort_code": "1"}, "bank.name"},
	{fields{"name": strings.Repeat("x", 101), "sort_code": "1"}, "bank.name"},
	{fields{"Name": "ECOBANK PLC", "sort_code": "1"}, "bank.name"},
}

// TestBadBank: the fields of a bank are named with their path.
func TestBadBank(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	for _, bank := range banks {
		res := admin(t).send("POST", "/personnels", with(recordFields(db.ID), fields{"bank": bank.value}))
		wantProblem(t, res, bank.field)
	}
}

// TestNoTextInARow is promise 18 for what TestBadFields leaves out: in every
// field of a row, and within a bank, only a text is taken.
func TestNoTextInARow(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	record := newRecord(t, db.ID)
	whole := fullFields(db.ID)
	delete(whole, "bank")
	paths := append([]string{"bank.name", "bank.sort_code"}, slices.Collect(maps.Keys(whole))...)
	for _, path := range paths {
		var rows []fields
		for _, bad := range noText {
			rows = append(rows, put(fullFields(db.ID), path, bad))
			wantProblem(t, admin(t).send("POST", "/personnels", rows[len(rows)-1]), path)
			wantProblem(t, admin(t).send("PATCH", "/personnels/"+record.ID, put(fields{}, path, bad)), path)
		}
		done := ask[client.Upload](admin(t), 400, "POST", "/personnels/upload", rows)
		if done.Inserted > 0 || len(done.Failed) != len(rows) {
			t.Errorf("%s: %d rows of %d went in", path, done.Inserted, len(rows))
		}
		for _, failed := range done.Failed {
			if !strings.Contains(failed.Error, spoken[path]+" must be text") {
				t.Errorf("%s: row %d fails with %q", path, failed.Index, failed.Error)
			}
		}
	}
	wantTotal(t, db.ID, 1)
	if now := get[client.Record](admin(t), "/personnels/"+record.ID); now != record {
		t.Errorf("a refused change made %+v of %+v", now, record)
	}
}

// TestOperatorsInAQuery is promise 18: a parameter with an operator in its name
// is another parameter, and one with an operator in its value is that text.
func TestOperatorsInAQuery(t *testing.T) {
	t.Parallel()
	db, user := newDB(t), newCaller(t)
	upload(t, rowsOf(db.ID, 12))
	for _, query := range []string{"search[$ne]=x", "search[$regex]=.*", "filter[$ne]=active", "page[$gt]=5", "limit[$gt]=1", "Search=x", "FILTER=awol"} {
		if got := page[client.Record](admin(t), "/personnels/db/"+db.ID+"?"+query); got.Meta.Total != 12 || len(got.Data) != 10 {
			t.Errorf("%s: got %d of %d, want 10 of 12", query, len(got.Data), got.Meta.Total)
		}
	}
	for _, query := range []string{"db_id[$ne]=x", "db_id[$exists]=true", "allowed_dbs=" + db.ID, "role=admin"} {
		if got := get[[]client.Record](user, "/personnels?"+query); len(got) > 0 {
			t.Errorf("%s: a user without databases sees %d records", query, len(got))
		}
	}
	for _, value := range []string{`{"$ne":null}`, `[$ne]`, `$where`, `'||1||'`} {
		value = url.QueryEscape(value)
		if got := page[client.Record](admin(t), "/personnels/db/"+db.ID+"?search="+value).Meta.Total; got != 0 {
			t.Errorf("%s: found %d", value, got)
		}
		admin(t).want(400, "GET", "/personnels/db/"+db.ID+"?filter="+value, nil)
		admin(t).want(400, "GET", "/personnels?db_id="+value, nil)
		admin(t).want(400, "GET", "/admin/users?role="+value, nil)
	}
}

// TestBadChoice: a value outside a list, or one that is not an id, is refused by name.
func TestBadChoice(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	record, user := newRecord(t, db.ID), newPerson(t, userFields())
	c := admin(t)
	for _, status := range []string{"ACTIVE", "retired", "all", "deleted", "ac tive"} {
		wantProblem(t, c.send("POST", "/personnels", with(recordFields(db.ID), fields{"status": status})), "status")
		wantProblem(t, c.send("PATCH", "/personnels/"+record.ID, fields{"status": status}), "status")
	}
	for _, role := range []string{"Admin", "root", "superuser", "all"} {
		wantProblem(t, c.send("POST", "/admin/users", with(userFields(), fields{"role": role})), "role")
		wantProblem(t, c.send("PATCH", "/admin/users/"+user.id, fields{"role": role}), "role")
	}
	for _, id := range []string{"x", unusedID + "0", "g" + unusedID[1:]} {
		wantProblem(t, c.send("POST", "/personnels", with(recordFields(db.ID), fields{"db_id": id})), "db_id")
		wantProblem(t, c.send("PATCH", "/personnels/"+record.ID, fields{"db_id": id}), "db_id")
		reset := fields{"user_id": id, "new_password": newPassword()}
		wantProblem(t, c.send("POST", "/admin/reset-password", reset), "user_id")
	}
}

// TestTextLimits: 100 characters for names and codes, 1000 for notes, whatever
// they take in bytes; blanks around do not count.
func TestTextLimits(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	long := strings.Repeat("ọ", 100)
	at := with(fullFields(db.ID), fields{
		"first_name": long, "rank": " " + long + " ", "location": long, "remark": strings.Repeat("ọ", 1000),
	})
	made := ask[client.Record](admin(t), 201, "POST", "/personnels", at)
	if made.Rank != long || made.FirstName != long || made.Remark != at["remark"] {
		t.Error("a text of the greatest length was changed")
	}
	for _, name := range []string{"first_name", "rank", "location", "remark"} {
		over := with(at, fields{"army_number": unique("OVER"), name: at[name].(string) + "!" + long})
		wantProblem(t, admin(t).send("POST", "/personnels", over), name)
	}
	note := with(dbFields(), fields{"description": strings.Repeat("x", 1000)})
	tidy("/admin/dbs/" + ask[client.DB](admin(t), 201, "POST", "/admin/dbs", note).ID)
	wantProblem(t, admin(t).send("POST", "/admin/dbs", with(note, fields{"description": strings.Repeat("x", 1001)})), "description")
}

// TestTextIsTrimmed: blanks around a text are removed, those within stay.
func TestTextIsTrimmed(t *testing.T) {
	t.Parallel()
	db, c := newDB(t), admin(t)
	record := newRecord(t, db.ID, fields{
		"first_name": "  Musa  Sani \n", "location": "\u00a0Kaduna\t", "bank": fields{"name": " GTB ", "sort_code": "\t1 "},
		"remark": "   ", "db_id": " " + db.ID + " ",
	})
	got := []string{record.FirstName, record.Location, record.Bank.Name, record.Bank.SortCode, record.Remark}
	if want := []string{"Musa  Sani", "Kaduna", "GTB", "1", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	code := unique("TRIM")
	spaced := ask[client.DB](c, 201, "POST", "/admin/dbs", fields{"name": " N ", "short_code": " " + code + "\n"})
	t.Cleanup(func() { tidy("/admin/dbs/" + spaced.ID) })
	if spaced.ShortCode != code || spaced.Name != "N" {
		t.Errorf("got %+v, want the code %s and the name N", spaced, code)
	}
	c.want(409, "POST", "/admin/users", with(userFields(), fields{"army_number": " " + newCaller(t).number + " "}))
}
