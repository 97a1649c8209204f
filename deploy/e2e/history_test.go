package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
)

// entry is one of a history.
type entry struct {
	Revision int
	At       time.Time
	Action   string
	By       struct {
		ID         string
		ArmyNumber string `json:"army_number"`
		Name       string
	}
	Changes []struct{ Field, From, To string }
}

type history struct {
	Data      []entry
	Meta      client.Meta
	Truncated bool
}

func historyOf(c caller, id string) history { return get[history](c, "/personnels/history/"+id) }

// actions are those of a history, in words, the newest first.
func (h history) actions() (words []string) {
	for _, e := range h.Data {
		word := e.Action
		for _, change := range e.Changes {
			word += " " + change.Field + ":" + change.From + ">" + change.To
		}
		words = append(words, word)
	}
	return words
}

func wantActions(t testing.TB, h history, want ...string) {
	t.Helper()
	if got := h.actions(); !slices.Equal(got, want) {
		t.Errorf("the history is\n  %q, want\n  %q", got, want)
	}
}

func TestHistoryOfRecord(t *testing.T) {
	t.Parallel()
	db, boss := newDB(t), admin(t)
	clerk := newCaller(t, db.ID)
	made := newRecord(t, db.ID)
	path := "/personnels/" + made.ID
	same := with(fullFields(db.ID), fields{"army_number": made.ArmyNumber, "acct_number": made.AcctNumber})
	if now := ask[client.Record](clerk, 200, "PATCH", path, same); now != made {
		t.Errorf("a change that changes nothing made %+v of %+v", now, made)
	}
	changed := ask[client.Record](clerk, 200, "PATCH", path, with(same, fields{"acct_number": accountMark + "1", "remark": ""}))
	if changed.Revision != 2 || !changed.BankChangedAt.Equal(changed.UpdatedAt) {
		t.Errorf("after the change of the account: %+v", changed)
	}
	clerk.want(200, "DELETE", path, nil)
	boss.want(200, "POST", "/personnels/restore/"+made.ID, nil)
	clerk.want(200, "DELETE", "/personnels/bulk-delete", fields{"personnels_id": []string{made.ID, unusedID}})
	got := historyOf(clerk, made.ID)
	wantActions(t, got, "deleted", "restored", "deleted",
		"updated acct_number:"+made.AcctNumber+">"+accountMark+"1 remark:On course>", "created")
	for i, e := range got.Data {
		if e.Revision != 5-i || e.At.Before(made.CreatedAt) {
			t.Errorf("entry %d has the revision %d, and is of %v", i, e.Revision, e.At)
		}
	}
	if by := got.Data[2].By; by.ID != clerk.id || by.ArmyNumber != clerk.number || by.Name == "" {
		t.Errorf("it was deleted by %+v, want %+v", by, clerk.person)
	}
	part := get[history](clerk, "/personnels/history/"+made.ID+"?page=2&limit=2")
	wantActions(t, part, got.actions()[2:4]...)
	if part.Meta.Total != 5 || part.Truncated {
		t.Errorf("the page has %+v", part)
	}
}

// TestRacingChangesOfOneRecord is promise 47: as many entries as changes, revisions
// without a gap, and each change begins where the one before has ended.
func TestRacingChangesOfOneRecord(t *testing.T) {
	t.Parallel()
	const clients = 8
	each := rounds(25, 3)
	db := newDB(t)
	record := newRecord(t, db.ID)
	statuses := race(t, clients, func(i int) (res client.Response) {
		for n := range each {
			res = admin(t).try("PATCH", "/personnels/"+record.ID, fields{"rank": text(i) + "/" + text(n)})
			if !res.OK() {
				return res
			}
		}
		return res
	})
	wantStatuses(t, statuses, map[int]int{200: clients})
	got := get[history](admin(t), "/personnels/history/"+record.ID+"?limit=1000").Data
	if len(got) != 1+clients*each {
		t.Fatalf("%d entries, want %d", len(got), 1+clients*each)
	}
	rank := record.Rank
	for i, e := range slices.Backward(got) {
		if e.Revision != len(got)-i || i < len(got)-1 && e.Changes[0].From != rank {
			t.Fatalf("after %q comes %+v", rank, e)
		}
		if i < len(got)-1 {
			rank = e.Changes[0].To
		}
	}
	if now := get[client.Record](admin(t), "/personnels/"+record.ID); now.Rank != rank || now.Revision != len(got) {
		t.Errorf("the history ends with %q, and the record is %+v", rank, now)
	}
}

