package personnel

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
	"officepay.example/shared/web/webtest"
)

// FuzzBodies holds the bodies of this service, and the filters of a query,
// against whatever is sent (promises 6, 16, 17 and 18). What is taken is
// exactly what stands under the names of the contract; everything else keeps
// its standard.
func FuzzBodies(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, row(), `[` + row() + `,` + second + `,` + inB + `,` + unnamed + `,1,null]`,
		row(`{"first`, `{"middle_name":"","location":null,"remark":" x ","status":"awol","first`),
		row(`{"first`, `{"id":"`+dbB.Hex()+`","isDeleted":true,"created_at":1,"STATUS":"awol","iſDeleted":true,"first`),
		`{"bank":{"name":"x","Name":"y"}}`, `{"bank":{"$ne":null},"db_id":{"$oid":"x"},"rank":["x"]}`,
		`{"personnels_id":["` + dbA.Hex() + `"," ` + strings.ToUpper(dbA.Hex()) + ` ","x",null,1e9999,{"$ne":""}]}`,
		`{"rank":"a\u0000b","remark":"\u2028","acct_number":1,"status":"ACTIVE"}`,
	} {
		f.Add([]byte(seed), "search=musa&filter=AWOL", "rank", "Sgt")
	}
	f.Add([]byte(`[`+row()+`]`), "filter=%00&search=a\tb&filter=all", "status", " awol")
	f.Add([]byte(`{}`), "", "isDeleted", "true")
	f.Add([]byte(`{}`), "", "remark", strings.Repeat("é", 1001))
	f.Add([]byte(`{}`), "", "db_id", " "+strings.ToUpper(dbB.Hex()))
	f.Fuzz(func(t *testing.T, body []byte, query, name, text string) {
		replaced := webtest.Replaced(t, row(), name, text)
		for _, body := range [][]byte{body, replaced, []byte(`[` + row() + `,` + string(replaced) + `,` + inB + `]`)} {
			checkChange(t, body)
			checkRecord(t, body)
			checkRows(t, body)
			checkIDs(t, body)
		}
		checkFilters(t, query)
	})
}

var recordNames = []string{
	"first_name", "last_name", "middle_name", "army_number", "phone_number", "rank", "acct_number", "sub_sector", "location",
	"remark", "db_id", "status", "bank", "bank.name", "bank.sort_code",
}

func checkChange(t *testing.T, body []byte) {
	t.Helper()
	patch, err := webtest.Decode(body, web.Partial, readChange)
	if err != nil {
		webtest.Refused(t, err, recordNames...)
		return
	}
	checkPatch(t, webtest.Object(t, body), patch)
}

// checkPatch compares what was taken with what was sent, field by field.
func checkPatch(t *testing.T, sent map[string]any, patch office.PersonnelPatch) {
	t.Helper()
	for name, got := range map[string]*string{
		"first_name": patch.FirstName, "last_name": patch.LastName, "middle_name": patch.MiddleName,
		"rank": patch.Rank, "sub_sector": patch.SubSector, "location": patch.Location,
	} {
		webtest.Text(t, sent, name, got, office.Name, false)
	}
	for name, got := range map[string]*string{
		"army_number": patch.ArmyNumber, "phone_number": patch.PhoneNumber, "acct_number": patch.AcctNumber,
	} {
		webtest.Text(t, sent, name, got, office.Code, false)
	}
	webtest.Text(t, sent, "remark", patch.Remark, office.Note, false)
	webtest.Text(t, sent, "status", (*string)(patch.Status), office.Name, true)
	webtest.ID(t, sent, "db_id", patch.DBID)
	bank, _ := sent["bank"].(map[string]any)
	webtest.Text(t, bank, "name", patch.BankName, office.Name, false)
	webtest.Text(t, bank, "sort_code", patch.BankSortCode, office.Code, false)
	if patch.Status != nil && !patch.Status.Valid() {
		t.Errorf("the status %q is taken", *patch.Status)
	}
}

