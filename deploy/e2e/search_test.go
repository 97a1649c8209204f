package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// people are those for whom the searches below look, each with a key.
var people = map[string]fields{
	"musa":    {"first_name": "Ibrahim", "last_name": "Musa"},
	"oneil":   {"first_name": "Zoé", "last_name": "O'Neil", "middle_name": "Ọláolúwa"},
	"dots":    {"first_name": "A.B", "last_name": "(Test)", "middle_name": `back\slash`},
	"percent": {"first_name": "100%", "last_name": "under_score", "middle_name": "star*"},
	"loud":    {"first_name": "ÉMILE", "last_name": "ŻÓŁĆ", "middle_name": "ΣΟΦΙΑ"},
	"regex":   {"first_name": "(a+)+$", "last_name": "[x]^|?{2}"},
	"spaces":  {"first_name": "Mary Ann", "last_name": "De La Cruz"},
	"number":  {"first_name": "Plain", "last_name": "Person", "army_number": "92NA/74/10010"},
}

// searches are what somebody types, and whom it finds.
var searches = map[string][]string{
	"musa": {"musa"}, "MUSA": {"musa"}, "usa": {"musa"}, "rahim": {"musa"},
	"musa ibra": {"musa"}, "ibra musa": {"musa"}, "  ibra   musa  ": {"musa"}, "musa musa": {"musa"},
	"ibrahimmusa": nil, "musa zoé": nil, "ibra xyz": nil, "m": {"musa", "loud", "spaces"},
	"zoé": {"oneil"}, "ZOÉ": {"oneil"}, "o'neil": {"oneil"}, "ọláolúwa": {"oneil"}, "ỌLÁOLÚWA": {"oneil"},
	"émile": {"loud"}, "Émile": {"loud"}, "żółć": {"loud"}, "σοφια": {"loud"},
	"a.b": {"dots"}, ".": {"dots"}, "(": {"dots", "regex"}, "(test)": {"dots"}, `\`: {"dots"}, `k\s`: {"dots"}, `\\`: nil,
	"%": {"percent"}, "_": {"percent"}, "*": {"percent"}, "100%": {"percent"}, "r_s": {"percent"}, "er%sc": nil,
	".*": nil, "^": {"regex"}, "$": {"regex"}, "[x]": {"regex"}, "(a+)+$": {"regex"}, "a|b": nil, "{2}": {"regex"}, "?": {"regex"},
	"mary ann": {"spaces"}, "ann mary": {"spaces"}, "la de cruz": {"spaces"},
	"92na/74": {"number"}, "10010": {"number"}, "74/100 person": {"number"},
	"' or 1=1 --": nil, "ecobank": nil, "08030000000": nil, "kaduna": nil, "posted": nil, accountMark: nil,
}

// TestSearch: what is typed is text, never a pattern.
func TestSearch(t *testing.T) {
	t.Parallel()
	db, keys := newDB(t), map[string]string{}
	for key, person := range people {
		base := fields{"army_number": fmt.Sprint("1/", len(keys)), "middle_name": ""}
		keys[newRecord(t, db.ID, with(base, person)).ID] = key
	}
	for typed, want := range searches {
		var got []string
		for _, record := range page[client.Record](admin(t), "/personnels/db/"+db.ID+"?search="+url.QueryEscape(typed)).Data {
			got = append(got, keys[record.ID])
		}
		slices.Sort(got)
		if !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%q: got %v, want %v", typed, got, want)
		}
	}
	for _, all := range []string{"", "   ", "\t"} {
		if got := page[client.Record](admin(t), "/personnels/db/"+db.ID+"?search="+url.QueryEscape(all)).Meta.Total; got != len(people) {
			t.Errorf("%q: got %d, want all %d", all, got, len(people))
		}
	}
}

// TestBadSearch: what no field can hold is refused rather than searched for.
func TestBadSearch(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	for _, list := range []string{"/personnels/db/" + db.ID, "/admin/users", "/admin/dbs"} {
		for _, typed := range []string{"a\x00b", "a\nb", "a\u0085b", "a\u2029b", "a\xffb", strings.Repeat("x", 101)} {
			res := admin(t).want(400, "GET", list+"?search="+url.QueryEscape(typed), nil)
			wantProblem(t, res, "search")
		}
	}
}

// searcher asks for random lists.
type searcher struct {
	*rand.Rand
	records map[string][]client.Record // by database, in order
}

// TestSearchAgreesWithBruteForce is promise 4: for random callers, terms, filters and
// pages, every row is in scope, and the total is what a plain loop counts.
func TestSearchAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	questions := rounds(200, 60)
	if rig.IsSoak() {
		questions = 2000
	}
	random := rand.New(rand.NewPCG(1, 2))
	mine, other := newDB(t).ID, newDB(t).ID
	upload(t, randomRows(random, mine, 120))
	upload(t, randomRows(random, other, 60))
	asks := searcher{random, map[string][]client.Record{}}
	for _, db := range []string{mine, other} {
		asks.records[db] = page[client.Record](admin(t), "/personnels/db/"+db+"?limit=200").Data
	}
	scopes := [][]string{{}, {mine}, {other}, {mine, other}}
	callers := make([]caller, len(scopes))
	for i, scope := range scopes {
		callers[i] = newCaller(t, scope...)
	}
	for range questions {
		i := random.IntN(len(scopes))
		asks.ask(callers[i], scopes[i], []string{mine, other}[random.IntN(2)])
	}
	t.Logf("promise 4: %d lists hold what a plain loop finds", questions)
}

// ask asks for a part of one database or of all that the caller may see.
func (a searcher) ask(c caller, scope []string, db string) {
	c.t.Helper()
	typed := syllables(a.Rand, 1+a.IntN(2)) + []string{"", " ", "%", ".*", "') OR 1=1 --"}[a.IntN(5)*a.IntN(2)]
	status := []string{"all", "active", "awol", "cse"}[a.IntN(4)]
	page, limit := 1+a.IntN(4), 1+a.IntN(20)
	part := fmt.Sprintf("page=%d&limit=%d", page, limit)
	if a.IntN(3) == 0 { // a list that has no search: what is typed changes nothing
		a.check(c, "/personnels?search="+url.QueryEscape(typed)+"&"+part, a.found(scope, "", "all"), page, limit)
		return
	}
	path := fmt.Sprintf("/personnels/db/%s?search=%s&filter=%s&%s", db, url.QueryEscape(typed), status, part)
	if !slices.Contains(scope, db) {
		c.want(403, "GET", path, nil)
		return
	}
	a.check(c, path, a.found([]string{db}, typed, status), page, limit)
}

// found are the records of the databases that fit, in the order of the lists.
func (a searcher) found(scope []string, typed, status string) (found []client.Record) {
	for _, db := range slices.Sorted(slices.Values(scope)) {
		for _, record := range a.records[db] {
			if matches(record, typed) && (status == "all" || record.Status == status) {
				found = append(found, record)
			}
		}
	}
	return found
}

func (a searcher) check(c caller, path string, want []client.Record, number, limit int) {
	c.t.Helper()
	first := min((number-1)*limit, len(want))
	got := page[client.Record](c, path)
	if got.Meta.Total != len(want) || !slices.Equal(got.Data, want[first:min(first+limit, len(want))]) {
		c.t.Errorf("%s: got %d of %d, want them from %d of %d", path, len(got.Data), got.Meta.Total, first, len(want))
	}
}

func randomRows(random *rand.Rand, db string, count int) []fields {
	rows := rowsOf(db, count)
	for i := range rows {
		rows[i]["first_name"] = syllables(random, 2)
		rows[i]["last_name"] = syllables(random, 3)
		rows[i]["status"] = client.Statuses[random.IntN(len(client.Statuses))]
		rows[i]["army_number"] = fmt.Sprint(random.Uint32(), "/", rows[i]["army_number"])
	}
	return rows
}

func syllables(random *rand.Rand, count int) string {
	known := []string{"mu", "SA", "ib", "ra", "hím", "Bé", "llo", "a%", "u_"}
	var word strings.Builder
	for range count {
		word.WriteString(known[random.IntN(len(known))])
	}
	return word.String()
}

func matches(record client.Record, typed string) bool {
	for _, word := range strings.Fields(strings.ToLower(typed)) {
		found := slices.ContainsFunc(
			[]string{record.FirstName, record.MiddleName, record.LastName, record.ArmyNumber},
			func(field string) bool { return strings.Contains(strings.ToLower(field), word) })
		if !found {
			return false
		}
	}
	return true
}

// oddParts are what odd names and odd searches are made of: letters whose two
// cases differ in length or have more than one partner, accents written in one
// character and in two, and what patterns are made of.
var oddParts = []string{
	"É", "é", "e\u0301", "ſ", "s", "S", "İ", "i", "ı", "I", "ß", "ẞ", "ss", "K", "k", "K", "Σ", "σ", "ς", "Å", "Å", "ọ", "Ǆ", "ǆ", "𐐀", "𐐨",
	"%", "_", `\`, `\%`, "(a+)+$", ".*", "^", "[a-z]", "'", `"`, "--", "$ne", "{", "\u200d", "\ufeff", "😀", " ", " ", "\u00a0",
}

func oddText(random *rand.Rand, most int) string {
	var made strings.Builder
	for range 1 + random.IntN(most) {
		made.WriteString(oddParts[random.IntN(len(oddParts))])
	}
	return strings.TrimSpace(made.String())
}

// holds tells whether each word of what was typed is in one of the fields, by
// the rules of strings.EqualFold. That has no partner for İ, which is an i. Nobody
// sees a joiner or a byte order mark, or in how many characters an accent is
// written.
func holds(typed string, fields ...string) bool {
	seen := strings.NewReplacer("İ", "i", "\u200d", "", "\ufeff", "", "e\u0301", "é")
	for word := range strings.FieldsSeq(seen.Replace(typed)) {
		if !slices.ContainsFunc(fields, func(field string) bool { return contains([]rune(seen.Replace(field)), []rune(word)) }) {
			return false
		}
	}
	return true
}

func contains(text, word []rune) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if strings.EqualFold(string(text[i:i+len(word)]), string(word)) {
			return true
		}
	}
	return false
}

