package moving

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// checkLegacy compares an origin with the dump: logins, lists, filters, searches and
// figures are those that it says (promise 27).
func checkLegacy(t *testing.T, where, origin string) {
	t.Helper()
	d := readLegacy(t)
	if len(d.dbs) == 0 || len(d.users) == 0 || len(d.live) == 0 || len(d.deleted) == 0 {
		t.Fatal("the dump lacks a kind of document: nothing would be compared")
	}
	for _, who := range []person{admin, user} {
		caller, session, err := client.New(origin).Login(t.Context(), who.number, who.password)
		must(t, err)
		c := check{t, where + ": " + who.number + ": ", caller}
		me := d.users[slices.IndexFunc(d.users, func(u client.User) bool { return u.ArmyNumber == who.number })]
		same(c, "the login", []client.User{session.User}, []client.User{me})
		same(c, "/auth/me", []client.User{get[client.User](c, "/auth/me")}, []client.User{me})
		if me.AccessAllDB {
			c.everything(d)
		}
		c.sight(d, func(db string) bool {
			return me.AccessAllDB || slices.ContainsFunc(me.AllowedDBs, func(mine client.DB) bool { return mine.ID == db })
		})
	}
}

// check is what one caller is shown, compared with the dump.
type check struct {
	t      *testing.T
	where  string
	caller *client.Client
}

func get[T any](c check, path string) T {
	c.t.Helper()
	data, err := client.Get[T](c.t.Context(), c.caller, path)
	if err != nil {
		c.t.Fatalf("%s%s: %v", c.where, path, err)
	}
	return data
}

// same compares two lists, and shows the first difference.
func same[T any](c check, what string, got, want []T) {
	c.t.Helper()
	if len(got) != len(want) {
		c.t.Errorf("%s%s: got %d, want %d", c.where, what, len(got), len(want))
		return
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			c.t.Errorf("%s%s: number %d is\n%+v, want\n%+v", c.where, what, i, got[i], want[i])
			return
		}
	}
}

// everything checks what only an admin is shown.
func (c check) everything(d office) {
	c.t.Helper()
	users := get[client.List[client.User]](c, "/admin/users?role=all&limit=100").Data
	same(c, "the users", sorted(users, func(u client.User) string { return u.ID }), sorted(d.users, func(u client.User) string { return u.ID }))
	figures := get[client.Figures](c, "/analytics/dashboard")
	for name, want := range map[string]int{
		"users": len(d.users), "databases": len(d.dbs), "personnel": len(d.live), "deleted_personnel": len(d.deleted),
	} {
		if got := figures[name].Total; got != want {
			c.t.Errorf("%sthe dashboard's %s: got %d, want %d", c.where, name, got, want)
		}
	}
}

// sight checks the databases that the caller may see, and what is in them.
func (c check) sight(d office, mine func(db string) bool) {
	c.t.Helper()
	dbs := only(d.dbs, func(db client.DB) bool { return mine(db.ID) })
	listed := get[client.List[client.DB]](c, "/admin/dbs?limit=100").Data
	same(c, "the databases", sorted(listed, func(db client.DB) string { return db.ID }), sorted(dbs, func(db client.DB) string { return db.ID }))
	live := only(d.live, func(r client.Record) bool { return mine(r.DBID) })
	all := get[[]client.Record](c, "/personnels")
	same(c, "all records", sorted(all, byID), sorted(live, byID))
	for _, db := range dbs {
		c.lists(db.ID, only(live, func(r client.Record) bool { return r.DBID == db.ID }))
		c.figures(db.ID, d)
	}
}

// lists checks the list of a database, each filter of it, and two searches.
func (c check) lists(db string, live []client.Record) {
	c.t.Helper()
	list := func(query string, isIn func(client.Record) bool) {
		c.t.Helper()
		path := "/personnels/db/" + db + "?limit=1000" + query
		same(c, path, get[client.List[client.Record]](c, path).Data, only(live, isIn))
	}
	list("", func(client.Record) bool { return true })
	for _, status := range client.Statuses {
		list("&filter="+status, func(r client.Record) bool { return r.Status == status })
	}
	for _, typed := range []string{"ola", "na/7"} {
		list("&search="+typed, func(r client.Record) bool {
			return slices.ContainsFunc([]string{r.FirstName, r.MiddleName, r.LastName, r.ArmyNumber},
				func(text string) bool { return strings.Contains(strings.ToLower(text), typed) })
		})
	}
}

// figures checks the analytics of a database.
func (c check) figures(db string, d office) {
	c.t.Helper()
	inDB := func(r client.Record) bool { return r.DBID == db }
	want := map[string]int{"personnel": len(only(d.live, inDB)), "deleted_personnel": len(only(d.deleted, inDB))}
	for _, status := range client.Statuses {
		want[status+"_personnel"] = len(only(d.live, func(r client.Record) bool { return inDB(r) && r.Status == status }))
	}
	got := get[client.Figures](c, "/analytics/personnels/db/"+db)
	for name, count := range want {
		if total := got["total_"+name].Total; total != count {
			c.t.Errorf("%stotal_%s of %s: got %d, want %d", c.where, name, db, total, count)
		}
	}
}

func only[T any](list []T, isIn func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(item T) bool { return !isIn(item) })
}

func byID(r client.Record) string { return r.ID }

func sorted[T any](list []T, key func(T) string) []T {
	return slices.SortedFunc(slices.Values(list), func(a, b T) int { return strings.Compare(key(a), key(b)) })
}
