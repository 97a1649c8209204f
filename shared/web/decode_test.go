package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

// A value with problems is never handed out, and all problems come at once.
func TestDecodeTellsAllProblems(t *testing.T) {
	got, err := Decode(post(`{"a":" ","b":1}`), Whole, func(f *Form) string {
		return f.Text("a", 10) + f.Text("b", 10) + f.Text("c", 10) + "half"
	})
	if got != "" {
		t.Errorf("got %q", got)
	}
	refused := checkRefusal(t, err)
	if refused.Message != "The a must not be blank, and 2 more." {
		t.Errorf("message %q", refused.Message)
	}
	want := []FieldError{{"a", "must not be blank"}, {"b", "must be text, not a number"}, {"c", "is required"}}
	if got := refused.Data["errors"].([]FieldError); !reflect.DeepEqual(got, want) {
		t.Errorf("problems %v", got)
	}
}

func TestDecodeRows(t *testing.T) {
	cases := map[string]struct {
		body string
		want string // each row's text a, or its problem
		says string // of the refusal; empty for none
	}{
		"one":                       {`[{"a":"x"}]`, "x", ""},
		"as many as may be":         {`[{"a":"x"},{"a":"y"},{"a":"z"}]`, "x; y; z", ""},
		"one too many":              {`[{"a":"x"},{"a":"y"},{"a":"z"},{}]`, "x; y; z", "The upload must hold at most 3 rows"},
		"none":                      {`[]`, "", "The upload must hold at least one row"},
		"not an array":              {`{"a":"x"}`, "", "must be a JSON array"},
		"null":                      {`null`, "", "must be a JSON array"},
		"rows that are not objects": {`[1,null]`, "the row must be an object, not a number; the row must be an object, not null", ""},
		"malformed at the end":      {`[{"a":"x"},{]`, "", "malformed at byte 13"},
		"a key twice in the 2nd":    {`[{"a":"x"},{"a":1,"A":2}]`, "x", `"A" appears twice in one object, at byte 21`},
		"the same key in two":       {`[{"a":"x"},{"a":"x"}]`, "x; x", ""},
		"row too deep":              {`[` + nest(32) + `]`, "", "deeper than 32 levels"},
		"row as deep as may be":     {`[{"a":"x"},` + nest(31) + `]`, "x; the a must be text, not an object", ""},
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
			r := post(body)
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

// What it costs to read an upload, beside the tokens that encoding/json makes of it.
func BenchmarkDecodeRows(b *testing.B) {
	const row = `{"name":"Musa Ibrahim","army_number":"NA/1","rank":"CPL","bank":{"name":"GTB","sort_code":"058"},"status":"active"}`
	body := "[" + strings.Repeat(row+",", 999) + row + "]"
	b.Run("DecodeRows", func(b *testing.B) {
		for b.Loop() {
			if err := DecodeRows(post(body), 1000, func(*Form) {}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("json.Decoder", func(b *testing.B) {
		for b.Loop() {
			dec := json.NewDecoder(strings.NewReader(body))
			var err error
			for err == nil {
				_, err = dec.Token()
			}
			if !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
		}
	})
}
