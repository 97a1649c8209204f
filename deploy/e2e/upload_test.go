package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestUploadAll: 201 when every row went in.
func TestUploadAll(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	user, rows := newCaller(t, db.ID), rowsOf(db.ID, 30)
	rows[3] = with(fullFields(db.ID), fields{"status": "awol"})
	rows[4] = with(rows[4], fields{"status": "", "remark": nil, "id": 7, "isDeleted": true})
	res := user.want(201, "POST", "/personnels/upload", rows)
	if done := dataOf[client.Upload](t, res); done.Inserted != 30 || done.Failed == nil || len(done.Failed) > 0 {
		t.Errorf("got %s, want 30 and []", res.Data)
	}
	if res.Message != "30 were added."+warnedOf(t, res) {
		t.Errorf("the message is %q", res.Message)
	}
	wantTotal(t, db.ID, 30)
	for i, record := range page[client.Record](user, "/personnels/db/"+db.ID+"?limit=100").Data {
		if record.ArmyNumber != rows[i]["army_number"] || record.AcctNumber != rows[i]["acct_number"] || record.IsDeleted {
			t.Errorf("row %d became %+v", i, record)
		}
	}
}

// badRows are rows that do not go in, made of a good one, with the field that
// the reason must name.
var badRows = []struct {
	change fields
	reason string
}{
	{fields{"first_name": absent}, "first_name"},
	{fields{"army_number": " "}, "army_number"},
	{fields{"status": "retired"}, "status"},
	{fields{"bank": fields{"name": "GTB"}}, "bank.sort_code"},
	{fields{"bank": "GTB"}, "bank"},
	{fields{"acct_number": 1}, "acct_number"},
	{fields{"remark": strings.Repeat("x", 1001)}, "remark"},
	{fields{"last_name": "a\u0000b"}, "last_name"},
	{fields{"first_name": "Ol\ufffdolu"}, "first_name"},
	{fields{"db_id": "x"}, "db_id"},
	{fields{"db_id": unusedID}, "db_id"},
	{fields{"db_id": absent}, "db_id"},
}

// TestUploadSome is promise 23: 207 when some rows went in, with the reason for
// each other one; and the same upload again adds nothing.
func TestUploadSome(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	old := newRecord(t, db.ID)
	rows, reasons := []any{recordFields(db.ID)}, map[int]string{}
	for _, bad := range badRows {
		reasons[len(rows)] = spoken[bad.reason] + " "
		rows = append(rows, with(recordFields(db.ID), bad.change), recordFields(db.ID))
	}
	twin := rows[0].(fields)["army_number"]
	for _, taken := range []any{twin, old.ArmyNumber} {
		reasons[len(rows)] = "the army number is "
		rows = append(rows, with(recordFields(db.ID), fields{"army_number": taken}))
	}
	for _, noObject := range []any{1, "text", []any{}, nil} {
		reasons[len(rows)] = ""
		rows = append(rows, noObject)
	}
	res := admin(t).want(207, "POST", "/personnels/upload", rows)
	checkFailures(t, res, rows, reasons)
	wantTotal(t, db.ID, 1+len(rows)-len(reasons))

	// The same again adds nothing, and says of every row why.
	again := ask[client.Upload](admin(t), 400, "POST", "/personnels/upload", rows)
	if again.Inserted != 0 || len(again.Failed) != len(rows) {
		t.Errorf("again: got %d in and %d failed, want 0 and %d", again.Inserted, len(again.Failed), len(rows))
	}
}

