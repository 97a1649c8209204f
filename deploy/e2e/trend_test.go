package e2e

import (
	"slices"
	"testing"
	"time"
)

type share struct {
	Value         string
	Total, Active int
}

// TestBreakdown: the values that live records have, largest first, and nothing of
// another database.
func TestBreakdown(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	user, path := newCaller(t, db.ID), "/analytics/personnels/db/"+db.ID+"/breakdown"
	if got := get[[]share](user, path+"?by=rank"); len(got) != 0 {
		t.Errorf("an empty database has %v", got)
	}
	row := func(rank, status string) fields {
		return with(recordFields(db.ID), fields{"rank": rank, "status": status, "location": absent})
	}
	upload(t, []fields{row("Sgt", "active"), row("Cpl", "active"), row("Cpl", "posted"), row("Cpl", "active"), row("Sgt", "active"), row("Maj", "rtu")})
	newRecord(t, newDB(t).ID, fields{"rank": "Cpl"})
	deleted := newRecord(t, db.ID, fields{"rank": "Gen", "location": absent})
	user.want(200, "DELETE", "/personnels/"+deleted.ID, nil)
	if got, want := get[[]share](user, path+"?by=rank"), []share{{"Cpl", 3, 2}, {"Sgt", 2, 2}, {"Maj", 1, 0}}; !slices.Equal(got, want) {
		t.Errorf("by rank: %v, want %v", got, want)
	}
	if got, want := get[[]share](user, path+"?by=location"), []share{{"", 6, 4}}; !slices.Equal(got, want) {
		t.Errorf("by location: %v, want %v", got, want)
	}
	for _, by := range []string{"", "?by=", "?by=Rank", "?by=acct_number", "?by=rank,bank"} {
		wantProblem(t, user.want(400, "GET", path+by, nil), "by")
	}
}

// TestTrend: what is created and deleted now is in the last month.
func TestTrend(t *testing.T) {
	t.Parallel()
	type trend struct {
		Months                  []string
		Created, Deleted, Total []int
	}
	db := newDB(t)
	user, path := newCaller(t, db.ID), "/analytics/personnels/db/"+db.ID+"/trend"
	upload(t, rowsOf(db.ID, 4))
	record := newRecord(t, db.ID)
	user.want(200, "DELETE", "/personnels/"+record.ID, nil)
	for query, months := range map[string]int{"": 12, "?months=1": 1, "?months=60": 60} {
		got, last := get[trend](user, path+query), months-1
		if len(got.Months) != months || len(got.Created) != months || len(got.Deleted) != months || len(got.Total) != months {
			t.Fatalf("%q: %+v", query, got)
		}
		now := time.Now().UTC().Format("2006-01")
		if got.Months[last] != now || got.Created[last] != 5 || got.Deleted[last] != 1 || got.Total[last] != 4 || slices.Max(got.Total[:last+1]) != 4 {
			t.Errorf("%q: %+v", query, got)
		}
	}
	for _, query := range []string{"?months=0", "?months=61", "?months=-3", "?months=a", "?months=1.5"} {
		wantProblem(t, user.want(400, "GET", path+query, nil), "months")
	}
}
