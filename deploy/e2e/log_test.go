package e2e

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/faulttest"
)

// Marks that are in every secret of their kind that the suite makes, so that one look
// tells whether any of them went where it must not.
const (
	secretMark  = "xSECRETx" // passwords and the key of the tokens
	accountMark = "77ACCT77" // account numbers
	forgedMark  = "xFORGEDx" // what a client would like the log to say
)

// marks are each of them, and words of what the fixtures make, with what it shows:
// nothing of a body goes into the log.
var marks = map[string]string{
	secretMark:     "a password or the key of the tokens",
	accountMark:    "an account number",
	forgedMark:     "what a client made up",
	`last_name\":`: "a field of a body", "Ibrahim": "a name", "E2E-PERS-": "an army number", "E2E-USER-": "an army number",
	"08030000000": "a phone number", "ECOBANK PLC": "a bank", "050150311": "a sort code", "HQ Sector 1": "a sub-sector",
	"Kaduna": "a location", "On course": "a remark", "Name of E2E": "the name of a database", "Made by the suite": "a description",
}

// serverLog keeps what the server prints.
type serverLog struct{ faulttest.Log }

// find waits for the line of a request: it is logged just after the answer.
func (l *serverLog) find(requestID string) (line map[string]any, ok bool) {
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(20 * time.Millisecond) {
		for text := range strings.Lines(l.String()) {
			if !strings.Contains(text, requestID) {
				continue // reading every line would take long
			}
			line = nil
			json.Unmarshal([]byte(text), &line)
			if line["request_id"] == requestID && line["msg"] == "request" {
				return line, true
			}
		}
	}
	return nil, false
}

// Promise 37: one line for each request says what happened, and nothing that the
// client made up.
func TestRequestIsLogged(t *testing.T) {
	if target.server == nil {
		t.Skip("the log of this origin is somebody else's")
	}
	t.Parallel()
	c, id := newCaller(t), unique("LOG")
	forged := "\n{\"msg\":\"" + forgedMark + "\"}\n"
	extra := header{"X-Request-ID": id, "User-Agent": forgedMark, "Referer": forgedMark, "X-Forwarded-For": forgedMark}
	c.doWith(extra, "GET", "/personnels/"+unusedID+"?search="+url.QueryEscape(forged), nil)
	line, ok := target.server.log.find(id)
	if !ok {
		t.Fatal("no line of the log has the id of the request")
	}
	want := map[string]any{"method": "GET", "route": "GET /personnels/{id}", "status": 404.0, "user_id": c.id}
	for key, value := range want {
		if line[key] != value {
			t.Errorf("%s: got %v, want %v", key, line[key], value)
		}
	}
	for _, key := range []string{"time", "duration_ms"} {
		if line[key] == nil {
			t.Errorf("%s is missing", key)
		}
	}
	anyone(t).want(404, "GET", "/"+url.PathEscape(forged), nil)
	anyone(t).want(401, "POST", "/auth/login", fields{"army_number": forgedMark, "password": forgedMark})
	anyone(t).want(400, "POST", "/auth/login", fields{"army_number": "1" + forged + "2", "password": forged})
}
