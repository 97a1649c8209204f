package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"
)

// readAll asks for the fields a to f in every way that there is.
func readAll(f *Form) any {
	f.Text("a", 5)
	f.OptionalText("b", 5)
	f.Secret("c")
	f.ID("d")
	f.Array("e")
	if nested := f.Nested("f"); nested != nil {
		nested.Required("a", 5)
		nested.Nested("f")
	}
	return nil
}

// standard is what encoding/json makes of a body.
func standard(body []byte) (value any, err error) {
	if !json.Valid(body) {
		return nil, &json.SyntaxError{}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	err = dec.Decode(&value)
	return value, err
}

// FuzzDecode holds promise 16 against whatever is sent: no panic, no refusal
// that is long, and nothing taken that encoding/json does not take, or takes
// for something else.
func FuzzDecode(f *testing.F) {
	seeds := slices.Collect(maps.Values(goodJSON))
	for _, test := range badJSON {
		seeds = append(seeds, test.body)
	}
	for _, seed := range seeds {
		if len(seed) < 1000 { // mutations of more are slow and teach little
			f.Add([]byte(seed))
		}
	}
	f.Add([]byte(`{"a":"x","b":null,"c":" y","d":"0123456789abcdef01234567","e":[1],"f":{"a":"","f":[]}}`))
	f.Add([]byte(`[{"a":"x"},{},null,[],"x",1]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		whole := func(f *Form) map[string]any { return f.object }
		got, err := Decode(post(string(body)), Whole, whole)
		checkTaken(t, body, got, err)
		for _, mode := range []Mode{Whole, Partial} {
			if _, err := Decode(post(string(body)), mode, readAll); err != nil {
				checkRefusal(t, err)
			}
		}
		checkRows(t, body)
	})
}

func checkTaken(t *testing.T, body []byte, got any, err error) {
	t.Helper()
	if err != nil {
		checkRefusal(t, err)
		return
	}
	want, err := standard(body)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q was taken as %v; encoding/json: %v, %v", body, got, want, err)
	}
}

// checkRows reads the body as rows. One that is no object counts as null.
func checkRows(t *testing.T, body []byte) {
	t.Helper()
	rows := []any{}
	err := DecodeRows(post(string(body)), 100, func(f *Form) {
		rows = append(rows, f.object)
		readAll(f)
		if err := f.Err(); err != nil {
			checkRefusal(t, err)
		}
	})
	if err != nil {
		checkRefusal(t, err)
		return
	}
	want, err := standard(body)
	array, ok := want.([]any)
	for i, value := range array {
		array[i], _ = value.(map[string]any)
	}
	if !ok || !reflect.DeepEqual(rows, array) {
		t.Errorf("%q was taken as the rows %v; encoding/json: %v, %v", body, rows, want, err)
	}
}
