package e2e

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// titles is the header of a file of records.
const titles = "Army Number,Rank,First Name,Middle Name,Last Name,Phone Number,Bank Name,Account Number,Bank Sort Code,Sub Sector,Location,Remark"

// line is a good row of a file.
func line(number string) string {
	return fmt.Sprintf("%s,Sgt,Ada,,Obi,08031234567,ECOBANK PLC,%s,050150311,HQ,Kano,", number, goodAccount())
}

// goodAccount makes an account number in which no check finds anything at that bank,
// whose code is 050: its last digit is the check digit.
func goodAccount() string {
	serial := fmt.Sprintf("%09d", counter.Add(1))
	sum := 7 * 5
	for i, digit := range serial {
		sum += int(digit-'0') * []int{3, 7, 3}[i%3]
	}
	return fmt.Sprintf("%s%d", serial, (10-sum%10)%10)
}

// sendFile uploads a CSV file to a database.
func sendFile(c caller, db, query, file string, extra header) client.Response {
	c.t.Helper()
	headers := header{"Content-Type": "text/csv"}
	for name, value := range extra {
		headers[name] = value
	}
	return c.doWith(headers, "POST", "/personnels/upload?db_id="+db+query, client.Raw(file))
}

// fileOf is a file with the template's header.
func fileOf(lines ...string) string {
	return strings.Join(append([]string{titles}, lines...), "\r\n") + "\r\n"
}

// export is a database as CSV.
func export(c caller, db, query string) string {
	c.t.Helper()
	res := c.send("GET", "/personnels/db/"+db+"/export"+query, nil)
	if kind := res.Header.Get("Content-Type"); res.Status != 200 || kind != "text/csv; charset=utf-8" {
		c.t.Fatalf("the export is %d, %s", res.Status, kind)
	}
	return string(res.Body)
}

// What is exported can be uploaded as it was, even what a spreadsheet program would
// change: in the same database it changes nothing, and in another it makes the same
// records.
func TestFileRoundTrip(t *testing.T) {
	t.Parallel()
	db, other, rows := newDB(t), newDB(t), []any{}
	for _, text := range []string{"=1+1", "+234", "-5", "@SUM(A1)", "'=x", "'quoted'", `a "b", c; d`, "0012", "Zoë 日本 مرحبا", "1E5x"} {
		row := fullFields(db.ID)
		for name := range row {
			if !slices.Contains([]string{"db_id", "bank", "acct_number", "status", "army_number", "phone_number"}, name) {
				row[name] = text
			}
		}
		row["acct_number"] = goodAccount()
		row["bank"] = fields{"name": text, "sort_code": "050150311"}
		row["army_number"], row["phone_number"] = unique("FILE")+text, "+234"+text
		rows = append(rows, row)
	}
	admin(t).want(201, "POST", "/personnels/upload", rows)
	file := export(admin(t), db.ID, "")
	schedule := admin(t).send("GET", "/personnels/db/"+db.ID+"/schedule", nil)
	failed := admin(t).raw(header{"Content-Type": "text/csv", "Accept": "text/csv"}, "POST", "/personnels/upload?db_id="+db.ID, file)
	for _, out := range []string{file, string(schedule.Body), string(failed.Body)} {
		lines := rowsOfCSV(t, out)
		if len(lines) <= len(rows) {
			t.Errorf("a file has %d lines", len(lines))
		}
		for _, cell := range slices.Concat(lines...) {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
				t.Errorf("the cell %q is a formula", cell)
			}
		}
	}
	for query, file := range map[string]string{"": file, "?bom=true": export(admin(t), db.ID, "?bom=true")} {
		done := dataOf[client.Upload](t, sendFile(admin(t), db.ID, "&mode=upsert", file, nil))
		if done.Unchanged != len(rows) || done.Inserted+done.Updated+len(done.Failed) > 0 {
			t.Errorf("with %q it changes something: %+v", query, done)
		}
	}
	if done := dataOf[client.Upload](t, sendFile(admin(t), other.ID, "", file, nil)); done.Inserted != len(rows) {
		t.Errorf("into another database: %+v", done)
	}
	if again := export(admin(t), other.ID, ""); again != file {
		t.Errorf("the same records are exported as\n%s\nand were\n%s", again, file)
	}
}

