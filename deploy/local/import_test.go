package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"officepay.example/deploy/local/sqlitestore"
	"officepay.example/shared/office"
)

// export is a directory with an export: one database, one admin, and these
// records.
func exportOf(t *testing.T, personnels string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		dbsFile:   `{"_id":{"$oid":"6929649081b97ab4ee9e110a"},"name":"Alpha Works","short_code":"ALPHA"}`,
		usersFile: `{"_id":{"$oid":"69295680b31d89fb4f786f0d"},"army_number":"N/17000","role":"admin"}`, personnelsFile: personnels,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// person is the nth document of an export, with changes. A nil value takes the
// field out.
func person(n int, changes map[string]any) string {
	doc := map[string]any{
		"_id":        map[string]any{"$oid": fmt.Sprintf("69296490e5d616f9f2b3a6%02x", n)},
		"created_at": map[string]any{"$date": "2025-11-28T09:00:00.000Z"}, "db_id": "6929649081b97ab4ee9e110a", "first_name": "Ladi",
		"last_name": "Nwosu", "army_number": fmt.Sprint("95NA/", n), "acct_number": "9999781020", "phone_number": "08047302098",
		"rank": "Sgt", "bank": map[string]any{"name": "WEMA", "sort_code": "035150103"}, "sub_sector": "1B", "status": "active", "isDeleted": false,
	}
	for name, value := range changes {
		if doc[name] = value; value == nil {
			delete(doc, name)
		}
	}
	line, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return string(line)
}

// records are those of an installation.
func records(t *testing.T, o *installation) (all []office.Personnel) {
	t.Helper()
	err := o.database().Snapshot(t.Context(), func(s sqlitestore.Snapshot) error {
		return s.Personnel(func(p office.RecordWithHistory) error { all = append(all, p.Personnel); return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Whatever form an export has, everybody in it comes in.
func TestImportForms(t *testing.T) {
	one, two := person(1, nil), person(2, map[string]any{"first_name": "Zoë \"{[\\", "remark": "}]"})
	var pretty bytes.Buffer
	json.Indent(&pretty, []byte("["+one+","+two+"]"), "", "  ")
	for name, content := range map[string]string{
		"a line each":           one + "\n" + two,
		"Windows":               one + "\r\n\r\n" + two + "\r\n",
		"in one line":           one + two + "\n",
		"an array":              "[" + one + ",\n" + two + "]\n",
		"an array in one line":  "[" + one + "," + two + "]",
		"pretty":                pretty.String(),
		"pretty, no array":      strings.Trim(strings.ReplaceAll(pretty.String(), "\n  },\n", "\n  }\n"), "[]\n"),
		"byte order mark":       "\ufeff" + one + "\n" + two,
		"two files put in one":  "\ufeff" + one + "\ufeff[" + two + "]",
		"two arrays":            "[" + one + "]\n[" + two + "]",
		"nothing but documents": "\n \n" + one + "\n\t" + two,
	} {
		o := newInstallation(t)
		o.must("", "import", exportOf(t, content))
		got := records(t, o)
		if len(got) != 2 || got[1].FirstName != "Zoë \"{[\\" || got[1].Remark != "}]" {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// refusedExports are records that cannot be imported, and how they are listed.
var refusedExports = map[string]struct{ content, listed string }{
	"Latin-1":         {"\n" + strings.Replace(person(1, nil), "Ladi", "Jos\xe9", 1), "line 2: it is not UTF-8 text"},
	"UTF-16":          {"\xff\xfe{\x00", "personnels.json is UTF-16"},
	"cut short":       {"[" + person(1, nil) + ",\n", "line 2: ends within an array"},
	"broken":          {person(1, nil)[:100] + "\n" + person(2, nil), "line 1: it is not a JSON document"},
	"not Extended":    {`{"_id":{"$oid":"7"}}`, "line 1: it is JSON, but not Extended JSON"},
	"half a pair":     {person(1, map[string]any{"rank": "x"})[:10] + `","rank":"\ud800"}`, "line 1: it is not a JSON document"},
	"half a surrogat": {`{"rank":"\ud800"}`, "line 1: it holds half of a character"},
	"no documents":    {"<html>\n", "line 1: it is not a JSON document"},
	"a null":          {"null", "line 1: it is not a JSON document"},
	"a field twice":   {person(1, nil)[:len(person(1, nil))-1] + `,"rank":"Maj"}`, "line 1: it has a field twice"},
	"one within":      {`{"bank":{"name":"A","name":"B"}}`, "line 1: it has a field twice"},
	"one in a list":   {`{"history":[{"at":1,"at":2}]}`, "line 1: it has a field twice"},
	"a list":          {"[1, 2]", "line 1: it is not a JSON document"},
	"a late year":     {person(1, nil) + person(2, map[string]any{"created_at": map[string]any{"$date": map[string]any{"$numberLong": "1700000000000000"}}}), "line 1, id 69296490e5d616f9f2b3a602: created_at is outside the years 1 to 9999"},
	"a deep value":    {person(1, map[string]any{"rank": map[string]any{"a": []any{1}}}), "rank is of the type embedded document, not a text"},
	"a long text":     {person(1, map[string]any{"rank": strings.Repeat("x", 101)}), "rank must be at most 100 characters"},
	"no database":     {person(1, map[string]any{"db_id": "BRAVO"}), "id 69296490e5d616f9f2b3a601: db_id names no database"},
}

func TestImportLists(t *testing.T) {
	for name, test := range refusedExports {
		t.Run(name, func(t *testing.T) {
			o := newInstallation(t)
			o.fails(test.listed, "import", exportOf(t, test.content))
			if got := records(t, o); len(got) != 0 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// What cannot be imported is written where it was asked for, as it was, and the
// rest is imported; what was mended can be imported then.
func TestImportSetsAside(t *testing.T) {
	o, dir := newInstallation(t), t.TempDir()
	bad := person(3, map[string]any{"first_name": true})
	latin := strings.Replace(person(4, nil), "Ladi", "Jos\xe9", 1)
	in, aside := exportOf(t, person(1, nil)+bad+"\n"+latin+"\n"+person(2, nil)), filepath.Join(dir, "aside.json")
	out := o.must("", "import", "-set-aside", aside, in)
	if !strings.Contains(out, "line 1, id 69296490e5d616f9f2b3a603: first_name is of the type boolean") || !strings.Contains(out, "set aside in "+aside) {
		t.Errorf("the report is\n%s", out)
	}
	if strings.Contains(out, "9999781020") {
		t.Errorf("the report holds a value:\n%s", out)
	}
	if got := records(t, o); len(got) != 2 {
		t.Errorf("got %+v", got)
	}
	if got := read(t, dir, "aside.json"); got != bad+"\n"+latin+"\n" {
		t.Errorf("set aside is %q", got)
	}
	o.fails("already exists", "import", "-set-aside", aside, in)
	o.must("", "import", exportOf(t, strings.Replace(bad, "true", `"Musa"`, 1)))
	if got := records(t, o); len(got) != 3 {
		t.Errorf("got %+v", got)
	}
	clean := filepath.Join(dir, "nothing.json")
	o.must("", "import", "-set-aside", clean, exportOf(t, person(1, nil)))
	if _, err := os.Stat(clean); err == nil {
		t.Error("there is a file of nothing")
	}
}

// Those that the rules of today make one are all kept, as they are on MongoDB, and
// named; what has an id twice is refused.
func TestImportKeepsWhatIsOneToday(t *testing.T) {
	o := newInstallation(t)
	in := exportOf(t, person(1, nil)+person(2, map[string]any{"army_number": "95NA/1 "})+person(3, map[string]any{"army_number": "\u200b95NA/1"}))
	more := func(name, id, from, to string) {
		content := read(t, in, name)
		again := strings.Replace(strings.Replace(content, id, "0000"+id[4:], 1), from, to, 1)
		if err := os.WriteFile(filepath.Join(in, name), []byte(content+"\n"+again), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	more(dbsFile, "6929649081b97ab4ee9e110a", "ALPHA", "alpha")
	more(usersFile, "69295680b31d89fb4f786f0d", "N/17000", "N/17000 ")
	out := o.must("", "import", in)
	for _, line := range []string{
		"dbs.json, line 2, id 0000649081b97ab4ee9e110a: has the short_code of an earlier database",
		"users.json, line 2, id 00005680b31d89fb4f786f0d: has the army_number of an earlier user",
		"personnels.json, line 1, id 69296490e5d616f9f2b3a602: has the army_number", "personnels.json, line 1, id 69296490e5d616f9f2b3a603: has the army_number",
	} {
		if !strings.Contains(out, line) {
			t.Errorf("the report does not say %q:\n%s", line, out)
		}
	}
	for range 2 {
		if got := records(t, o); len(got) != 3 || got[2].ArmyNumber != "95NA/1" {
			t.Errorf("got %+v", got)
		}
		out = o.must("", "import", in)
	}
	if !strings.Contains(out, "dbs.json                 0, already there 2\n") || strings.Contains(out, "an admin should") {
		t.Errorf("a second import did something:\n%s", out)
	}
	o.fails("personnels.json, line 1, id 69296490e5d616f9f2b3a607: _id is that of an earlier document",
		"import", exportOf(t, person(7, nil)+person(7, map[string]any{"army_number": "other"})))
	o.fails("army_number is already taken here", "import", exportOf(t, person(8, map[string]any{"army_number": "95NA/1"})))
}

// The list of what cannot be imported has an end.
func TestImportListIsLimited(t *testing.T) {
	o := newInstallation(t)
	out, err := o.run(t.Context(), "", "import", exportOf(t, strings.Repeat("{\n", 1003)))
	if err == nil || strings.Count(out, "personnels.json, line") != 1000 || !strings.Contains(out, "and 3 more lines") {
		t.Errorf("%v\n%.3000s", err, out)
	}
}

// Documents without an id come in, each once, however often they are imported.
func TestImportWithoutIDs(t *testing.T) {
	o := newInstallation(t)
	in := exportOf(t, person(1, map[string]any{"_id": nil})+person(2, map[string]any{"_id": nil})+person(3, map[string]any{"_id": 7}))
	for range 2 {
		o.must("", "import", in)
		if got := records(t, o); len(got) != 3 {
			t.Errorf("got %+v", got)
		}
	}
}

// A hash that nobody could ever compare is refused.
func TestImportRefusesCostlyHashes(t *testing.T) {
	o := newInstallation(t)
	costly := `"password_hash":"$2b$31$ECXm5Wy5i5R3lksfsv8qWeW5HeVuKQxtKdrsEncJEPaAo1C92s3Va"`
	in := changedDump(t, usersFile, `"password_hash":"$2b$12$ECXm5Wy5i5R3lksfsv8qWeW5HeVuKQxtKdrsEncJEPaAo1C92s3Va"`, costly)
	o.fails("id 69295680b31d89fb4f786f0d: password_hash costs too much", "import", in)
}
