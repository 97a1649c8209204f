package e2e

import (
	"net/http"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// Promise 49: a change for a revision other than the current one changes nothing.
func TestIfMatch(t *testing.T) {
	t.Parallel()
	db, c := newDB(t), admin(t)
	record := newRecord(t, db.ID)
	path := "/personnels/" + record.ID
	try := func(want int, match, method, path string, body any) client.Response {
		t.Helper()
		res := c.doWith(header{"If-Match": match}, method, path, body)
		if res.Status != want {
			t.Errorf("%s with If-Match %s: got %d, want %d", method, match, res.Status, want)
		}
		return res
	}
	tag := func(res client.Response) string { // without what a proxy adds that compresses
		return strings.Replace(res.Header.Get("ETag"), "-gzip", "", 1)
	}
	if got := tag(c.doWith(nil, "GET", path, nil)); got != `"1"` {
		t.Errorf("the ETag of a new record is %s", got)
	}
	if got := tag(try(200, `"1"`, "PATCH", path, fields{"rank": "Sgt"})); got != `"2"` {
		t.Errorf("the ETag of a changed record is %s", got)
	}
	for _, call := range []struct{ method, path string }{
		{"PATCH", path}, {"DELETE", path}, {"POST", "/personnels/restore/" + record.ID},
	} {
		body := any(fields{"rank": "Maj"})
		if call.method != "PATCH" {
			body = nil
		}
		stale := try(412, `"1"`, call.method, call.path, body)
		if opened, err := stale.Open(); err != nil || !strings.Contains(string(opened.Data), `"rank":"Sgt"`) || tag(stale) != `"2"` {
			t.Errorf("a stale %s is answered with %s", call.method, stale.Body)
		}
		try(400, "2", call.method, call.path, body)
	}
	try(404, `"1"`, "PATCH", "/personnels/"+unusedID, fields{"rank": "Maj"})
	try(404, `"1"`, "DELETE", "/personnels/"+unusedID, nil)
	for i, match := range []string{`"2-gzip"`, `W/"3"`, `"1", "4"`, `*`} {
		try(200, match, "PATCH", path, fields{"rank": "R" + match[:1], "remark": http.StatusText(200 + i)})
	}
	try(200, `"6"`, "DELETE", path, nil)
	try(412, `"6"`, "POST", "/personnels/restore/"+record.ID, nil)
	try(200, `"7"`, "POST", "/personnels/restore/"+record.ID, nil)
	if got := historyOf(c, record.ID).Data; len(got) != 8 {
		t.Errorf("%d entries, want 8", len(got))
	}
}
