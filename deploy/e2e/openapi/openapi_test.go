package openapi

import (
	"net/http"
	"strings"
	"testing"
)

const record = `{"id":"6b058e75086764e0445f94a2","first_name":"Ibrahim","last_name":"Musa","middle_name":"","army_number":"80","phone_number":"08",` +
	`"rank":"Cpl","bank":{"name":"P","sort_code":""},"acct_number":"8","sub_sector":"H","location":"","remark":"","db_id":"6b058e74086764e0445f949e","status":"active",` +
	`"isDeleted":false,"created_at":"2026-11-24T13:17:41.351Z","revision":1}`

func load(t *testing.T) *Description {
	t.Helper()
	d, err := Load("../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func request(t *testing.T, method, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, "http://127.0.0.1:1234"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer token")
	r.Header.Set("Content-Type", "application/json")
	return r
}

// envelope is a record in the envelope, with a change to the text of it.
func envelope(old, new string) string {
	return strings.Replace(`{"message":"The record.","statusCode":200,"data":`+record+`}`, old, new, 1)
}

func TestAnswersThatDifferAreFound(t *testing.T) {
	d := load(t)
	const path = "/personnels/6b058e75086764e0445f94a2"
	notFound := `{"message":"m","statusCode":404,"data":{}}`
	for name, test := range map[string]struct {
		method, path string
		status       int
		body         string
		header       [2]string // one that is other than it must be
		good         bool
	}{
		"a record":                   {"GET", path, 200, envelope("", ""), [2]string{}, true},
		"with a slash at the end":    {"GET", path + "/", 200, envelope("", ""), [2]string{}, true},
		"a field is missing":         {"GET", path, 200, envelope(`"rank":"Cpl",`, ""), [2]string{}, false},
		"a field more":               {"GET", path, 200, envelope(`"rank"`, `"secret":"x","rank"`), [2]string{}, false},
		"null":                       {"GET", path, 200, envelope(`"rank":"Cpl"`, `"rank":null`), [2]string{}, false},
		"a text for a choice of two": {"GET", path, 200, envelope("false", `"false"`), [2]string{}, false},
		"a malformed time":           {"GET", path, 200, envelope("2026-11-24T13", "yesterday at 13"), [2]string{}, false},
		"another status within":      {"GET", path, 200, envelope("200", "201"), [2]string{}, false},
		"an unknown status":          {"GET", path, 200, envelope(`"active"`, `"lost"`), [2]string{}, false},
		"a documented error":         {"GET", path, 404, notFound, [2]string{}, true},
		"one that is not":            {"GET", path, 409, `{"message":"m","statusCode":409,"data":{}}`, [2]string{}, false},
		"an error with data":         {"GET", path, 404, `{"message":"m","statusCode":404,"data":{"a":1}}`, [2]string{}, false},
		"an error as text":           {"GET", path, 404, notFound, [2]string{"Content-Type", "text/plain"}, false},
		"it may be kept":             {"GET", path, 404, notFound, [2]string{"Cache-Control", "public"}, false},
		"no request id":              {"GET", path, 404, notFound, [2]string{"X-Request-Id", ""}, false},
		"nothing at an address":      {"GET", "/nothing", 404, notFound, [2]string{}, true},
		"something at an address":    {"GET", "/nothing", 200, envelope("", ""), [2]string{}, false},
		"a method more":              {"PUT", path, 200, envelope("", ""), [2]string{}, false},
		"a method that is refused":   {"GET", "/personnels/upload", 405, `{"message":"m","statusCode":405,"data":{}}`, [2]string{}, true},
		"no revision in the header":  {"GET", path, 200, envelope("", ""), [2]string{"ETag", ""}, false},
		"HEAD":                       {"HEAD", path, 200, "", [2]string{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{
				"Content-Type": {"application/json; charset=utf-8"}, "X-Request-Id": {"a"},
				"Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"}, "Etag": {`"1"`},
			}
			if header.Set(test.header[0], test.header[1]); test.header[1] == "" {
				header.Del(test.header[0])
			}
			err := d.CheckAnswer(request(t, test.method, test.path), Answer{test.status, header, []byte(test.body)})
			if (err == nil) != test.good {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestRequestsThatDifferAreFound(t *testing.T) {
	d := load(t)
	for name, test := range map[string]struct {
		method, path, body string
		good               bool
	}{
		"a database":                  {"POST", "/admin/dbs", `{"name":"a","short_code":"b","description":null}`, true},
		"blanks around":               {"POST", "/admin/dbs", `{"name":" a ","short_code":"b"}`, true},
		"a field that nobody knows":   {"POST", "/admin/dbs", `{"name":"a","short_code":"b","x":1e400}`, true},
		"a required one missing":      {"POST", "/admin/dbs", `{"name":"a"}`, false},
		"blank":                       {"POST", "/admin/dbs", `{"name":" ","short_code":"b"}`, false},
		"too long":                    {"POST", "/admin/dbs", `{"name":"` + strings.Repeat("é", 101) + `","short_code":"b"}`, false},
		"as long as can be":           {"POST", "/admin/dbs", `{"name":"` + strings.Repeat("é", 100) + `","short_code":"b"}`, true},
		"a line break":                {"POST", "/admin/dbs", `{"name":"a\nb","short_code":"b"}`, false},
		"a choice in capitals":        {"GET", "/personnels/db/6b058e74086764e0445f949e?filter=AWOL", "", true},
		"no choice":                   {"GET", "/personnels/db/6b058e74086764e0445f949e?filter=lost", "", false},
		"a page of many digits":       {"GET", "/admin/dbs?page=99999999999999999999", "", true},
		"a page that is not a number": {"GET", "/admin/dbs?page=x", "", false},
		"six letters":                 {"POST", "/admin/reset-password", `{"user_id":"6b058e74086764e0445f949e","new_password":"éééééé"}`, true},
		"five letters":                {"POST", "/admin/reset-password", `{"user_id":"6b058e74086764e0445f949e","new_password":"12345"}`, false},
		"a malformed id":              {"GET", "/personnels/feed", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := d.CheckRequest(request(t, test.method, test.path), []byte(test.body)); (err == nil) != test.good {
				t.Errorf("got %v", err)
			}
		})
	}
}
