package moving

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
	"officepay.example/shared/faulttest"
)

type doc = map[string]any

// oid, date and long are how Extended JSON writes what JSON does not have.
func oid(id any) doc         { return doc{"$oid": id} }
func date(ms string) doc     { return doc{"$date": long(ms)} }
func long(digits string) doc { return doc{"$numberLong": digits} }

// idOf is the id of a document as it is in the dump.
func idOf(d doc) string { id, _ := d["_id"].(doc)["$oid"].(string); return id }

// digit is one for each hex digit.
func digit(hex rune) rune { return '0' + hex%10 }

// oddities are what others have written into records that can be taken for what it
// clearly means.
var oddities = []func(doc){
	func(d doc) { d["acct_number"] = long("1234567890") },
	func(d doc) { d["acct_number"], d["phone_number"] = 123456789, long("8012345678") },
	func(d doc) { d["db_id"] = oid(d["db_id"]) },
	func(d doc) { d["db_id"] = " " + strings.ToUpper(d["db_id"].(string)) },
	func(d doc) { d["_id"] = idOf(d) },
	func(d doc) { d["_id"] = json.RawMessage("1" + strings.Map(digit, idOf(d)[14:])) },
	func(d doc) { d["created_at"] = "2025-11-28T09:00:00+01:00" },
	func(d doc) { d["created_at"], d["updated_at"] = long("1764320400000"), "2025-11-28 09:00:00" },
	func(d doc) { d["created_at"] = 1764320400 },
	func(d doc) { d["first_name"], d["rank"] = nil, nil; delete(d, "sub_sector") },
	func(d doc) { d["first_name"], d["army_number"] = " Ade\u0301 ", d["army_number"].(string)+" \u200b" },
	func(d doc) { d["bank"] = "WEMA BANK PLC " },
	func(d doc) { d["bank"] = doc{"name": 44, "sort_code": 35150103, "branch": []any{1, doc{"a": nil}}} },
	func(d doc) { d["status"], d["isDeleted"] = " AWOL", 0 },
	func(d doc) { d["isDeleted"], d["deleted_at"] = "TRUE", "2025-11-30" },
	func(d doc) { d["remark"], d["location"] = "one\r\ntwo\tthree", "\u2028Abuja" },
	func(d doc) { d["status"], d["middle_name"] = "on leave", 7 },
}

// unfit are values that make no sense, or cannot be served.
var unfit = []func(doc){
	func(d doc) { d["created_at"] = date("1700000000000000") },
	func(d doc) { d["updated_at"] = date("-99999999999999") },
	func(d doc) { d["created_at"] = "yesterday" },
	func(d doc) { d["rank"] = strings.Repeat("x", 101) },
	func(d doc) { d["remark"] = strings.Repeat("é", 1001) },
	func(d doc) { d["last_name"] = "bell\a" },
	func(d doc) { d["last_name"] = "Jos\ufffd" },
	func(d doc) { d["rank"] = doc{"is": doc{"deep": []any{"Sgt"}}} },
	func(d doc) { d["last_name"] = true },
	func(d doc) { d["acct_number"] = 1.5 },
	func(d doc) { d["acct_number"] = -7 },
	func(d doc) { d["isDeleted"] = "perhaps" },
	func(d doc) { d["army_number"] = []any{"N/1"} },
}

// oddDump is the old backend's dump, in which every second record is odd, and some
// users and databases. It returns the ids of what cannot be taken.
func oddDump(t *testing.T) (dir string, refused []string) {
	t.Helper()
	dir = t.TempDir()
	rewrite := func(kind string, change func(n int, d doc) []doc) {
		var out strings.Builder
		content, err := os.ReadFile(filepath.Join(legacy, kind+".json"))
		must(t, err)
		n := 0
		for line := range strings.Lines(string(content)) {
			var d doc
			must(t, json.Unmarshal([]byte(line), &d))
			for _, d := range change(n, d) {
				must(t, json.NewEncoder(&out).Encode(d))
			}
			n++
		}
		must(t, os.WriteFile(filepath.Join(dir, kind+".json"), []byte(out.String()), 0o600))
	}
	rewrite("dbs", func(n int, d doc) []doc {
		if n > 0 {
			return []doc{d}
		}
		lower := doc{"_id": oid("ff" + idOf(d)[2:]), "name": " Twin", "short_code": strings.ToLower(d["short_code"].(string)) + " "}
		return []doc{d, lower}
	})
	rewrite("users", func(n int, d doc) []doc {
		switch n {
		case 1: // still logs in as before
			d["army_number"] = " " + d["army_number"].(string) + "\u200b"
		case 3:
			d["allowed_dbs"], d["is_generated"] = "6929649081b97ab4ee9e110a", 1
		case 4:
			d["session"] = "first"
			refused = append(refused, idOf(d))
		}
		return []doc{d}
	})
	rewrite("personnels", func(n int, d doc) []doc {
		kind := n / 2 % (len(oddities) + len(unfit))
		switch {
		case n%2 == 0:
		case kind < len(oddities):
			oddities[kind](d)
		default:
			refused = append(refused, idOf(d))
			unfit[kind-len(oddities)](d)
		}
		return []doc{d}
	})
	return dir, refused
}

// Of a dump in which every second document is odd, both ways to run the product serve
// the same, and name what they cannot.
func TestOddDump(t *testing.T) {
	files, refused := oddDump(t)
	data, aside, log := t.TempDir(), filepath.Join(t.TempDir(), "aside.json"), new(faulttest.Log)
	process := stack.NewProcess(rig.Program(t, "office-payment"), []string{"import", "-set-aside", aside, files}, []string{"DATA_DIR=" + data}, log)
	must(t, process.Start())
	must(t, process.Err())
	wantNamed(t, "the import", log.String(), "%s", refused)
	kept, err := os.ReadFile(aside)
	must(t, err)
	wantNamed(t, "the file", string(kept), `"$oid":"%s"`, refused)
	if lines := strings.Count(string(kept), "\n"); lines != len(refused) {
		t.Errorf("%d documents are set aside, want %d", lines, len(refused))
	}
	here := serve(t, "office-payment", data)
	wantTotals(t, here, 600, len(refused)-1)

	uri, database := startDatabase(t)
	do(t, nil, "mongofiles", "load", uri, database, files)
	there, started := serveLogged(t, "stack", t.TempDir(), "MONGO_URI="+uri, "MONGO_DB="+database)
	wantNamed(t, "the log", started.String(), `"id":"%s"`, refused)
	wantTotals(t, there, 600, len(refused)-1)
	compare(t, "on MongoDB", answers(t, there), answers(t, here))
}

func wantNamed(t *testing.T, where, text, form string, ids []string) {
	t.Helper()
	for _, id := range ids {
		if !strings.Contains(text, fmt.Sprintf(form, id)) {
			t.Errorf("%s does not name %s", where, id)
		}
	}
}

// wantTotals checks that all records are served, live or deleted, but those refused.
func wantTotals(t *testing.T, origin string, all, refused int) {
	t.Helper()
	chief, _, err := client.New(origin).Login(t.Context(), admin.number, admin.password)
	must(t, err)
	figures := get[map[string]struct{ Total int }](check{t, origin, chief}, "/analytics/dashboard")
	if got := figures["personnel"].Total + figures["deleted_personnel"].Total; got != all-refused {
		t.Errorf("%s: %d records are there, want %d", origin, got, all-refused)
	}
}
