package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"officepay.example/shared/office"
)

// Decode reads a body that must be one JSON object, and passes it to read, which takes
// the fields that it knows and notes what is wrong with them. All problems come back in
// one 400; the value is valid only if the error is nil.
func Decode[T any](r *Request, mode Mode, read func(*Form) T) (none T, err error) {
	if err := checkJSON(r.Body); err != nil {
		return none, err
	}
	value, err := newReader(r.Body, maxValues).value(1)
	if err != nil {
		return none, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return none, malformed("the body must be a JSON object, not %s", kindOf(value))
	}
	form := NewForm(object, mode)
	if sent := read(form); len(form.Problems()) == 0 {
		return sent, nil
	}
	return none, InvalidFields(form.Problems()...)
}

// DecodeRows reads a body that must be a JSON array of 1 to most values, and passes them
// on one at a time, so that a long array is never in memory as a whole. A row that is
// not an object is passed on as a form with that problem.
func DecodeRows(r *Request, most int, each func(*Form)) error {
	if err := checkJSON(r.Body); err != nil {
		return err
	}
	rows := newReader(r.Body, 0)
	r.Body = nil // so that it can be freed once it is read
	if begin, _ := rows.Token(); begin != json.Delim('[') {
		return malformed("the body must be a JSON array")
	}
	count := 0
	for ; rows.More(); count++ {
		if count == most {
			return Invalid("body", fmt.Sprintf("must hold at most %d rows: send the rest in another call", most))
		}
		rows.left = maxRowValues
		value, err := rows.value(2)
		if err != nil {
			return err
		}
		each(rowForm(value))
	}
	if count == 0 {
		return Invalid("body", "must hold at least one row")
	}
	return nil
}

func rowForm(value any) *Form {
	object, ok := value.(map[string]any)
	if ok {
		return NewForm(object, Whole)
	}
	form := NewForm(nil, Partial) // so that no field is reported as missing
	form.Refuse("row", "must be an object, not "+kindOf(value))
	return form
}

// checkContentType accepts a body of one of the types without a Content-Encoding. Even
// identity should not be sent there (RFC 9110, section 8.4.1).
func (r *Request) checkContentType(types []string) error {
	if !slices.Contains(types, r.MediaType()) {
		return Fail(http.StatusUnsupportedMediaType, "The body must be sent as Content-Type: %s.", strings.Join(types, " or "))
	}
	if strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), "")) != "" {
		return Fail(http.StatusUnsupportedMediaType, "The body must be sent as it is, without a Content-Encoding.")
	}
	return nil
}

// MediaType is the media type of the body, JSON by default, without parameters: they
// mean nothing for JSON (RFC 8259, section 11).
func (r *Request) MediaType() string {
	kind, _, _ := strings.Cut(cmp.Or(r.Header.Get("Content-Type"), JSON), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

// maxDepth is how deeply a body may be nested. The API itself needs 3 levels.
const maxDepth = 32

// checkJSON checks that the body is exactly one JSON value, in UTF-8, in which every \u
// escape is a character. encoding/json would silently replace broken ones by U+FFFD.
func checkJSON(body []byte) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return malformed("a JSON body is needed, but it is empty")
	}
	if !utf8.Valid(body) {
		return malformed("the JSON is not valid UTF-8")
	}
	if !json.Valid(body) {
		err := json.Unmarshal(body, new(json.RawMessage)) // to learn where
		syntax, _ := errors.AsType[*json.SyntaxError](err)
		return malformed("the JSON is malformed at byte %d: %s", syntax.Offset, syntax.Error())
	}
	if at := loneSurrogate(body); at >= 0 {
		return malformed("the JSON has half of a surrogate pair at byte %d", at)
	}
	return nil
}

func malformed(format string, args ...any) *Error {
	problem := fmt.Sprintf(format, args...)
	refused := Invalid("body", problem)
	refused.Message = "The body cannot be read: " + problem + "."
	return refused
}

// loneSurrogate returns where valid JSON escapes half of a surrogate pair without the
// other half (RFC 8259, section 8.2), or -1.
func loneSurrogate(body []byte) int {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		unit := escapedUnit(body[i:])
		switch {
		case !utf16.IsSurrogate(unit):
			i++ // skip the escaped character, which may be a backslash
		case utf16.DecodeRune(unit, escapedUnit(body[i+len(`\uXXXX`):])) == utf8.RuneError:
			return i
		default:
			i += len(`\uXXXX\uXXXX`) - 1
		}
	}
	return -1
}

// escapedUnit returns the UTF-16 unit of an escape \uXXXX, or -1.
func escapedUnit(s []byte) rune {
	if s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	unit, _ := strconv.ParseUint(string(s[2:6]), 16, 16) // valid JSON has four digits there
	return rune(unit)
}

// How many values a body may have, and one row of an array of rows: a value of a few
// bytes can take a hundred times as much memory.
const (
	maxValues    = 20000 // a list of 10000 ids, with room
	maxRowValues = 200
)

// reader reads the values of a body that passed checkJSON, so that its tokens have no errors. It
// refuses what is ambiguous or costly: Unmarshal would silently drop one of two equal keys.
type reader struct {
	*json.Decoder
	left int // how many more values are allowed
}

func newReader(body []byte, values int) *reader {
	r := &reader{json.NewDecoder(bytes.NewReader(body)), values}
	r.UseNumber() // a number stays as it is written: one of a million digits must not be computed
	return r
}

// value reads the next value: nil, bool, string, json.Number, map[string]any or []any.
func (r *reader) value(depth int) (any, error) {
	token, _ := r.Token()
	if r.left--; r.left < 0 {
		return nil, malformed("the JSON holds too many values, at byte %d", r.InputOffset())
	}
	if depth > maxDepth {
		return nil, malformed("the JSON is nested deeper than %d levels at byte %d", maxDepth, r.InputOffset())
	}
	switch token {
	case json.Delim('{'):
		return r.object(depth)
	case json.Delim('['):
		return r.array(depth)
	}
	return token, nil
}

func (r *reader) object(depth int) (map[string]any, error) {
	object := map[string]any{}
	folded := map[string]bool{}
	for r.More() {
		token, _ := r.Token()
		name := token.(string)
		fold := office.Fold(name)
		if folded[fold] {
			return nil, malformed("the key %.20q appears twice in one object, at byte %d", name, r.InputOffset())
		}
		folded[fold] = true
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		object[name] = value
	}
	_, _ = r.Token() // the closing brace
	return object, nil
}

func (r *reader) array(depth int) ([]any, error) {
	array := []any{}
	for r.More() {
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, _ = r.Token() // the closing bracket
	return array, nil
}
