package moving

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
)

// office is what the old backend's dump says. It is read here, and not with
// the product's own documents, so that a field that those get wrong is noticed.
type office struct {
	dbs     []client.DB
	users   []client.User
	live    []client.Record
	deleted []client.Record
}

// kept are the fields that the dump keeps in another form than the API shows.
type kept struct {
	ID struct {
		OID string `json:"$oid"`
	} `json:"_id"`
	CreatedAt struct {
		Date time.Time `json:"$date"`
	} `json:"created_at"`
}

// readLegacy reads the dump.
func readLegacy(t *testing.T) (d office) {
	t.Helper()
	eachKept(t, "dbs", func(line []byte, k kept) {
		var fields struct {
			Name, Description string
			ShortCode         string `json:"short_code"`
		}
		must(t, json.Unmarshal(line, &fields))
		d.dbs = append(d.dbs, client.DB{ID: k.ID.OID, Name: fields.Name, ShortCode: fields.ShortCode,
			Description: fields.Description, CreatedAt: k.CreatedAt.Date})
	})
	eachKept(t, "users", func(line []byte, k kept) { d.users = append(d.users, d.user(t, line, k)) })
	eachKept(t, "personnels", func(line []byte, k kept) {
		if record := readRecord(t, line, k); record.IsDeleted {
			d.deleted = append(d.deleted, record)
		} else {
			d.live = append(d.live, record)
		}
	})
	slices.SortStableFunc(d.live, func(a, b client.Record) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return d
}

// eachKept visits the documents of a file of the dump.
func eachKept(t *testing.T, kind string, visit func(line []byte, k kept)) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(legacy, kind+".json"))
	must(t, err)
	for line := range strings.Lines(string(content)) {
		var k kept
		must(t, json.Unmarshal([]byte(line), &k))
		visit([]byte(line), k)
	}
}

// user is the user of a line: of what he may see, the databases that exist.
func (d office) user(t *testing.T, line []byte, k kept) client.User {
	t.Helper()
	var fields struct {
		FirstName   string   `json:"first_name"`
		LastName    string   `json:"last_name"`
		ArmyNumber  string   `json:"army_number"`
		Role        string   `json:"role"`
		AllowedDBs  []string `json:"allowed_dbs"`
		IsGenerated bool     `json:"is_generated"`
	}
	must(t, json.Unmarshal(line, &fields))
	user := client.User{ID: k.ID.OID, FirstName: fields.FirstName, LastName: fields.LastName, ArmyNumber: fields.ArmyNumber,
		Role: fields.Role, IsGenerated: fields.IsGenerated, AccessAllDB: fields.Role == "admin", AllowedDBs: []client.DB{}}
	for _, id := range fields.AllowedDBs {
		if at := slices.IndexFunc(d.dbs, func(db client.DB) bool { return db.ID == id }); at >= 0 {
			db := d.dbs[at]
			db.CreatedAt = time.Time{} // within a user a database has none
			user.AllowedDBs = append(user.AllowedDBs, db)
		}
	}
	return user
}

// readRecord is the record of a line. Its oldest form has only the bank's name, no
// status, and no isDeleted.
func readRecord(t *testing.T, line []byte, k kept) client.Record {
	t.Helper()
	var fields map[string]any
	must(t, json.Unmarshal(line, &fields))
	text := func(name string) string { value, _ := fields[name].(string); return value }
	bank, _ := fields["bank"].(map[string]any)
	name, _ := bank["name"].(string)
	code, _ := bank["sort_code"].(string)
	isDeleted, _ := fields["isDeleted"].(bool)
	return client.Record{
		ID: k.ID.OID, DBID: text("db_id"), ArmyNumber: text("army_number"), Rank: text("rank"), FirstName: text("first_name"),
		MiddleName: text("middle_name"), LastName: text("last_name"), PhoneNumber: text("phone_number"), SubSector: text("sub_sector"),
		Location: text("location"), Remark: text("remark"), AcctNumber: text("acct_number"), Status: cmp.Or(text("status"), "active"),
		Bank:      client.Bank{Name: cmp.Or(name, text("bank")), SortCode: code},
		CreatedAt: k.CreatedAt.Date, IsDeleted: isDeleted, Revision: 1,
	}
}