// TestOddSearches is promise 18: 500 odd terms find what a plain look at each
// record finds, in the order of creation. As the suite runs on every store with
// the same terms, all give identical lists.
func TestOddSearches(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	db := newDB(t)
	rows := rowsOf(db.ID, 100)
	for i := range rows {
		rows[i]["first_name"], rows[i]["last_name"] = "n"+oddText(random, 4), oddText(random, 4)+"n"
	}
	upload(t, rows)
	records := page[client.Record](admin(t), "/personnels/db/"+db.ID+"?limit=100").Data
	found := 0
	terms := rounds(500, 50)
	for range terms {
		typed := oddText(random, 3)
		var want []client.Record
		for _, r := range records {
			if holds(typed, r.FirstName, r.MiddleName, r.LastName, r.ArmyNumber) {
				want = append(want, r)
			}
		}
		got := page[client.Record](admin(t), "/personnels/db/"+db.ID+"?limit=100&search="+url.QueryEscape(typed))
		if found += len(want); got.Meta.Total != len(want) || !slices.Equal(got.Data, want) {
			t.Errorf("%q: got %d, want %d", typed, got.Meta.Total, len(want))
		}
	}
	if found < terms {
		t.Errorf("the %d terms find %d records: too few to tell", terms, found)
	}
}

