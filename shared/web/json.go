package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"officepay.example/shared/office"
)

// maxDepth is how deep a body may nest. The deepest that the API knows is 3.
const maxDepth = 32

// checkJSON tells whether the body is one JSON value and nothing else, in UTF-8, in
// which every \u escape is a character. encoding/json would turn what is broken into
// U+FFFD and go on.
func checkJSON(body []byte) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return malformed("a JSON body is needed, but it is empty")
	}
	if !utf8.Valid(body) {
		return malformed("the JSON is not valid UTF-8")
	}
	if !json.Valid(body) {
		var whole json.RawMessage
		err := json.Unmarshal(body, &whole) // to learn where
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return malformed("the JSON is malformed at byte %d: %s", syntax.Offset, syntax.Error())
		}
		return malformed("the JSON is malformed")
	}
	if at := loneSurrogate(body); at >= 0 {
		return malformed("the JSON has half of a surrogate pair at byte %d", at)
	}
	return nil
}

func malformed(format string, args ...any) *Error {
	problem := fmt.Sprintf(format, args...)
	return &Error{
		Status:  400,
		Message: "The body cannot be read: " + problem + ".",
		Data:    map[string]any{"errors": []FieldError{{Field: "body", Message: problem}}},
	}
}

// loneSurrogate returns where valid JSON escapes half of a surrogate pair
// without the other half (RFC 8259, section 8.2), or -1.
func loneSurrogate(body []byte) int {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		unit := escapedUnit(body[i:])
		switch {
		case unit < 0xD800 || unit > 0xDFFF:
			i++ // the escaped character is not the start of another escape
		case unit > 0xDBFF || !isLowSurrogate(escapedUnit(body[i+6:])):
			return i
		default:
			i += 11
		}
	}
	return -1
}

func isLowSurrogate(unit int) bool { return 0xDC00 <= unit && unit <= 0xDFFF }

// escapedUnit reads the UTF-16 unit of an escape \uXXXX, or returns -1.
func escapedUnit(s []byte) int {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(unit)
}

// reader reads the values of a body that passed checkJSON, and refuses what
// would make them ambiguous or costly.
type reader struct {
	dec  *json.Decoder
	left int // values that may still come
}

// The most values of a body, and of one row of an array of rows. A value of a few bytes
// can take a hundred times as much memory.
const (
	maxValues    = 20000 // a list of 10000 ids, with room
	maxRowValues = 200
)

// newReader keeps a number as it is written: one of a million digits is not
// computed. An error of its decoder would be one of ours, since the syntax was
// checked.
func newReader(body []byte) *reader {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	return &reader{dec, maxValues}
}

// value reads the next value: nil, bool, string, json.Number,
// map[string]any or []any.
func (r *reader) value(depth int) (any, error) {
	token, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	if r.left--; r.left < 0 {
		return nil, malformed("the JSON holds too many values, at byte %d", r.dec.InputOffset())
	}
	if depth > maxDepth {
		return nil, malformed("the JSON is nested deeper than %d levels at byte %d", maxDepth, r.dec.InputOffset())
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
	for r.dec.More() {
		key, err := r.dec.Token()
		if err != nil {
			return nil, err
		}
		name := key.(string) // the syntax was checked: a key is a string
		fold := office.Fold(name)
		if folded[fold] {
			return nil, malformed("the key %s appears twice in one object, at byte %d", quoted(name), r.dec.InputOffset())
		}
		folded[fold] = true
		if object[name], err = r.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := r.dec.Token() // the closing brace
	return object, err
}

func (r *reader) array(depth int) ([]any, error) {
	array := []any{}
	for r.dec.More() {
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := r.dec.Token() // the closing bracket
	return array, err
}

// quoted shows a client's text in a message: quoted, escaped and short.
func quoted(s string) string {
	const limit = 20 // characters; escaped, each may take 10 bytes
	if runes := []rune(s); len(runes) > limit {
		s = string(runes[:limit]) + "…"
	}
	return strconv.Quote(s)
}
