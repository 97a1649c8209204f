package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/faulttest"
)

// Marks that stand in every secret of their kind that the suite makes, so that
// one look tells whether any of them went where it must not.
const (
	secretMark  = "xSECRETx" // passwords and the key of the tokens
	accountMark = "77ACCT77" // account numbers
)

// marks are each of them with what it shows.
var marks = map[string]string{
	secretMark:  "a password or the key of the tokens",
	accountMark: "an account number",
}

// serverLog keeps what the server prints.
type serverLog struct{ faulttest.Log }

// find waits for the line of a request: it is logged just after the answer.
func (l *serverLog) find(requestID string) (line map[string]any, ok bool) {
	for range 100 {
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
		time.Sleep(20 * time.Millisecond)
	}
	return nil, false
}

// Promise 37: one line a request says what happened.
func TestRequestIsLogged(t *testing.T) {
	if target.server == nil {
		t.Skip("the log of this origin is somebody else's")
	}
	t.Parallel()
	c, id := newCaller(t), unique("LOG")
	c.doWith(header{"X-Request-ID": id}, "GET", "/personnels/"+unusedID+"?search=%0Aforged", nil)
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
}
