package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
)

// Marks that stand in every secret of their kind that the suite makes, so that
// one look tells whether any of them went where it must not.
const (
	secretMark  = "xSECRETx" // passwords and the key of the tokens
	accountMark = "77ACCT77" // account numbers
)

// unloggable is what no log may hold: each text with what it shows.
var unloggable = map[string]string{
	secretMark:      "a password or the key of the tokens",
	accountMark:     "an account number",
	"eyJ":           "a token", // every JWT begins so: base64 of {"
	"$2a$":          "a bcrypt hash",
	"$2b$":          "a bcrypt hash",
	"DATA RACE":     "a data race",
	`"status":500`:  "an internal error",
	`"msg":"panic"`: "a panic",
}

// logBuffer keeps what the process prints.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// faults are the lines that no log may hold.
func (l *logBuffer) faults() error {
	var faults []error
	for line := range strings.Lines(l.String()) {
		if text := strings.TrimRight(line, "\r\n"); strings.ContainsFunc(text, unicode.IsControl) {
			faults = append(faults, fmt.Errorf("the log holds a control character: %q", text))
		}
		for text, meaning := range unloggable {
			if strings.Contains(line, text) {
				faults = append(faults, fmt.Errorf("the log shows %s: %s", meaning, strings.TrimSpace(line)))
			}
		}
	}
	const most = 10
	return errors.Join(faults[:min(len(faults), most)]...)
}

// find waits for the line of a request: it is logged just after the answer.
func (l *logBuffer) find(requestID string) (line map[string]any, ok bool) {
	for range 100 {
		for text := range strings.Lines(l.String()) {
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
