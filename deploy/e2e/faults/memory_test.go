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
// that has 256 MB. Of the stack it is the personnel service alone, and the test server has
// few records: what is in memory at a time is a part of those, or what clients send.
func TestLargestRecords(t *testing.T) {
	t.Parallel()
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t, "GOMEMLIMIT=200MiB")
		db := r.NewDB()
		const upload = 1700 // records: 15 MB
		process, uploads := r.Serving[0], [][]rig.Fields{largestOnes(db, 0, upload), largestOnes(db, upload, upload)}
		if r.Stack != nil {
			process, uploads = r.Process("personnel"), [][]rig.Fields{largestOnes(db, 0, 150)}
		}
		for _, rows := range uploads {
			r.Upload(rows)
		}
		var users []*client.Client
		for range 10 {
			users = append(users, r.NewUser(db))
		}
		r.URL = r.Address(process)
		var ids []string
		for _, record := range get[client.List[client.Record]](t, r, "/personnels/db/"+db+"?limit=10000").Data {
			ids = append(ids, record.ID)
		}
		for _, rush := range rushes(t, r, db, ids, users) {
			rush.do()
			peak := memoryOf(t, process, "VmHWM:")
			rig.Report(t, 41, "after %s, it has had %d MB at most", rush.name, peak)
			if peak > 256 {
				t.Fatalf("after %s, it has had %d MB", rush.name, peak)
			}
			eventually(t, time.Minute, served(t, r))
		}
	})
}

// largestOnes are that many records of the largest size.
func largestOnes(db string, from, count int) (rows []rig.Fields) {
	for n := range count {
		rows = append(rows, largest(db, from+n))
	}
	return rows
}

// rush is what many users do at once.
type rush struct {
	name string
	do   func()
}

// rushes are those of TestLargestRecords, the deletion of all records at the end.
func rushes(t *testing.T, r *rig.Rig, db string, ids []string, users []*client.Client) []rush {
	t.Helper()
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
	all := []rush{
		{"8 pages of everything", calls(8, "GET", list+"?limit=10000", "", nil)},
		{"80 streams that nobody reads", silent(80, "/personnels")},
		{"80 workbooks that nobody reads", silent(80, list+"/export?format=xlsx")},
		{"60 pages of 1000 that nobody reads", silent(60, list+"?limit=1000")},
		{"300 pages of 64 that nobody reads", silent(300, list+"?limit=64")},
		{"20 checks that nobody reads", silent(20, "/personnels/checks?limit=10000")},
		{"8 files of empty cells", calls(8, "POST", "/personnels/upload?db_id="+db, "text/csv", commas)},
		{"8 files in another encoding", calls(8, "POST", "/personnels/upload?db_id="+db, "text/csv", foreign)},
	}
	if r.Stack == nil { // the test server would take minutes to store so much
		more, err := json.Marshal(largestOnes(db, 9000, 1700))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rush{"10 uploads", calls(10, "POST", "/personnels/upload", "application/json", more)},
			rush{"10 looks at the longest histories", func() {
				since := time.Now().UTC().Format(time.RFC3339)
				fillHistories(t, r, db, ids[:4])
				callTogether(t, r, users, 10, "GET", "/personnels/history/"+ids[0]+"?limit=500", "", nil)
				callTogether(t, r, users, 10, "GET", list+"/changes?since="+since, "", nil)
			}})
	}
	everything, err := json.Marshal(rig.Fields{"personnels_id": ids})
	if err != nil {
		t.Fatal(err)
	}
	return append(all, rush{"a deletion of everything", calls(2, "DELETE", "/personnels/bulk-delete", "application/json", everything)},
		rush{"8 pages of the trash", calls(8, "GET", list+"/trash?limit=10000", "", nil)})
}

// fillHistories gives records more entries than are kept, each a change of all fields.
func fillHistories(t *testing.T, r *rig.Rig, db string, ids []string) {
	t.Helper()
	atOnce(t, len(ids), func(i int) error {
		for n := range 505 {
			fields := largest(db, n%2)
			delete(fields, "army_number")
			delete(fields, "db_id")
			if _, err := client.Send[client.Record](t.Context(), r.Admin, "PATCH", "/personnels/"+ids[i], fields); err != nil {
				return err
			}
		}
		return nil
	})
}

// callTogether makes a call many times at once, as several users. Some may be refused, or
// cut off when their time is over.
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
			return nil // a client whose body is refused may hear of it before all of it is sent
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		return nil
	})
}