func checkFailures(t *testing.T, res client.Response, rows []any, reasons map[int]string) {
	t.Helper()
	done := dataOf[client.Upload](t, res)
	if done.Inserted != len(rows)-len(reasons) || len(done.Failed) != len(reasons) {
		t.Fatalf("got %d in and %d failed, want %d and %d", done.Inserted, len(done.Failed), len(rows)-len(reasons), len(reasons))
	}
	for _, failed := range done.Failed {
		reason, wanted := reasons[failed.Index]
		if !wanted || failed.Error == "" || !strings.Contains(failed.Error, reason) {
			t.Errorf("row %d: got %+v, want a reason with %q", failed.Index, failed, reason)
		}
		row, _ := rows[failed.Index].(fields)
		if number, _ := row["army_number"].(string); failed.ArmyNumber != strings.TrimSpace(number) {
			t.Errorf("row %d: the army number is %q, want %q", failed.Index, failed.ArmyNumber, number)
		}
	}
	if !slices.IsSortedFunc(done.Failed, func(a, b client.Failed) int { return a.Index - b.Index }) {
		t.Error("the failures are not in the order of the rows")
	}
	first := done.Failed[0]
	want := fmt.Sprintf("%d were added, %d failed. The first is %s, in row %d: %s.",
		done.Inserted, len(done.Failed), first.ArmyNumber, first.Index+1, first.Error)
	if want += warnedOf(t, res); res.Message != want {
		t.Errorf("the message is %q, want %q", res.Message, want)
	}
}

// TestUploadKeySet: a failure has exactly these fields.
func TestUploadKeySet(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	done := ask[fields](admin(t), 400, "POST", "/personnels/upload", []any{with(recordFields(db.ID), fields{"rank": absent}), fields{}})
	if len(done) != 2 || done["inserted"] != 0.0 {
		t.Errorf("got %v, want inserted and failed", done)
	}
	for _, failed := range done["failed"].([]any) {
		row := failed.(fields)
		if len(row) != 3 || row["index"] == nil || row["army_number"] == nil || row["error"] == nil {
			t.Errorf("got %v, want index, army_number and error", row)
		}
	}
}

// TestUploadDuplicateOfABadRow: the number of a row that did not go in is free.
func TestUploadDuplicateOfABadRow(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	good := recordFields(db.ID)
	rows := []fields{with(good, fields{"rank": ""}), good, good}
	done := ask[client.Upload](admin(t), 207, "POST", "/personnels/upload", rows)
	if done.Inserted != 1 || len(done.Failed) != 2 || done.Failed[0].Index != 0 || done.Failed[1].Index != 2 {
		t.Errorf("got %+v, want row 1 in alone", done)
	}
}

// TestUploadMixed: the database of the first row counts for all.
func TestUploadMixed(t *testing.T) {
	t.Parallel()
	db, other := newDB(t), newDB(t)
	rows := append(rowsOf(db.ID, 2), append(rowsOf(other.ID, 3), rowsOf(db.ID, 1)...)...)
	done := ask[client.Upload](admin(t), 207, "POST", "/personnels/upload", rows)
	if done.Inserted != 3 || len(done.Failed) != 3 || done.Failed[0].Index != 2 {
		t.Errorf("got %+v, want 3 in and rows 2 to 4 failed", done)
	}
	wantTotal(t, db.ID, 3)
	wantTotal(t, other.ID, 0)
}

// TestUploadNothing: an empty array is refused, and so is what is not an array.
func TestUploadNothing(t *testing.T) {
	t.Parallel()
	for _, body := range []any{[]any{}, client.Raw(" [ ] "), fields{}, client.Raw("[}"), client.Raw("[1,]"), client.Raw("[[[1]")} {
		if res := admin(t).send("POST", "/personnels/upload", body); res.Status != 400 {
			t.Errorf("%v: got %d, want 400", body, res.Status)
		}
	}
}

// TestUploadBrokenRow is promise 23: with malformed JSON anywhere, no row is added.
func TestUploadBrokenRow(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	good := marshal(t, rowsOf(db.ID, 3))
	for _, tail := range []string{",", ",{]", `,{"x":1,"x":2}]`, `,{"x":"\ud800"}]`, "]]", "] x", ""} {
		broken := client.Raw(strings.TrimSuffix(good, "]") + tail)
		if res := admin(t).send("POST", "/personnels/upload", broken); res.Status != 400 {
			t.Errorf("%q: got %d, want 400", tail, res.Status)
		}
	}
	wantTotal(t, db.ID, 0)
}