func rowsOfCSV(t *testing.T, file string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestExportFilters: the file has the records that the list has, in its order.
func TestExportFilters(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	rows := rowsOf(db.ID, 12)
	for i, name := range []string{"Musa", "Amusa", "Ada"} {
		rows[i] = with(recordFields(db.ID), fields{"first_name": name, "status": []string{"active", "death", "awol"}[i]})
	}
	admin(t).want(201, "POST", "/personnels/upload", rows)
	for _, query := range []string{"", "?search=musa", "?search=musa+ibra&filter=death", "?filter=awol", "?filter=ALL&search=nobody"} {
		var want, got []string
		for _, record := range page[client.Record](admin(t), "/personnels/db/"+db.ID+query+joined(query)+"limit=100").Data {
			want = append(want, record.ArmyNumber)
		}
		for _, cells := range rowsOfCSV(t, export(admin(t), db.ID, query))[1:] {
			got = append(got, cells[0])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q exports %q, and lists %q", query, got, want)
		}
	}
	for _, query := range []string{"?format=pdf", "?bom=perhaps", "?filter=retired", "?search=%00"} {
		admin(t).want(400, "GET", "/personnels/db/"+db.ID+"/export"+query, nil)
	}
	admin(t).want(404, "GET", "/personnels/db/"+unusedID+"/export", nil)
}

// joined continues a query.
func joined(query string) string {
	if query == "" {
		return "?"
	}
	return "&"
}

// TestSchedule: the active records by bank, each with its count, and then the others.
func TestSchedule(t *testing.T) {
	t.Parallel()
	db, shared := newDB(t), goodAccount()
	bank := func(name, code string) fields { return fields{"name": name, "sort_code": code} }
	rows := []any{
		with(recordFields(db.ID), fields{"first_name": "Zoe", "bank": bank("ZENITH BANK PLC", "057150013"), "acct_number": "1234567899"}),
		with(recordFields(db.ID), fields{"first_name": "Eko", "bank": bank("ECOBANK PLC", "050150311"), "acct_number": "0000000000"}),
		with(recordFields(db.ID), fields{"first_name": "Ann", "bank": bank("ECOBANK PLC", "050150311"), "acct_number": shared}),
		with(recordFields(db.ID), fields{"first_name": "Dead", "status": "death"}),
		with(recordFields(db.ID), fields{"first_name": "Zia", "bank": bank("Zenith Bank Plc", "057150013"), "acct_number": "1234567890"}),
		with(recordFields(db.ID), fields{"first_name": "Short", "acct_number": "123"}),
		with(recordFields(db.ID), fields{"first_name": "Ben", "bank": bank("ECOBANK PLC", "050150311"), "acct_number": shared}),
	}
	admin(t).want(201, "POST", "/personnels/upload", rows)
	res := newCaller(t, db.ID).send("GET", "/personnels/db/"+db.ID+"/schedule", nil) // sees no other test's records
	var got []string
	for _, cells := range rowsOfCSV(t, string(res.Body))[1:] {
		got = append(got, strings.Join(cells[5:], "|"))
	}
	want := []string{
		"Eko Ibrahim|acct_check_digit|", "Ann Ibrahim|acct_shared|", "Ben Ibrahim|acct_shared|", "Count: 3||", "||",
		"Zoe Ibrahim||", "Zia Ibrahim|acct_check_digit|", "Count: 2||", "||",
		"Dead Ibrahim|acct_format|the status is death", "Short Ibrahim|acct_format|the account number is not 10 digits", "Count: 2||", "||",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the schedule is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestExportOfWorkbook(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	newRecord(t, db.ID)
	res := admin(t).send("GET", "/personnels/db/"+db.ID+"/export?format=xlsx", nil)
	if !strings.HasPrefix(string(res.Body), "PK\x03\x04") || !strings.Contains(res.Header.Get("Content-Disposition"), ".xlsx\"") {
		t.Errorf("%v: %.20q", res.Header, res.Body)
	}
	refused := sendFile(admin(t), db.ID, "", string(res.Body), nil)
	if refused.Status != 400 || !strings.Contains(refused.Message, "save it as CSV") {
		t.Errorf("sent back: %d %s", refused.Status, refused.Message)
	}
}

// trials are files, by what they are about; %s is an army number that is there
// already.
var trials = map[string]string{
	"one row":               fileOf(line("A1")),
	"good rows":             fileOf(line("A1"), line("A2")),
	"some bad":              fileOf(line("A1"), line(""), line("A1"), "A3,Sgt", line("A4"), strings.Replace(line("A5"), "08031234567", "8.03E+09", 1)),
	"all bad":               fileOf(line("%s"), line("")),
	"a known one":           fileOf(line("A1"), line("%s")),
	"a change":              fileOf("%s,,Other,,,,,,,,,"),
	"a bad change":          fileOf("%s,,Other,,,,,12345,,,,", line("A1")),
	"no change":             fileOf("%s,,,,,,,,,,,"),
	"an account of two":     fileOf("A1,Sgt,Ada,,Obi,080,ECOBANK PLC,0123456789,050150311,HQ,,", "A2,Sgt,Eze,,Uba,080,ECOBANK PLC,0123456789,050150311,HQ,,"),
	"an account of another": fileOf("%s,,,,,,,0123456789,,,,", "A2,Sgt,Eze,,Uba,080,ECOBANK PLC,0123456789,050150311,HQ,,"),
	"the same, new":         fileOf("%s,,Other,,,,,,,,,", "%s,,Another,,,,,,,,,"),
}

// TestFileTrial: a trial says exactly what is done then, and does nothing.
func TestFileTrial(t *testing.T) {
	t.Parallel()
	for name, file := range trials {
		for _, mode := range []string{"create", "upsert"} {
			t.Run(name+" "+mode, func(t *testing.T) {
				db := newDB(t)
				there, clerk := newRecord(t, db.ID), newCaller(t, db.ID) // sees no other test's records, to be warned of
				file := strings.ReplaceAll(file, "%s", there.ArmyNumber)
				before := export(admin(t), db.ID, "")
				tried := sendFile(clerk, db.ID, "&dry_run=true&mode="+mode, file, nil)
				if after := export(admin(t), db.ID, ""); after != before {
					t.Errorf("a trial changed\n%s\nto\n%s", before, after)
				}
				done := sendFile(clerk, db.ID, "&mode="+mode, file, nil)
				trial, real := dataOf[client.Upload](t, tried), dataOf[client.Upload](t, done)
				if tried.Status != 200 || !trial.DryRun || real.DryRun {
					t.Errorf("the trial is %d, %+v", tried.Status, trial)
				}
				if trial.DryRun = false; !reflect.DeepEqual(trial, real) {
					t.Errorf("tried %+v\ndone  %+v", trial, real)
				}
				if changed := export(admin(t), db.ID, "") != before; changed != (real.Inserted+real.Updated > 0) {
					t.Errorf("%+v, and something changed: %v", real, changed)
				}
			})
		}
	}
}

// TestTrialOfJSON: rows in JSON have no trial, and are not stored instead.
func TestTrialOfJSON(t *testing.T) {
	t.Parallel()
	c, db := admin(t).in(t), newDB(t)
	before := export(c, db.ID, "")
	for _, asked := range []string{"true", "maybe"} {
		wantProblem(t, c.send("POST", "/personnels/upload?dry_run="+asked, []any{recordFields(db.ID)}), "dry_run")
	}
	if after := export(c, db.ID, ""); after != before {
		t.Errorf("a trial stored %s", after)
	}
}

// TestFileChanges: with upsert a known army number is changed, where a cell is not
// blank.
func TestFileChanges(t *testing.T) {
	t.Parallel()
	db, other := newDB(t), newDB(t)
	was, elsewhere := newRecord(t, db.ID), newRecord(t, other.ID)
	file := fileOf(was.ArmyNumber+",S/Sgt, ,,,,,,,,,", line(elsewhere.ArmyNumber))
	res := sendFile(newCaller(t, db.ID), db.ID, "&mode=upsert", file, nil)
	if done := dataOf[client.Upload](t, res); res.Status != 201 || done.Inserted != 1 || done.Updated != 1 {
		t.Errorf("%d %+v", res.Status, done)
	}
	now := get[client.Record](admin(t), "/personnels/"+was.ID)
	want := was
	want.Rank, want.UpdatedAt, want.Revision = "S/Sgt", now.UpdatedAt, 2
	if now != want {
		t.Errorf("the record is %+v, want %+v", now, want)
	}
	if now := get[client.Record](admin(t), "/personnels/"+elsewhere.ID); now != elsewhere {
		t.Errorf("that of another database is %+v", now)
	}
}

// TestFailedRows: the file of the rows that failed, corrected and sent again, adds the
// rest.
func TestFailedRows(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	file := fileOf(line("A1"), strings.Replace(line("A2"), "Sgt", "", 1), line("A3"), strings.Replace(line("'=A4"), "Sgt", "", 1))
	res := admin(t).raw(header{"Content-Type": "text/csv", "Accept": "text/csv"}, "POST", "/personnels/upload?db_id="+db.ID, file)
	rows := rowsOfCSV(t, string(res.Body))
	if res.Status != 207 || len(rows) != 3 || rows[1][0] != "3" || rows[2][0] != "5" || rows[2][2] != "'=A4" {
		t.Fatalf("%d: %q", res.Status, rows)
	}
	mended := strings.Replace(string(res.Body), "required,A2,", "required,A2,Sgt", 1)
	mended = strings.Replace(mended, "required,'=A4,", "required,'=A4,Sgt", 1)
	if done := dataOf[client.Upload](t, sendFile(admin(t), db.ID, "", mended, nil)); done.Inserted != 2 || len(done.Failed) > 0 {
		t.Errorf("mended\n%s\nit is %+v", mended, done)
	}
	wantTotal(t, db.ID, 4)
}

// raw is doWith for what may be answered with a file.
func (c caller) raw(extra header, method, path, body string) client.Response {
	c.t.Helper()
	req, err := c.Request(c.t.Context(), method, path, client.Raw(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for name, value := range extra {
		req.Header.Set(name, value)
	}
	res, err := client.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	return res
}

// TestFileRefused: a file that cannot be read to its end adds nothing.
func TestFileRefused(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	for name, c := range map[string]struct{ file, query, says string }{
		"columns missing":  {"Army Number,Rank\nA1,Sgt\n", "", "First Name, Last Name"},
		"no number":        {"Rank\nSgt\n", "&mode=upsert", "Army Number"},
		"another mode":     {fileOf(line("A1")), "&mode=replace", "create, upsert"},
		"an unclear trial": {fileOf(line("A1")), "&dry_run=maybe", "true or false"},
		"an unclear mark":  {fileOf(line("A1")), "&bom=maybe", "true or false"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, accept := range []string{"", "text/csv"} {
				res := sendFile(admin(t).in(t), db.ID, c.query, c.file, header{"Accept": accept})
				if res.Status != 400 || !strings.Contains(res.Message, c.says) {
					t.Errorf("%q is answered %d %s, want %q", accept, res.Status, res.Message, c.says)
				}
			}
		})
	}
	for db, status := range map[string]int{"": 400, "x": 400, unusedID: 404} {
		if res := sendFile(admin(t), db, "", fileOf(line("A1")), nil); res.Status != status {
			t.Errorf("into the database %q: %d %s", db, res.Status, res.Message)
		}
	}
	wantTotal(t, db.ID, 0)
	if res := admin(t).doWith(header{"Content-Type": "text/csv"}, "POST", "/personnels", client.Raw(titles)); res.Status != http.StatusUnsupportedMediaType {
		t.Errorf("a file for one record: %d", res.Status)
	}
}

// TestFileOfManyForms: what spreadsheet programs save, with what must be said about it.
func TestFileOfManyForms(t *testing.T) {
	t.Parallel()
	for name, file := range map[string]string{
		"semicolons":  strings.ReplaceAll(fileOf(line("A1")), ",", ";"),
		"tabs":        strings.ReplaceAll(fileOf(line("A1")), ",", "\t"),
		"a mark":      "\uFEFF" + fileOf(line("A1")),
		"a summary":   "Records of the office\n\nTotal,1\n" + fileOf(line("A1")),
		"more titles": strings.Replace(fileOf(line("A1")), "Remark", "Remark,S/N", 1),
		"blank lines": fileOf("", ",,,", line("A1"), ""),
	} {
		t.Run(name, func(t *testing.T) {
			db := newDB(t)
			res := sendFile(admin(t), db.ID, "", file, nil)
			done := dataOf[client.Upload](t, res)
			if res.Status != 201 || done.Inserted != 1 || len(done.IgnoredColumns) != strings.Count(file, "S/N") {
				t.Errorf("%d %s %+v", res.Status, res.Message, done)
			}
		})
	}
}
