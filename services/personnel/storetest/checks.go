package storetest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/services/personnel"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

var checkCases = cases{
	"checks/planted":               checksPlanted,
	"checks/after random changes":  checksAfterChanges,
	"checks/a number of very many": checksOfMany,
	"Shared/in parts":              sharedInParts,
}

// checked is a store with what it must hold.
type checked struct {
	f       Fixture
	records map[office.ID]office.Personnel // the live ones
	n       int
}

// zenith is a bank whose account numbers can be checked, and village an unknown one.
var zenith, village = office.Bank{Name: "ZENITH BANK PLC", SortCode: "057150001"}, office.Bank{Name: "Village Bank", SortCode: "999150001"}

// clean is a record in which the checks find nothing.
func (c *checked) clean(db office.DB, edits ...func(*office.Personnel)) office.Personnel {
	c.n++
	record := officetest.Personnel(c.n, db.ID)
	record.Bank = zenith
	for digit := range 10 {
		record.AcctNumber = fmt.Sprintf("%09d%d", 700_000_000+c.n, digit)
		if len(record.FailedChecks()) == 0 {
			break
		}
	}
	for _, edit := range edits {
		edit(&record)
	}
	return record
}

func (c *checked) add(t testing.TB, records ...office.Personnel) {
	t.Helper()
	c.f.AddPersonnel(t, records...)
	for _, record := range records {
		c.records[record.ID] = record
	}
}

func (c *checked) delete(t testing.TB, record office.Personnel) {
	t.Helper()
	c.f.DeletePersonnel(t, officetest.At(1), record.ID)
	delete(c.records, record.ID)
}

func (c *checked) update(t testing.TB, id office.ID, patch office.PersonnelPatch) {
	t.Helper()
	record, _, err := c.f.Store.Update(t.Context(), everywhere, id, patch, office.Edit{At: now})
	if errors.Is(err, office.ErrArmyNumberTaken) {
		return
	}
	officetest.Must(t, err)
	c.records[id] = record
}

// since is when the period of the checks begins, and now is in it.
var since, now = day(2026, 5), day(2026, 5).Add(time.Hour)

