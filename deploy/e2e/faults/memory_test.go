package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// largest is a record of the largest size: each text has as many characters as it may,
// of four bytes.
func largest(db string, n int) rig.Fields {
	text := func(limit int) string {
		return fmt.Sprintf("%05d", n) + strings.Repeat("\U0001F600", limit-5)
	}
	record := rig.Record(db)
	for _, field := range []string{"first_name", "middle_name", "last_name", "army_number", "phone_number", "rank", "acct_number", "sub_sector", "location"} {
		record[field] = text(100)
	}
	record["bank"] = rig.Fields{"name": text(100), "sort_code": text(100)}
	record["remark"] = text(1000)
	return record
}

// Promise 41: nothing that ten users do with records of the largest size ends a server
// that has 256 MB.
func TestLargestRecords(t *testing.T) {
	t.Parallel()
	r := rig.AllInOne(t, "GOMEMLIMIT=200MiB")
	db := r.NewDB()
	rows := func(from, count int) (rows []rig.Fields) {
		for n := range count {
			rows = append(rows, largest(db, from+n))
		}
		return rows
	}
	const upload = 1700 // records: 15 MB
	for from := range 2 {
		r.Upload(rows(from*upload, upload))
	}
	var users []*client.Client
	for range 10 {
		users = append(users, r.NewUser(db))
	}
	list := "/personnels/db/" + db
	silent := func(crowd int, path string) func() {
		return func() {
			for i := range crowd {
				defer silently(t, r, users[i%len(users)], 1, path)()
			}
			time.Sleep(3 * time.Second)
		}
	}
	calls := func(crowd int, method, path, contentType string, body []byte) func() {
		return func() { callTogether(t, r, users, crowd, method, path, contentType, body) }
	}
	commas := []byte("Army Number,First Name\n" + strings.Repeat("x"+strings.Repeat(",", 1500)+"\n", 10000))
	foreign := []byte("Army Number,First Name\n" + strings.Repeat("x,"+strings.Repeat("\x80", 1500)+"\n", 10000))
	more, err := json.Marshal(rows(9000, upload))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, record := range get[client.List[client.Record]](t, r, list+"?limit=10000").Data {
		ids = append(ids, record.ID)
	}
	all, err := json.Marshal(rig.Fields{"personnels_id": ids})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		do   func()
	}{
		{"8 pages of everything", calls(8, "GET", list+"?limit=10000", "", nil)},
		{"80 streams that nobody reads", silent(80, "/personnels")},
		{"80 workbooks that nobody reads", silent(80, list+"/export?format=xlsx")},
		{"60 pages of 1000 that nobody reads", silent(60, list+"?limit=1000")},
		{"300 pages of 64 that nobody reads", silent(300, list+"?limit=64")},
		{"20 checks that nobody reads", silent(20, "/personnels/checks?limit=10000")},
		{"8 files of empty cells", calls(8, "POST", "/personnels/upload?db_id="+db, "text/csv", commas)},
		{"8 files in another encoding", calls(8, "POST", "/personnels/upload?db_id="+db, "text/csv", foreign)},
		{"10 uploads", calls(10, "POST", "/personnels/upload", "application/json", more)},
		{"a deletion of everything", calls(2, "DELETE", "/personnels/bulk-delete", "application/json", all)},
		{"8 pages of the trash", calls(8, "GET", list+"/trash?limit=10000", "", nil)},
	} {
		c.do()
		peak := memoryOf(t, r.Serving[0], "VmHWM:")
		rig.Report(t, 41, "after %s, it has had %d MB at most", c.name, peak)
		if peak > 256 {
			t.Fatalf("after %s, it has had %d MB", c.name, peak)
		}
		eventually(t, time.Minute, served(t, r))
	}
}

// callTogether makes a call many times at once, as several users. Some may be refused.
func callTogether(t *testing.T, r *rig.Rig, users []*client.Client, crowd int, method, path, contentType string, body []byte) {
	t.Helper()
	atOnce(t, crowd, func(i int) error {
		request, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+users[i%len(users)].Token())
		if contentType != "" {
			request.Header.Set("Content-Type", contentType)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil // whose body is refused may hear of it before he has sent it all
		}
		defer response.Body.Close()
		_, err = io.Copy(io.Discard, response.Body)
		return err
	})
}
