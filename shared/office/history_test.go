package office

import (
	"reflect"
	"testing"
	"time"
)

var mine, other, third = ID{1}, ID{2}, ID{3}

// moved is an entry of a move, with another field changed.
func moved(revision int, from, to ID) Entry {
	return Entry{Revision: revision, Action: ActionMoved, DBID: to, Changes: []Change{
		{Field: "acct_number", From: "before", To: "after"}, {Field: "db_id", From: from.Hex(), To: to.Hex()},
	}}
}

func updated(revision int, db ID) Entry {
	return Entry{Revision: revision, Action: ActionUpdated, DBID: db, Changes: []Change{{Field: "remark", From: "a", To: "b"}}}
}

func TestVisibleTo(t *testing.T) {
	cut := moved(3, other, mine)
	cut.Changes = []Change{{Field: "acct_number", To: "after"}, {Field: "db_id", To: mine.Hex()}}
	scope := Scope{DBs: []ID{mine, third}}
	for name, c := range map[string]struct{ all, want History }{
		"nothing":                {History{}, History{}},
		"never moved":            {History{updated(1, mine), updated(2, mine)}, History{updated(1, mine), updated(2, mine)}},
		"moved in":               {History{updated(2, other), moved(3, other, mine), updated(4, mine)}, History{cut, updated(4, mine)}},
		"moved in, as the first": {History{moved(3, other, mine)}, History{cut}},
		"moved out and in":       {History{updated(1, mine), moved(2, mine, other), moved(3, other, mine)}, History{cut}},
		"moved within":           {History{updated(1, third), moved(2, third, mine)}, History{updated(1, third), moved(2, third, mine)}},
		"the move is gone":       {History{updated(1, other), updated(9, mine)}, History{updated(9, mine)}},
		"is elsewhere":           {History{updated(1, mine), moved(2, mine, other)}, History{}},
	} {
		t.Run(name, func(t *testing.T) {
			before := append(History{}, c.all...)
			if got := c.all.VisibleTo(scope); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if got := c.all.VisibleTo(Scope{All: true}); !reflect.DeepEqual(got, before) {
				t.Errorf("an admin sees %+v, want %+v", got, before)
			}
		})
	}
}

func TestKept(t *testing.T) {
	var h History
	for n := 1; n <= 2*MaxEntries; n++ {
		if h = append(h, Entry{Revision: n}).Kept(); len(h) != min(n, MaxEntries) || h[0].Revision != 1 || h[len(h)-1].Revision != n {
			t.Fatalf("of %d entries %d are kept, from %d to %d", n, len(h), h[0].Revision, h[len(h)-1].Revision)
		}
		if h.IsTruncated() != (n > MaxEntries) {
			t.Fatalf("of %d entries some are gone: %v", n, h.IsTruncated())
		}
	}
}

// A field that is missing here would leave no trace.
func TestFieldsAreAll(t *testing.T) {
	var all PersonnelPatch
	v := reflect.ValueOf(&all).Elem()
	for i := range v.NumField() {
		setField(v.Field(i))
	}
	_, entry := Edit{At: time.Now()}.Patch(Personnel{}, all)
	if len(entry.Changes) != v.NumField() {
		t.Errorf("%d of %d fields are in the entry", len(entry.Changes), v.NumField())
	}
}

func TestPatchOfBank(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		patch PersonnelPatch
		want  time.Time
	}{
		"bank":         {PersonnelPatch{BankName: new("B")}, now},
		"sort code":    {PersonnelPatch{BankSortCode: new("1")}, now},
		"account":      {PersonnelPatch{AcctNumber: new("1")}, now},
		"same account": {PersonnelPatch{AcctNumber: new(""), Rank: new("Sgt")}, time.Time{}},
		"rank":         {PersonnelPatch{Rank: new("Sgt")}, time.Time{}},
	} {
		if is, _ := (Edit{At: now}).Patch(Personnel{}, c.patch); !is.BankChangedAt.Equal(c.want) {
			t.Errorf("%s: %v", name, is.BankChangedAt)
		}
	}
}