// TestOddSearchesOfTheRest is promise 18 for users and databases.
func TestOddSearchesOfTheRest(t *testing.T) {
	t.Parallel()
	random, mark := rand.New(rand.NewPCG(7, 8)), unique("ODD")
	var users []client.User
	var dbs []client.DB
	for range 10 {
		user := newPerson(t, with(userFields(), fields{"first_name": "n" + oddText(random, 9), "last_name": mark}))
		users = append(users, get[client.User](admin(t), "/admin/users/"+user.id))
		db := ask[client.DB](admin(t), 201, "POST", "/admin/dbs", with(dbFields(), fields{"name": mark + oddText(random, 9)}))
		t.Cleanup(func() { tidy("/admin/dbs/" + db.ID) })
		dbs = append(dbs, db)
	}
	for range 100 {
		typed := oddText(random, 2)
		query := "?limit=100&search=" + url.QueryEscape(mark+" "+typed)
		wantUsers := slices.DeleteFunc(slices.Clone(users), func(u client.User) bool { return !holds(typed, u.FirstName, u.LastName, u.ArmyNumber) })
		wantDBs := slices.DeleteFunc(slices.Clone(dbs), func(d client.DB) bool { return !holds(typed, d.Name, d.ShortCode) })
		gotUsers, gotDBs := page[client.User](admin(t), "/admin/users"+query).Data, page[client.DB](admin(t), "/admin/dbs"+query).Data
		if !slices.EqualFunc(gotUsers, wantUsers, func(a, b client.User) bool { return a.ID == b.ID }) || !slices.Equal(gotDBs, wantDBs) {
			t.Errorf("%q: got %d users and %d databases, want %d and %d", typed, len(gotUsers), len(gotDBs), len(wantUsers), len(wantDBs))
		}
	}
}