// Promise 48: an outsider sees nothing of a record, and those to whom a record is moved
// see nothing of what it was before.
func TestHistoryOfMovedRecord(t *testing.T) {
	t.Parallel()
	hidden, seen, boss := newDB(t), newDB(t), admin(t)
	user, both := newCaller(t, seen.ID), newCaller(t, seen.ID, hidden.ID)
	record := newRecord(t, seen.ID)
	path := "/personnels/" + record.ID
	boss.want(200, "PATCH", path, fields{"db_id": hidden.ID})
	boss.want(200, "PATCH", path, fields{"remark": "of the hidden one"})
	user.want(404, "GET", "/personnels/history/"+record.ID, nil)
	user.want(404, "POST", "/personnels/restore/"+record.ID, nil)
	user.want(404, "GET", "/personnels/history/"+unusedID, nil)
	user.want(403, "GET", "/personnels/db/"+hidden.ID+"/changes", nil)
	user.want(403, "GET", "/personnels/db/"+hidden.ID+"/trash", nil)
	boss.want(200, "PATCH", path, fields{"db_id": seen.ID, "acct_number": accountMark + "2"})
	user.want(200, "PATCH", path, fields{"rank": "Sgt"})
	after := []string{"updated rank:Cpl>Sgt", "moved acct_number:>" + accountMark + "2 db_id:>" + seen.ID}
	wantActions(t, historyOf(user, record.ID), after...)
	for _, c := range []caller{boss, both} {
		all := historyOf(c, record.ID).actions()
		if len(all) != 5 || !strings.Contains(all[1], record.AcctNumber) || !strings.Contains(all[2], "of the hidden one") {
			t.Errorf("who may see both sees %q", all)
		}
	}
	list := get[client.List[struct{ Entries []entry }]](user, "/personnels/db/"+seen.ID+"/changes")
	wantActions(t, history{Data: list.Data[0].Entries}, after...)
	for _, field := range []string{"remark", "last_name"} {
		if list := get[client.List[fields]](user, "/personnels/db/"+seen.ID+"/changes?field="+field); list.Meta.Total != 0 {
			t.Errorf("changes of %s, which were made elsewhere: %v", field, list)
		}
	}
}

func TestChangesOfDB(t *testing.T) {
	t.Parallel()
	type item struct {
		client.Record
		Entries []entry
	}
	db := newDB(t)
	clerk := newCaller(t, db.ID)
	paid, ranked, gone := newRecord(t, db.ID), newRecord(t, db.ID), newRecord(t, db.ID)
	clerk.want(200, "PATCH", "/personnels/"+paid.ID, fields{"bank": fields{"sort_code": "000000001"}, "rank": "Sgt"})
	clerk.want(200, "PATCH", "/personnels/"+ranked.ID, fields{"rank": "Maj"})
	clerk.want(200, "DELETE", "/personnels/"+gone.ID, nil)
	past := time.Now().UTC().Add(-time.Hour).Format(time.RFC3339)
	future := time.Now().UTC().Add(time.Hour).Format(time.RFC3339)
	for query, want := range map[string][]string{
		"":                             {gone.ID, ranked.ID, paid.ID},
		"field=any":                    {gone.ID, ranked.ID, paid.ID},
		"field=rank":                   {ranked.ID, paid.ID},
		"field=bank":                   {paid.ID},
		"field=bank.sort_code":         {paid.ID},
		"field=bank.name":              {},
		"field=acct_number":            {},
		"field=rank&page=2&limit=1":    {paid.ID},
		"since=" + past:                {gone.ID, ranked.ID, paid.ID},
		"since=" + future:              {},
		"until=" + past:                {},
		"until=" + future + "&limit=1": {gone.ID},
	} {
		list := get[client.List[item]](clerk, "/personnels/db/"+db.ID+"/changes?"+query)
		got := []string{}
		for _, item := range list.Data {
			got = append(got, item.ID)
			if len(item.Entries) == 0 {
				t.Errorf("%q: a record without entries", query)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	only := get[client.List[item]](clerk, "/personnels/db/"+db.ID+"/changes?field=bank").Data[0]
	wantActions(t, history{Data: only.Entries}, "updated rank:Cpl>Sgt bank.sort_code:"+paid.Bank.SortCode+">000000001")
	for _, query := range []string{"field=banks", "field=id", "since=yesterday", "until=2026-11-01", "page=x"} {
		clerk.want(400, "GET", "/personnels/db/"+db.ID+"/changes?"+query, nil)
	}
	clerk.want(403, "GET", "/personnels/db/"+unusedID+"/changes", nil)
	admin(t).want(404, "GET", "/personnels/db/"+unusedID+"/changes", nil)
	admin(t).want(404, "GET", "/personnels/db/"+unusedID+"/trash", nil)
}
