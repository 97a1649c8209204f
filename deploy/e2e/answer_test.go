package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"officepay.example/deploy/e2e/client"
)

// headersOf are the headers that an answer with a status must have.
var headersOf = map[int]string{
	http.StatusUnauthorized:       "WWW-Authenticate",
	http.StatusMethodNotAllowed:   "Allow",
	http.StatusTooManyRequests:    "Retry-After",
	http.StatusServiceUnavailable: "Retry-After",
}

// unspeakable is what no answer may hold: secrets, and internals of the program.
var unspeakable = []string{
	secretMark, "$2a$", "$2b$", "password_hash", "goroutine ", ".go:", "sqlite", "SQLITE_", "SQL logic", "mongodb", "E11000",
}

// checkAnswer checks an answer against what the contract says of all answers.
func checkAnswer(res client.Response) error {
	faults := checkHeaders(res)
	for _, text := range unspeakable {
		if bytes.Contains(res.Body, []byte(text)) {
			faults = append(faults, fmt.Errorf("the answer holds %q", text))
		}
	}
	if res.Status >= 500 {
		faults = append(faults, fmt.Errorf("the answer is %d", res.Status))
	}
	if len(res.Message) == 0 || len(res.Message) >= maxMessage {
		faults = append(faults, fmt.Errorf("the message has %d bytes", len(res.Message)))
	}
	return errors.Join(append(faults, append(checkValues(res.Data), checkSpoken(res))...)...)
}

// maxMessage is what promise 16 allows a message, in bytes.
const maxMessage = 300

func checkHeaders(res client.Response) (faults []error) {
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	want := map[string]string{
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Set-Cookie": "", "Location": "", "Access-Control-Allow-Credentials": "",
	}
	for name, value := range want {
		if got := strings.Join(res.Header.Values(name), ", "); got != value {
			fault("%s is %q, want %q", name, got, value)
		}
	}
	if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		fault("Content-Type is %q", kind)
	}
	if id := res.Header.Values("X-Request-ID"); len(id) != 1 || id[0] == "" {
		fault("X-Request-ID is %q, want one", id)
	}
	if name := headersOf[res.Status]; name != "" && res.Header.Get(name) == "" {
		fault("a %d has no %s", res.Status, name)
	}
	return faults
}

var (
	isID   = regexp.MustCompile(`^[0-9a-f]{24}$`).MatchString
	isTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`).MatchString
)

// checkValues looks through the data for nulls, and for what is not an id or a UTC time
// where one must be.
func checkValues(data json.RawMessage) (faults []error) {
	walk("", data, func(path, key, value string) {
		text := strings.Trim(value, `"`)
		switch {
		case value == "null":
			faults = append(faults, fmt.Errorf("%s is null", path))
		case slices.Contains([]string{"created_at", "updated_at"}, key) && !isTime(text):
			faults = append(faults, fmt.Errorf("%s is no RFC 3339 time in UTC: %s", path, value))
		case slices.Contains([]string{"id", "db_id"}, key) && !isID(text):
			faults = append(faults, fmt.Errorf("%s is not an id: %s", path, value))
		}
	})
	return faults
}

// walk visits every value in data that is not an object or array.
func walk(path string, data json.RawMessage, visit func(path, key, value string)) {
	var object map[string]json.RawMessage
	var array []json.RawMessage
	switch data = bytes.TrimSpace(data); {
	case len(data) == 0:
		return
	case data[0] == '{' && json.Unmarshal(data, &object) == nil:
		for key, value := range object {
			walk(path+"."+key, value, visit)
		}
	case data[0] == '[' && json.Unmarshal(data, &array) == nil:
		for i, value := range array {
			walk(fmt.Sprintf("%s[%d]", path, i), value, visit)
		}
	default:
		visit(path, path[strings.LastIndex(path, ".")+1:], string(data))
	}
}
