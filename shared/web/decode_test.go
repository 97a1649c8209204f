package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func TestContentHeaders(t *testing.T) {
	cases := map[string]struct {
		kind, coding string
		status       int // 0 for none
	}{
		"not said":                {"", "", 0},
		"JSON":                    {"application/json", "", 0},
		"JSON in UTF-8":           {"application/json; charset=utf-8", "", 0},
		"in capitals":             {"Application/JSON;Charset=UTF-8", "", 0},
		"UTF-8 by its other name": {"application/json; charset=utf8", "", 0},
		"another charset":         {"application/json; charset=iso-8859-1", "", 0},
		"two charsets":            {"application/json; charset=utf-8; charset=us-ascii", "", 0},
		"a charset without name":  {`application/json; charset="`, "", 0},
		"other parameters":        {"application/json; x=y", "", 0},
		"blanks":                  {" application/json ;", "", 0},
		"text":                    {"text/plain", "", 415},
		"a form":                  {"application/x-www-form-urlencoded", "", 415},
		"JSON of some other API":  {"application/merge-patch+json", "", 415},
		"parameters alone":        {";charset=utf-8", "", 415},
		"a list":                  {"application/json, text/plain", "", 415},
		"compressed":              {"application/json", "gzip", 415},
		"compressed, of no type":  {"", "br", 415},
		"compressed twice":        {"application/json", "identity, gzip", 415},
		"as it is":                {"application/json", "Identity", 0},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			r := post(`{}`)
			r.Header.Set("Content-Type", test.kind)
			r.Header.Set("Content-Encoding", test.coding)
			_, err := Decode(r, Whole, func(*Form) any { return nil })
			var refused *Error
			if errors.As(err, &refused) != (test.status != 0) || refused != nil && refused.Status != test.status {
				t.Errorf("got %v, want status %d", err, test.status)
			}
		})
	}
}

// Promise 19: of a body that breaks off nothing is used, even if what came is
// good JSON; one over the limit is a 413.
func TestBodiesThatDoNotArriveWhole(t *testing.T) {
	const row, limit = `{"a":1}`, 2 << 10
	blanks := strings.Repeat(" ", limit-len(row))
	cases := map[string]struct {
		body   io.Reader
		status int // 0 for none
		says   string
	}{
		"at the limit":        {strings.NewReader(row + blanks), 0, ""},
		"over the limit":      {strings.NewReader(row + blanks + " "), 413, "at most 2 KB"},
		"far over the limit":  {strings.NewReader(strings.Repeat(row, limit)), 413, "at most 2 KB"},
		"broken off":          {io.MultiReader(strings.NewReader(row), iotest.ErrReader(io.ErrUnexpectedEOF)), 400, "broke off"},
		"connection cut":      {io.MultiReader(strings.NewReader(row), iotest.ErrReader(errors.New("reset"))), 400, "broke off"},
		"too slow":            {io.MultiReader(strings.NewReader(row), iotest.ErrReader(iotest.ErrTimeout)), 400, "broke off"},
		"a byte at a time":    {iotest.OneByteReader(strings.NewReader(row)), 0, ""},
		"the end comes early": {iotest.DataErrReader(strings.NewReader(row)), 0, ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", nil)
			r.Body = http.MaxBytesReader(nil, io.NopCloser(test.body), limit)
			read := false
			_, err := Decode(r, Whole, func(*Form) any { read = true; return nil })
			if test.status == 0 {
				if err != nil || !read {
					t.Errorf("read %v, error %v", read, err)
				}
				return
			}
			refused := checkRefusal(t, err)
			if read || refused.Status != test.status || !strings.Contains(refused.Message, test.says) {
				t.Errorf("read %v, %d %q", read, refused.Status, refused.Message)
			}
		})
	}
}

// A value with problems is never handed out, and all problems come at once.
func TestDecodeTellsAllProblems(t *testing.T) {
	got, err := Decode(post(`{"a":" ","b":1}`), Whole, func(f *Form) string {
		return f.Text("a", 10) + f.Text("b", 10) + f.Text("c", 10) + "half"
	})
	if got != "" {
		t.Errorf("got %q", got)
	}
	refused := checkRefusal(t, err)
	if refused.Message != "A must not be blank, and 2 more." {
		t.Errorf("message %q", refused.Message)
	}
	want := []FieldError{{"a", "must not be blank"}, {"b", "must be a text, not a number"}, {"c", "is required"}}
	if got := refused.Data.(map[string]any)["errors"].([]FieldError); !reflect.DeepEqual(got, want) {
		t.Errorf("problems %v", got)
	}
}

func TestDecodeRows(t *testing.T) {
	cases := map[string]struct {
		body string
		want string // each row's text a, or its problem
		says string // of the refusal; empty for none
	}{
		"one":                    {`[{"a":"x"}]`, "x", ""},
		"as many as may be":      {`[{"a":"x"},{"a":"y"},{"a":"z"}]`, "x; y; z", ""},
		"one too many":           {`[{"a":"x"},{"a":"y"},{"a":"z"},{}]`, "x; y; z", "The upload must hold at most 3 rows"},
		"none":                   {`[]`, "", "The upload must hold at least one row"},
		"not an array":           {`{"a":"x"}`, "", "must be a JSON array"},
		"null":                   {`null`, "", "must be a JSON array"},
		"rows that are none":     {`[1,null]`, "the row must be an object, not a number; the row must be an object, not null", ""},
		"malformed at the end":   {`[{"a":"x"},{]`, "", "malformed at byte 13"},
		"a key twice in the 2nd": {`[{"a":"x"},{"a":1,"A":2}]`, "x", `"A" stands twice in one object, at byte 21`},
		"the same key in two":    {`[{"a":"x"},{"a":"x"}]`, "x; x", ""},
		"row too deep":           {`[` + nest(32) + `]`, "", "deeper than 32 levels"},
		"row as deep as may be":  {`[{"a":"x"},` + nest(31) + `]`, "x; a must be a text, not an object", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			var rows []string
			err := DecodeRows(post(test.body), 3, func(f *Form) {
				text := f.Text("a", 10)
				if len(f.Problems()) > 0 {
					text = f.Problems()[0].String()
				}
				rows = append(rows, text)
			})
			if got := strings.Join(rows, "; "); got != test.want {
				t.Errorf("rows %q, want %q", got, test.want)
			}
			if (err != nil) != (test.says != "") || !strings.Contains(fmt.Sprint(err), test.says) {
				t.Errorf("error %v, want %q", err, test.says)
			}
		})
	}
}

// A few bytes must not take a hundred times as much memory: the values of a
// body are counted, and those of each row.
func TestTooManyValues(t *testing.T) {
	for name, body := range map[string]string{
		"a row":            `[[` + strings.Repeat("{},", 1000) + `{}]]`,
		"an unknown field": `[{"a":[` + strings.Repeat("0,", 1000) + `0]}]`,
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", strings.NewReader(body))
			err := DecodeRows(r, 10, func(*Form) {})
			if err == nil || !strings.Contains(err.Error(), "too many values") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Promise 16: nor in a body that is one object.
func TestTooManyValuesInOneObject(t *testing.T) {
	for count, want := range map[int]bool{19_998: true, 20_000: false} { // beside the object and the array
		_, err := Decode(post(`{"a":[`+strings.Repeat("0,", count-1)+`0]}`), Whole, func(*Form) int { return 0 })
		if (err == nil) != want {
			t.Errorf("%d values: %v", count, err)
		}
	}
}
