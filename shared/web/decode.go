package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Decode reads a body that must be one JSON object, and passes it to read, which takes
// the fields that it knows and notes what is wrong with them. All problems come back in
// one 400; the value is valid only if the error is nil.
func Decode[T any](r *Request, mode Mode, read func(*Form) T) (T, error) {
	var none T
	if err := checkJSON(r.Body); err != nil {
		return none, err
	}
	body := reader{body: r.Body, left: maxValues}
	value, err := body.value(1)
	if err != nil {
		return none, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return none, malformed("the body must be a JSON object, not %s", kindOf(value))
	}
	form := NewForm(object, mode)
	result := read(form)
	if err := form.Err(); err != nil {
		return none, err
	}
	return result, nil
}

// DecodeRows reads a body that must be a JSON array of 1 to most values, and passes them
// on one at a time, so that a long array is never in memory as a whole. A row that is
// not an object is passed on as a form with that problem.
func DecodeRows(r *Request, most int, each func(*Form)) error {
	if err := checkJSON(r.Body); err != nil {
		return err
	}
	rows := reader{body: r.Body}
	r.Body = nil // to free it as soon as it is read
	if rows.next() != '[' {
		return malformed("the body must be a JSON array")
	}
	count := 0
	for rows.at++; rows.next() != ']'; count++ {
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
