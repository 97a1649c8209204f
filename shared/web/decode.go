package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"officepay.example/shared/gate"
)

// DefaultMaxBody is the most bytes that a body may have unless its route says
// otherwise.
const DefaultMaxBody = 64 << 10

// Decode reads a body that must be one JSON object and hands it to read, which
// takes the fields it knows and notes what is wrong with them. All problems
// come back in one 400; the value is good only when the error is nil.
func Decode[T any](r *http.Request, mode Mode, read func(*Form) T) (T, error) {
	var none T
	body, err := readBody(r)
	if err != nil {
		return none, err
	}
	value, err := newReader(body).value(1)
	if err != nil {
		return none, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return none, malformed("the body must be a JSON object, not %s", kindOf(value))
	}
	form := newForm(object, mode)
	result := read(form)
	if err := form.Err(); err != nil {
		return none, err
	}
	return result, nil
}

// DecodeRows reads a body that must be a JSON array of 1 to most values and
// hands them over one at a time, so that a long array is never in memory as
// a whole. A row that is not an object comes as a form with that problem.
func DecodeRows(r *http.Request, most int, each func(*Form)) error {
	body, err := readBody(r)
	if err != nil {
		return err
	}
	rows := newReader(body)
	if token, err := rows.dec.Token(); err != nil || token != json.Delim('[') {
		return malformed("the body must be a JSON array")
	}
	count := 0
	for ; rows.dec.More(); count++ {
		if count == most {
			return Invalid(FieldError{"body", fmt.Sprintf("must hold at most %d rows: send the rest in another call", most)})
		}
		rows.left = maxRowValues
		value, err := rows.value(2)
		if err != nil {
			return err
		}
		each(rowForm(value))
	}
	if count == 0 {
		return Invalid(FieldError{"body", "must hold at least one row"})
	}
	return nil
}

func rowForm(value any) *Form {
	object, ok := value.(map[string]any)
	if ok {
		return newForm(object, Whole)
	}
	form := newForm(nil, Partial) // nothing in it is missing: there is no row
	form.problem("row", "must be an object, not "+kindOf(value))
	return form
}

// readBody reads the whole body, and uses none of it when it is not JSON, is
// too large or breaks off.
func readBody(r *http.Request) ([]byte, error) {
	if err := checkEncoding(r.Header); err != nil {
		return nil, err
	}
	var body []byte
	err := Await(r.Context(), func() (err error) {
		body, err = receive(r)
		return err
	})
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, gate.ErrBusy) || err != nil && err == r.Context().Err():
		return nil, err
	case errors.As(err, &tooLarge):
		return nil, Fail(http.StatusRequestEntityTooLarge, "The body is too large: at most %d KB can be sent here.", tooLarge.Limit>>10)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, Fail(http.StatusRequestTimeout, "The body took too long to arrive. Please send it again.")
	case err != nil:
		return nil, Fail(http.StatusBadRequest, "The body broke off before its end. Please send it again.")
	}
	return body, checkJSON(body)
}

// checkEncoding accepts JSON as it is, and a request that does not say. What
// stands beside the type means nothing for JSON (RFC 8259, section 11).
func checkEncoding(header http.Header) error {
	kind, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if kind != "application/json" && header.Get("Content-Type") != "" {
		return Fail(http.StatusUnsupportedMediaType, "The body must be sent as Content-Type: application/json.")
	}
	for _, coding := range header.Values("Content-Encoding") {
		if coding != "" && !strings.EqualFold(coding, "identity") {
			return Fail(http.StatusUnsupportedMediaType, "The body must be sent as it is, without a Content-Encoding.")
		}
	}
	return nil
}
