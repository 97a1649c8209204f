package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
)

type checked struct {
	Data []struct {
		Code, Severity, Message string
		Records                 []client.Record
	}
	Meta   client.Meta
	Counts map[string]int
}

// clean are fields in which no check finds anything: a wallet is not checked.
func clean(db, wallet string) fields {
	return with(recordFields(db), fields{"phone_number": "0" + wallet, "acct_number": wallet})
}

// TestChecks: what two records share is found by whoever may see both, and by nobody
// else.
func TestChecks(t *testing.T) {
	t.Parallel()
	db1, db2 := newDB(t), newDB(t)
	one := ask[client.Record](admin(t), 201, "POST", "/personnels", clean(db1.ID, "8030000101"))
	two := ask[client.Record](admin(t), 201, "POST", "/personnels", clean(db2.ID, "8030000101"))
	both, first := newCaller(t, db1.ID, db2.ID), newCaller(t, db1.ID)
	got := get[checked](both, "/personnels/checks?code=acct_shared")
	if len(got.Data) != 1 || got.Meta.Total != 1 || got.Counts["acct_shared"] != 1 || got.Counts["new_payee"] != 2 || len(got.Counts) != 10 {
		t.Fatalf("whoever sees both finds %+v", got)
	}
	ids := []string{got.Data[0].Records[0].ID, got.Data[0].Records[1].ID}
	if got.Data[0].Severity != "high" || !slices.Contains(ids, one.ID) || !slices.Contains(ids, two.ID) {
		t.Errorf("found %+v", got.Data[0])
	}
	if got := get[checked](first, "/personnels/checks"); got.Counts["acct_shared"] != 0 || got.Counts["new_payee"] != 1 || got.Meta.Total != 1 {
		t.Errorf("whoever sees one of them finds %+v", got)
	}
	if got := get[checked](both, "/personnels/checks?db_id="+db2.ID); got.Counts["acct_shared"] != 1 || got.Counts["new_payee"] != 1 {
		t.Errorf("in one of the databases: %+v", got)
	}
	later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	if got := get[checked](both, "/personnels/checks?since="+later); got.Counts["new_payee"] != 0 || got.Meta.Total != 1 {
		t.Errorf("since later: %+v", got)
	}
	for query, field := range map[string]string{
		"code=acct": "code", "since=yesterday": "since", "since=2026-01-01": "since", "db_id=1": "db_id", "page=x": "page",
	} {
		wantProblem(t, both.want(400, "GET", "/personnels/checks?"+query, nil), field)
	}
}

type warning struct {
	Index                int
	Field, Code, Message string
}

// warnings are those of an answer. The message ends with the first of them, and has
// none where there are none.
func warnings(t testing.TB, res client.Response) []warning {
	t.Helper()
	found := dataOf[struct{ Warnings []warning }](t, res).Warnings
	_, ending, isWarned := strings.Cut(res.Message, " Please check: ")
	if isWarned != (len(found) > 0) || isWarned && ending != found[0].Message+"." {
		t.Errorf("the message is %q, with %+v", res.Message, found)
	}
	return found
}

// TestWarnings: a change warns of what it changes, and is still made.
func TestWarnings(t *testing.T) {
	t.Parallel()
	db1, db2 := newDB(t), newDB(t)
	user := newCaller(t, db1.ID)
	codes := func(method, path string, body fields) (codes string) {
		status := map[string]int{"POST": 201, "PATCH": 200}[method]
		for _, w := range warnings(t, user.want(status, method, path, body)) {
			codes += w.Field + " " + w.Code + ", "
		}
		return strings.TrimSuffix(codes, ", ")
	}
	if got := codes("POST", "/personnels", clean(db1.ID, "8030000201")); got != "" {
		t.Errorf("a clean record: %s", got)
	}
	ask[client.Record](admin(t), 201, "POST", "/personnels", clean(db2.ID, "8030000202"))
	if got := codes("POST", "/personnels", clean(db1.ID, "8030000202")); got != "" {
		t.Errorf("an account of a database that he may not see: %s", got)
	}
	if got := codes("POST", "/personnels", with(clean(db1.ID, "8030000201"), fields{"bank": fields{"name": "ECOBANK PLC", "sort_code": "057150001"}})); got != "acct_number acct_shared, bank.sort_code sort_code_bank" {
		t.Errorf("a shared account: %s", got)
	}
	path := "/personnels/" + ask[client.Record](user, 201, "POST", "/personnels", clean(db1.ID, "8030000203")).ID
	for _, step := range []struct {
		change fields
		want   string
	}{
		{fields{"rank": "Sgt"}, ""},
		{fields{"acct_number": "123"}, "acct_number acct_format"},
		{fields{"acct_number": "123", "rank": "Maj"}, ""},
		{fields{"acct_number": "8030000203"}, ""},
		{fields{"status": "awol"}, ""},
		{fields{"acct_number": "8030000201"}, "acct_number acct_shared, acct_number status_conflict, acct_number acct_check_digit"},
		{fields{"status": "active"}, ""},
		{fields{"status": "death"}, "acct_number status_conflict"},
	} {
		if got := codes("PATCH", path, step.change); got != step.want {
			t.Errorf("%v warns of %q, want %q", step.change, got, step.want)
		}
	}
}

// warnedOf is what the message of an upload says of its warnings; the account numbers of
// the tests are invalid, so each row has one.
func warnedOf(t testing.TB, res client.Response) string {
	t.Helper()
	return fmt.Sprintf(" There are %d warnings.", dataOf[client.Upload](t, res).Inserted)
}

// TestUploadWarns of the rows that went in, among them those that share something
// with each other.
func TestUploadWarns(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	rows := []fields{
		clean(db.ID, "8030000301"), clean(db.ID, "8030000302"), with(clean(db.ID, "8030000303"), fields{"rank": ""}),
		clean(db.ID, "8030000302"), with(clean(db.ID, "8030000304"), fields{"acct_number": "1"}),
	}
	res := admin(t).want(207, "POST", "/personnels/upload", rows)
	got := dataOf[struct{ Warnings []warning }](t, res).Warnings
	for i, want := range []warning{{1, "acct_number", "acct_shared", ""}, {3, "acct_number", "acct_shared", ""}, {4, "acct_number", "acct_format", ""}} {
		if len(got) != 3 || got[i].Index != want.Index || got[i].Field != want.Field || got[i].Code != want.Code || got[i].Message == "" {
			t.Fatalf("got %+v", got)
		}
	}
	if !strings.Contains(res.Message, " There are 3 warnings.") {
		t.Errorf("the message is %q", res.Message)
	}
	var many []fields
	for range 120 {
		many = append(many, with(recordFields(db.ID), fields{"acct_number": "1"}))
	}
	res = admin(t).want(201, "POST", "/personnels/upload", many)
	if got := dataOf[struct{ Warnings []warning }](t, res).Warnings; len(got) != 100 || !strings.Contains(res.Message, " There are 240 warnings.") {
		t.Errorf("%d warnings are shown: %s", len(got), res.Message)
	}
}