// checkRecord checks a whole record: all that is required is there, and what
// the API shows of it is the same record when it is sent again.
func checkRecord(t *testing.T, body []byte) {
	t.Helper()
	patch, err := webtest.Decode(body, web.Whole, readRecord)
	if err != nil {
		webtest.Refused(t, err, recordNames...)
		return
	}
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	record := newRecord(patch, now)
	wantSound(t, record, now)
	shown, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	patch, err = webtest.Decode(shown, web.Whole, readRecord)
	again := newRecord(patch, now)
	again.ID = record.ID
	if err != nil || again != record {
		t.Errorf("sent again, %+v becomes %+v, %v", record, again, err)
	}
}

// wantSound checks that a new record has all that it must, and nothing that is
// not the client's to say.
func wantSound(t *testing.T, record office.Personnel, now time.Time) {
	t.Helper()
	for _, text := range []string{record.FirstName, record.LastName, record.ArmyNumber, record.PhoneNumber, record.Rank,
		record.Bank.Name, record.Bank.SortCode, record.AcctNumber, record.SubSector} {
		if text == "" {
			t.Errorf("something required is missing: %+v", record)
		}
	}
	if record.IsDeleted || record.CreatedAt != now || record.UpdatedAt != now || !record.DeletedAt.IsZero() || !record.Status.Valid() {
		t.Errorf("something protected is set: %+v", record)
	}
}

// checkRows uploads the body: each row either goes in, in one database, with a
// number of its own, or is a failure with a reason.
func checkRows(t *testing.T, body []byte) {
	t.Helper()
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	u, count := &upload{seen: map[string]bool{}, failed: []failure{}}, 0
	r := &web.Request{Body: body}
	if err := web.DecodeRows(r, 100, func(f *web.Form) { u.add(count, f, false, now); count++ }); err != nil {
		webtest.Refused(t, err)
		return
	}
	rows, numbers := webtest.Rows(t, body), map[string]bool{}
	for _, c := range u.created {
		record := c.record
		wantSound(t, record, now)
		sent, _ := rows[c.index]["army_number"].(string)
		if record.DBID != u.db || numbers[record.ArmyNumber] || strings.TrimSpace(sent) != record.ArmyNumber {
			t.Errorf("%q: row %d goes in as %+v", body, c.index, record)
		}
		numbers[record.ArmyNumber] = true
	}
	checkFailed(t, u, count, len(rows))
}

func checkFailed(t *testing.T, u *upload, count, sent int) {
	t.Helper()
	if count != sent || len(u.created)+len(u.failed) != count {
		t.Errorf("%d rows of %d: %d in and %d failed", count, sent, len(u.created), len(u.failed))
	}
	for _, failed := range u.failed {
		if failed.Error == "" || slices.Contains(indexesOf(u), failed.Index) {
			t.Errorf("failure %+v", failed)
		}
		webtest.CheckText(t, "army_number", failed.ArmyNumber, office.Code)
	}
	answer := u.answer()
	if _, err := json.Marshal(answer.Data); err != nil || answer.Message == "" || len(answer.Message) >= 300 {
		t.Errorf("%v: %+v", err, answer)
	}
}

func checkIDs(t *testing.T, body []byte) {
	t.Helper()
	list, err := webtest.Decode(body, web.Whole, readIDs)
	if err != nil {
		webtest.Refused(t, err, idsField)
		return
	}
	sent, _ := webtest.Object(t, body)[idsField].([]any)
	invalid := 0
	for _, value := range sent {
		text, _ := value.(string)
		if id, err := office.ParseID(strings.TrimSpace(text)); err != nil {
			invalid++
		} else if !slices.Contains(list.IDs, id) {
			t.Errorf("%v is missing in %v", id, list.IDs)
		}
	}
	if len(sent) == 0 || len(list.Invalid) != invalid || len(list.IDs) > len(sent)-invalid {
		t.Errorf("%v is taken as %+v", sent, list)
	}
}

func checkFilters(t *testing.T, raw string) {
	t.Helper()
	params, _ := url.ParseQuery(raw) // what it understood is there beside an error
	query, err := readFilters(params)
	if err != nil {
		webtest.Refused(t, err, "search", "filter")
		return
	}
	asked := strings.ToLower(strings.TrimSpace(params.Get("filter")))
	if asked != string(query.Status) && !(query.Status == "" && asked == "all") || query.Status != "" && !query.Status.Valid() {
		t.Errorf("%q asks for %q", raw, query.Status)
	}
}
