package moving

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// twinDump is the old backend's dump, in which two of the records of a database have
// one army number, and another has a blank one. It returns the database.
func twinDump(t *testing.T) (dir, db string) {
	t.Helper()
	dir = t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS(legacy)))
	content, err := os.ReadFile(filepath.Join(dir, "personnels.json"))
	must(t, err)
	var out strings.Builder
	changes := []doc{{"first_name": "Elder", "army_number": "TW/1"}, {"first_name": "Younger", "army_number": "TW/1"}, {"first_name": "Blank", "army_number": ""}}
	for line := range strings.Lines(string(content)) {
		var d doc
		must(t, json.Unmarshal([]byte(line), &d))
		if len(changes) > 0 && d["isDeleted"] != true && (db == "" || d["db_id"] == db) {
			db, d["status"] = d["db_id"].(string), "active"
			for field, value := range changes[0] {
				d[field] = value
			}
			changes = changes[1:]
		}
		must(t, json.NewEncoder(&out).Encode(d))
	}
	must(t, os.WriteFile(filepath.Join(dir, "personnels.json"), []byte(out.String()), 0o600))
	return dir, db
}

// Records of an old database that share an army number are each paid once, and a row of a
// file changes none of them; nor does a row without a number change one without a number.
func TestTwins(t *testing.T) {
	files, db := twinDump(t)
	data := t.TempDir()
	do(t, []string{"DATA_DIR=" + data}, "office-payment", "import", files)
	checkTwins(t, serve(t, "office-payment", data), db)

	uri, database := startDatabase(t)
	do(t, nil, "mongofiles", "load", uri, database, files)
	checkTwins(t, serve(t, "stack", t.TempDir(), "MONGO_URI="+uri, "MONGO_DB="+database, "LOG_LEVEL=error"), db)
}

func checkTwins(t *testing.T, origin, db string) {
	t.Helper()
	chief, _, err := client.New(origin).Login(t.Context(), admin.number, admin.password)
	must(t, err)
	c := check{t, origin + ": ", chief}
	before := get[[]client.Record](c, "/personnels")

	lines := map[string]int{}
	for _, cells := range c.file("GET", "/personnels/db/"+db+"/schedule", "") {
		first, _, _ := strings.Cut(cells[5], " ")
		lines[first]++
	}
	for _, name := range []string{"Elder", "Younger", "Blank"} {
		if lines[name] != 1 {
			t.Errorf("%s%s is in %d lines of the schedule, want one", c.where, name, lines[name])
		}
	}

	failed := c.file("POST", "/personnels/upload?mode=upsert&db_id="+db, "Army Number,Rank\nTW/1,Maj\n,Maj\n")
	for i, why := range []string{"the army number is that of 2 records of this database", "the army number is required"} {
		if len(failed) != 3 || !strings.Contains(failed[i+1][1], why) {
			t.Errorf("%sthe rows that failed are %q, want %q", c.where, failed, why)
		}
	}
	same(c, "the records after it", get[[]client.Record](c, "/personnels"), before)
}

// file is the lines of a file that is the answer to a call, which may send one.
func (c check) file(method, path, sent string) [][]string {
	c.t.Helper()
	req, err := c.caller.Request(c.t.Context(), method, path, client.Raw(sent))
	must(c.t, err)
	req.Header.Set("Content-Type", "text/csv")
	req.Header.Set("Accept", "text/csv")
	res, err := client.Do(req)
	must(c.t, err)
	lines, err := csv.NewReader(bytes.NewReader(res.Body)).ReadAll()
	must(c.t, err)
	return lines
}