func day(year int, month time.Month) time.Time {
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// found is a finding in short: code, severity and the ids of the records.
type found string

func foundIn(check office.Check, severity office.Severity, records ...office.Personnel) found {
	slices.SortFunc(records, func(a, b office.Personnel) int {
		return cmp.Or(strings.Compare(a.ArmyNumber, b.ArmyNumber), office.CompareIDs(a.DBID, b.DBID))
	})
	text := string(check) + " " + string(severity)
	for _, record := range records {
		text += " " + record.ID.Hex()
	}
	return found(text)
}

func (f found) code() string {
	code, _, _ := strings.Cut(string(f), " ")
	return code
}

// question is a call of the checks.
type question struct {
	scope office.Scope
	db    *office.DB
	code  string
}

// answer is what the call answers, read in pages of that size.
func (c *checked) answer(t testing.TB, q question, size int) (list []found, counts map[string]int) {
	t.Helper()
	for number := 1; ; number++ {
		data := c.call(t, q, number, size)
		for _, f := range data.Data {
			text := f.Code + " " + f.Severity
			for _, record := range f.Records {
				text += " " + record.ID
			}
			if f.Message == "" {
				t.Errorf("%s has no message", text)
			}
			list = append(list, found(text))
		}
		if !data.Meta.HasNextPage {
			if data.Meta.Total != len(list) {
				t.Errorf("%d findings, and the total is %d", len(list), data.Meta.Total)
			}
			return list, data.Counts
		}
	}
}

type checksData struct {
	Data []struct {
		Code, Severity, Message string
		Records                 []struct{ ID string }
	}
	Meta   web.Meta
	Counts map[string]int
}

// call answers as GET /personnels/checks does.
func (c *checked) call(t testing.TB, q question, number, size int) (data checksData) {
	t.Helper()
	query := url.Values{"page": {fmt.Sprint(number)}, "limit": {fmt.Sprint(size)}, "code": {q.code}, "since": {since.Format(time.RFC3339)}}
	if q.db != nil {
		query.Set("db_id", q.db.ID.Hex())
	}
	answer, err := checksOf(c.f.Store)(t.Context(), &web.Request{Caller: callerWith(q.scope), Query: query})
	officetest.Must(t, err)
	var body []byte
	for chunk, err := range answer.Stream {
		officetest.Must(t, err)
		body = append(body, chunk...)
	}
	officetest.Must(t, json.Unmarshal(body, &struct{ Data *checksData }{&data}))
	return data
}

// checksOf is the handler of the checks on a store.
func checksOf(store personnel.Store) web.Handler {
	routes := personnel.Routes(personnel.Deps{Store: store, Now: func() time.Time { return now }})
	return routes[slices.IndexFunc(routes, func(r web.Route) bool { return r.Path == "/personnels/checks" })].Handler
}

func callerWith(scope office.Scope) token.Caller {
	user := office.User{ID: officetest.User(1).ID, Role: office.RoleUser, AllowedDBs: scope.DBs}
	if scope.All {
		user.Role = office.RoleAdmin
	}
	return token.Caller{User: user}
}

// bruteForce is what all checks find, by comparing every record with every other.
func (c *checked) bruteForce(q question) (all []found) {
	byAcct, byNumber := map[string][]office.Personnel{}, map[string][]office.Personnel{}
	inside := func(p office.Personnel) bool { return q.db == nil || p.DBID == q.db.ID }
	for _, p := range c.records {
		if !q.scope.Allows(p.DBID) {
			continue
		}
		byAcct[p.AcctNumber], byNumber[p.ArmyNumber] = append(byAcct[p.AcctNumber], p), append(byNumber[p.ArmyNumber], p)
		if !inside(p) {
			continue
		}
		for _, check := range p.FailedChecks() {
			severity := office.Low
			if slices.Contains([]office.Check{office.AcctFormat, office.SortCodeFormat, office.SortCodeMissing}, check) {
				severity = office.High
			}
			all = append(all, foundIn(check, severity, p))
		}
		if !p.CreatedAt.Before(since) {
			all = append(all, foundIn(office.NewPayee, office.Low, p))
		}
		if !p.BankChangedAt.Before(since) {
			all = append(all, foundIn(office.BankChanged, office.Low, p))
		}
	}
	for _, group := range byAcct {
		if slices.ContainsFunc(group, inside) {
			all = append(all, inGroup(group, office.AcctShared, isOther, isSameBank)...)
		}
	}
	for _, group := range byNumber {
		if slices.ContainsFunc(group, inside) {
			all = append(all, inGroup(group, office.PersonTwice, isElsewhere, areActive)...)
		}
	}
	return all
}

func isOther(a, b office.Personnel) bool     { return a.ArmyNumber != b.ArmyNumber }
func isElsewhere(a, b office.Personnel) bool { return a.DBID != b.DBID }
func isSameBank(a, b office.Personnel) bool {
	return a.Bank.Code() == b.Bank.Code() && a.Bank.Code() != ""
}
func areActive(a, b office.Personnel) bool {
	return a.Status == office.StatusActive && b.Status == office.StatusActive
}

// inGroup compares every two of the records that share a number.
func inGroup(group []office.Personnel, check office.Check, apart, isHigh func(a, b office.Personnel) bool) (all []found) {
	areApart, severity, conflict := false, office.Low, false
	for _, a := range group {
		for _, b := range group {
			areApart = areApart || apart(a, b)
			if apart(a, b) && isHigh(a, b) {
				severity = office.High
			}
			isGone := b.Status == office.StatusDeath || b.Status == office.StatusAWOL
			conflict = conflict || a.Status == office.StatusActive && isGone
		}
	}
	if areApart {
		all = append(all, foundIn(check, severity, group...))
	}
	if areApart && conflict {
		all = append(all, foundIn(office.StatusConflict, office.High, group...))
	}
	return all
}

// check compares what the calls answer with brute force, for each scope.
func (c *checked) check(t testing.TB, sizes ...int) {
	t.Helper()
	for _, scope := range []office.Scope{everywhere, office.ScopeOf(one.ID), {DBs: []office.ID{two.ID, three.ID}}, {}} {
		for _, db := range []*office.DB{nil, &two} {
			if db != nil && !scope.Allows(db.ID) {
				continue
			}
			c.checkAnswer(t, question{scope: scope, db: db}, sizes...)
		}
	}
}

// checkEach does the same for calls that ask for one check.
func (c *checked) checkEach(t testing.TB) {
	t.Helper()
	for _, check := range office.Checks {
		c.checkAnswer(t, question{scope: everywhere, code: string(check)}, 10_000)
	}
}

func (c *checked) checkAnswer(t testing.TB, q question, sizes ...int) {
	t.Helper()
	want, wantCounts := c.bruteForce(q), map[string]int{}
	for _, check := range office.Checks {
		wantCounts[string(check)] = 0
	}
	for _, f := range want {
		wantCounts[f.code()]++
	}
	want = slices.DeleteFunc(want, func(f found) bool { return q.code != "" && f.code() != q.code })
	slices.Sort(want)
	var first []found
	for _, size := range sizes {
		got, counts := c.answer(t, q, size)
		officetest.Equal(t, fmt.Sprintf("the counts for %+v", q), counts, wantCounts)
		if first == nil {
			first = got
			checkOrder(t, got)
		} else if !slices.Equal(got, first) {
			t.Errorf("%+v: in pages of %d there is another list", q, size)
		}
		if sorted := slices.Sorted(slices.Values(got)); !slices.Equal(sorted, want) {
			t.Errorf("%+v:\nfound too much %q\nnot found %q", q, without(sorted, want), without(want, sorted))
		}
	}
}

func without(list, other []found) []found {
	return slices.DeleteFunc(slices.Clone(list), func(f found) bool { return slices.Contains(other, f) })
}

// checkOrder: high findings come first, and those of one severity in the order of the checks.
func checkOrder(t testing.TB, list []found) {
	t.Helper()
	rank := func(f found) int {
		words := strings.Fields(string(f))
		at := slices.Index(office.Checks, office.Check(words[0]))
		if words[1] == string(office.Low) {
			at += len(office.Checks)
		}
		return at
	}
	if !slices.IsSortedFunc(list, func(a, b found) int { return rank(a) - rank(b) }) {
		t.Errorf("not in order: %q", list)
	}
}

// planted is a case, and the databases that somebody must see to find it.
type planted struct {
	finding found
	dbs     []office.ID
}

// plant plants the nth of the cases of each code, and some that only look like one.
func (c *checked) plant(t testing.TB, n int) (cases []planted) {
	t.Helper()
	here, there := one, two
	if n%2 == 0 { // within one database, where that is possible
		there = one
	}
	with := func(edit func(p *office.Personnel)) []office.Personnel {
		records := []office.Personnel{c.clean(here), c.clean(there)}
		edit(&records[1])
		return records
	}
	expect := func(check office.Check, severity office.Severity, records ...office.Personnel) {
		c.add(t, records...)
		dbs := []office.ID{}
		for _, record := range records {
			dbs = append(dbs, record.DBID)
		}
		cases = append(cases, planted{foundIn(check, severity, records...), dbs})
	}
	same := c.clean(here)
	expect(office.AcctShared, office.High, same, c.clean(there, func(p *office.Personnel) { p.AcctNumber = same.AcctNumber }))
	same = c.clean(here)
	expect(office.AcctShared, office.Low, same, c.clean(there, func(p *office.Personnel) { p.AcctNumber, p.Bank = same.AcctNumber, village }))
	same = c.clean(one)
	expect(office.PersonTwice, office.High, same, c.clean(two, officetest.Numbered(same.ArmyNumber)))
	same = c.clean(one)
	copied := c.clean(three, func(p *office.Personnel) {
		p.ArmyNumber, p.AcctNumber, p.Status = same.ArmyNumber, same.AcctNumber, office.StatusPosted
	})
	expect(office.PersonTwice, office.Low, same, copied)
	same = c.clean(here)
	gone := officetest.Pick(rand.New(rand.NewPCG(1, uint64(n))), office.StatusDeath, office.StatusAWOL)
	expect(office.StatusConflict, office.High, same, c.clean(there, func(p *office.Personnel) { p.AcctNumber, p.Status = same.AcctNumber, gone }))
	same = c.clean(one)
	expect(office.StatusConflict, office.High, same, c.clean(two, func(p *office.Personnel) { p.ArmyNumber, p.Status = same.ArmyNumber, gone }))
	expect(office.NewPayee, office.Low, c.clean(here, officetest.Created(since.Add(time.Duration(n)*time.Millisecond))))
	expect(office.AcctFormat, office.High, c.clean(here, func(p *office.Personnel) { p.AcctNumber = fmt.Sprint("12345", 1000+n) }))
	expect(office.SortCodeFormat, office.High, c.clean(here, func(p *office.Personnel) { p.Bank.SortCode = "57150001" }))
	expect(office.SortCodeMissing, office.High, c.clean(here, func(p *office.Personnel) { p.Bank.SortCode = "" }))
	expect(office.SortCodeBank, office.Low, c.clean(here, func(p *office.Personnel) { p.Bank.SortCode = "058152052" }))
	expect(office.AcctCheckDigit, office.Low, c.clean(here, func(p *office.Personnel) {
		p.AcctNumber = p.AcctNumber[:9] + string('0'+(p.AcctNumber[9]-'0'+1)%10)
	}))
	changed := c.clean(here)
	c.add(t, changed)
	c.update(t, changed.ID, office.PersonnelPatch{BankSortCode: new("057080013")})
	cases = append(cases, planted{foundIn(office.BankChanged, office.Low, changed), []office.ID{changed.DBID}})
	c.plantAlike(t, with)
	return cases
}

// plantAlike plants what only looks like a case.
func (c *checked) plantAlike(t testing.TB, with func(edit func(p *office.Personnel)) []office.Personnel) {
	t.Helper()
	was := with(func(*office.Personnel) {})
	was[1].AcctNumber = was[0].AcctNumber
	c.add(t, was...)
	c.delete(t, was[1]) // a deleted record shares nothing
	was = []office.Personnel{c.clean(one), c.clean(two)}
	was[1].ArmyNumber = was[0].ArmyNumber
	c.add(t, was...)
	c.delete(t, was[0])
	c.add(t, with(func(p *office.Personnel) { p.Status = office.StatusDeath })...) // dead, with an account of his own
	c.add(t, c.clean(one, func(p *office.Personnel) { p.AcctNumber = p.PhoneNumber[1:] }))
	c.add(t, c.clean(one, officetest.Created(since.Add(-time.Millisecond))))
	renamed := c.clean(one)
	c.add(t, renamed)
	c.update(t, renamed.ID, office.PersonnelPatch{FirstName: new("Zoë")})
}

// checksPlanted: each planted case is found by those who may see all of it, and by nobody
// else, and nothing is found that was not planted.
func checksPlanted(t *testing.T, f Fixture) {
	c := &checked{f: f, records: map[office.ID]office.Personnel{}}
	rounds, records := 6, 250
	if f.Slow {
		rounds, records = 2, 90
	}
	var cases []planted
	for n := range rounds {
		cases = append(cases, c.plant(t, n)...)
	}
	var rest []office.Personnel
	for len(c.records)+len(rest) < records {
		rest = append(rest, c.clean(officetest.DB(1+len(rest)%3)))
	}
	c.add(t, rest...)
	for _, scope := range []office.Scope{everywhere, office.ScopeOf(one.ID), {DBs: []office.ID{one.ID, two.ID}}, office.ScopeOf(three.ID)} {
		got, _ := c.answer(t, question{scope: scope}, 10_000)
		for _, planted := range cases {
			sees := !slices.ContainsFunc(planted.dbs, func(db office.ID) bool { return !scope.Allows(db) })
			if slices.Contains(got, planted.finding) != sees {
				t.Errorf("%+v finds %s: %v, want %v", scope, planted.finding, !sees, sees)
			}
		}
	}
	c.check(t, 10_000)
	if !f.Slow {
		c.checkEach(t)
		c.checkAnswer(t, question{scope: everywhere}, 10_000, 37)
	}
}

// checksAfterChanges compares with brute force after changes of all kinds, with so few
// values that many records share one.
func checksAfterChanges(t *testing.T, f Fixture) {
	c := &checked{f: f, records: map[office.ID]office.Personnel{}}
	rng, dbs := officetest.Rand(), []office.DB{one, two, three}
	rounds, steps := 8, 25
	if f.Slow {
		rounds, steps = 2, 30
	}
	for round := range rounds {
		for range steps {
			c.step(t, rng, officetest.Pick(rng, dbs...))
		}
		c.check(t, 10_000)
		if f.Slow {
			c.checkAnswer(t, question{scope: everywhere}, 11)
			continue
		}
		c.checkAnswer(t, question{scope: everywhere}, 10_000, 3+4*round) // each page reads all records
		c.checkEach(t)
	}
}

// step creates, changes, moves, deletes or restores a record.
func (c *checked) step(t testing.TB, rng *rand.Rand, db office.DB) {
	t.Helper()
	acct := func() string {
		return officetest.Pick(rng, "1234567899", "1234567892", "12345", fmt.Sprint(9000000000+rng.IntN(9)))
	}
	bank := func() office.Bank {
		return officetest.Pick(rng, zenith, village, office.Bank{Name: zenith.Name}, office.Bank{Name: "?", SortCode: "05"}, office.Bank{Name: "STERLING BANK", SortCode: zenith.SortCode})
	}
	status := officetest.Pick(rng, office.StatusActive, office.StatusActive, office.StatusDeath, office.StatusRTU)
	ids := slices.SortedFunc(maps.Keys(c.records), office.CompareIDs)
	if len(ids) < 5 || rng.IntN(2) == 0 {
		record := c.clean(db, func(p *office.Personnel) {
			p.AcctNumber, p.Bank, p.Status = acct(), bank(), status
			p.CreatedAt = officetest.Pick(rng, p.CreatedAt, since, since.Add(-time.Millisecond), now)
			p.ArmyNumber = officetest.Pick(rng, p.ArmyNumber, fmt.Sprint("N/", rng.IntN(6)))
		})
		if taken, err := c.f.Store.Create(t.Context(), []office.Personnel{record}, office.Edit{At: now}); err != nil || len(taken) > 0 {
			officetest.Must(t, err)
			return
		}
		c.records[record.ID] = record
		return
	}
	id := officetest.Pick(rng, ids...)
	patch := office.PersonnelPatch{}
	switch b := bank(); rng.IntN(6) {
	case 0:
		c.delete(t, c.records[id])
		if rng.IntN(2) == 0 {
			record, _, err := c.f.Store.Restore(t.Context(), everywhere, id, office.Edit{At: now})
			officetest.Must(t, err)
			c.records[id] = record
		}
		return
	case 1:
		patch.AcctNumber = new(acct())
	case 2:
		patch.BankName, patch.BankSortCode = &b.Name, &b.SortCode
	case 3:
		patch.Status = &status
	case 4:
		patch.DBID = &db.ID
	default:
		patch.ArmyNumber, patch.PhoneNumber = new(fmt.Sprint("N/", rng.IntN(6))), new("01234567892")
	}
	c.update(t, id, patch)
}

// checksOfMany: the finding about a number that very many records have shows some of them,
// and its message says how many there are.
func checksOfMany(t *testing.T, f Fixture) {
	const holders = 130
	f.AddPersonnel(t, officetest.Roster(1, holders, one.ID, func(p *office.Personnel) { p.AcctNumber, p.Bank = "1234567899", zenith })...)
	c := &checked{f: f}
	data := c.call(t, question{scope: everywhere, code: "acct_shared"}, 1, 10)
	if len(data.Data) != 1 || len(data.Data[0].Records) != 100 || !strings.Contains(data.Data[0].Message, fmt.Sprint(holders)) {
		t.Errorf("got %+v", data)
	}
}

// sharedInParts reads on from the last value of each part, in scopes of several sizes.
func sharedInParts(t *testing.T, f Fixture) {
	for n := range 20 {
		value := fmt.Sprintf("%010d", n/3) // three records each, and two of the last
		f.AddPersonnel(t, officetest.Personnel(n, officetest.DB(1+n%2).ID, func(p *office.Personnel) { p.AcctNumber = value }))
	}
	f.AddPersonnel(t, officetest.Roster(30, 60, three.ID, func(p *office.Personnel) { p.AcctNumber = "7" + p.AcctNumber[1:] })...)
	for name, test := range map[string]struct {
		scope office.Scope
		want  int
	}{"everywhere": {everywhere, 7}, "in two": {office.Scope{DBs: []office.ID{one.ID, two.ID}}, 7}, "in one": {office.ScopeOf(one.ID), 3}, "nowhere": {office.Scope{}, 0}} {
		for _, limit := range []int{1, 3, 100} {
			var all []string
			for after := ""; ; after = all[len(all)-1] {
				part, err := f.Store.Shared(t.Context(), test.scope, personnel.ByAccount, after, limit)
				officetest.Must(t, err)
				if all = append(all, part...); len(part) < limit {
					break
				}
			}
			if len(all) != test.want || !slices.IsSorted(all) {
				t.Errorf("%s, in parts of %d: %q, want %d values", name, limit, all, test.want)
			}
			checkHolders(t, f, test.scope, all)
		}
	}
}

// checkHolders: the records with the values come in order.
func checkHolders(t *testing.T, f Fixture, scope office.Scope, values []string) {
	t.Helper()
	var seen []office.Payee
	officetest.Must(t, f.Store.Holders(t.Context(), scope, personnel.ByAccount, values, func(p office.Payee) error {
		seen = append(seen, p)
		return nil
	}))
	sorted := slices.IsSortedFunc(seen, func(a, b office.Payee) int {
		return cmp.Or(strings.Compare(a.AcctNumber, b.AcctNumber), strings.Compare(a.ArmyNumber, b.ArmyNumber), office.CompareIDs(a.DBID, b.DBID))
	})
	if !sorted || slices.ContainsFunc(seen, func(p office.Payee) bool { return !scope.Allows(p.DBID) }) {
		t.Errorf("not in order, or not in the scope: %+v", seen)
	}
	enough := errors.New("enough")
	err := f.Store.Holders(context.WithoutCancel(t.Context()), scope, personnel.ByAccount, values, func(office.Payee) error { return enough })
	if len(values) > 0 && !errors.Is(err, enough) {
		t.Errorf("a walk that is broken off: %v", err)
	}
}
