// Package webtest is what the tests of the services share: calls by a user who is logged in
// and, for fuzz tests, checks that a service reads any body as encoding/json alone does.
//
// It is for tests only, and knows no service.
package webtest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
)

// maxMessage is what promise 16 allows a message, in bytes.
const maxMessage = 300

// Decode reads a body as a route does.
func Decode[T any](body []byte, mode web.Mode, read func(*web.Form) T) (T, error) {
	return web.Decode(&web.Request{Body: body}, mode, read)
}

// Replaced is a good body with a text as the value of one name, so that mutations reach
// what is behind the JSON.
func Replaced(t testing.TB, good, name, text string) []byte {
	t.Helper()
	var object map[string]any
	if err := decodeExactly([]byte(good), &object); err != nil {
		t.Fatal(err)
	}
	object[name] = text
	body, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Object is an accepted body as encoding/json reads it: by exact names.
func Object(t testing.TB, body []byte) map[string]any {
	t.Helper()
	var object map[string]any
	if err := decodeExactly(body, &object); err != nil || object == nil {
		t.Fatalf("%q is taken; encoding/json: %v", body, err)
	}
	return object
}

// Rows are the objects of an accepted array. What is not an object is nil.
func Rows(t testing.TB, body []byte) []map[string]any {
	t.Helper()
	var array []any
	if err := decodeExactly(body, &array); err != nil {
		t.Fatalf("%q is taken; encoding/json: %v", body, err)
	}
	rows := make([]map[string]any, len(array))
	for i, value := range array {
		rows[i], _ = value.(map[string]any)
	}
	return rows
}

func decodeExactly(body []byte, into any) error {
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	return dec.Decode(into)
}

// Refused checks a refusal: a short 400 that names fields of the call, or the body as a whole.
func Refused(t testing.TB, err error, fields ...string) {
	t.Helper()
	var refused *web.Error
	if !errors.As(err, &refused) || refused.Status != 400 {
		t.Fatalf("%T %v is not a 400", err, err)
	}
	if refused.Message == "" || len(refused.Message) >= maxMessage || !utf8.ValidString(refused.Message) {
		t.Errorf("%d bytes: %q", len(refused.Message), refused.Message)
	}
	problems, _ := refused.Data["errors"].([]web.FieldError)
	if len(problems) == 0 {
		t.Errorf("%q lists no problem", refused.Message)
	}
	for _, problem := range problems {
		if problem.Message == "" || problem.Field != "body" && !slices.Contains(fields, problem.Field) {
			t.Errorf("problem %+v", problem)
		}
	}
}

// Text checks a text that was taken from an object: it is what the client sent under exactly
// this name, as it is kept, and passes CheckText. A nil text means that the client sent none
// or, if it is optional, one that is blank or null.
func Text(t testing.TB, object map[string]any, name string, got *string, kind office.TextKind, optional bool) {
	t.Helper()
	value, there := object[name]
	sent, _ := value.(string)
	sent, err := kind.Parse(sent)
	switch {
	case err != nil:
		t.Errorf("%s: %q is taken, which %v", name, value, err)
	case got == nil && there && !(optional && sent == ""):
		t.Errorf("%s: %q is not taken", name, value)
	case got == nil:
	case !there || *got != sent:
		t.Errorf("%s: %q is taken as %q", name, value, *got)
	default:
		CheckText(t, name, *got, kind)
	}
}

// CheckText checks that a text is valid UTF-8, trimmed, no longer than its kind may be, without
// control characters, and complete (U+FFFD stands for a loss).
func CheckText(t testing.TB, name, text string, kind office.TextKind) {
	t.Helper()
	limit := map[office.TextKind]int{office.Name: 100, office.Code: 100, office.Note: 1000}[kind]
	control := func(r rune) bool {
		return r < ' ' || 0x7F <= r && r < 0xA0 || r == 0x2028 || r == 0x2029 || r == utf8.RuneError
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, control) || len([]rune(text)) > limit || strings.TrimSpace(text) != text {
		t.Errorf("%s: %q is taken", name, text)
	}
}

// ID checks an id that was taken from an object.
func ID(t testing.TB, object map[string]any, name string, got *office.ID) {
	t.Helper()
	sent, _ := object[name].(string)
	sent, _ = office.Code.Parse(sent)
	if got != nil && !strings.EqualFold(sent, got.Hex()) || got == nil && object[name] != nil {
		t.Errorf("%s: %q is taken as %v", name, object[name], got)
	}
}
