package web

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// nest is an object within an object, depth of them.
func nest(depth int) string {
	return strings.Repeat(`{"a":`, depth-1) + "{}" + strings.Repeat("}", depth-1)
}

// badJSON are bodies that no call takes, with what the refusal must say.
var badJSON = map[string]struct{ body, says string }{
	"nothing":                   {"", "is empty"},
	"only blanks":               {" \r\n\t", "is empty"},
	"null":                      {`null`, "must be a JSON object, not null"},
	"a number":                  {`12`, "not a number"},
	"a text":                    {`"a"`, "not text"},
	"true":                      {`true`, "not true or false"},
	"an array":                  {`[{"a":1}]`, "not an array"},
	"cut off":                   {`{"a":`, "at byte 5"},
	"cut off in a text":         {`{"a":"b`, "at byte 7"},
	"no quotes":                 {`{a:1}`, "at byte 2"},
	"single quotes":             {`{'a':1}`, "at byte 2"},
	"comma at the end":          {`{"a":1,}`, "at byte 8"},
	"comment":                   {`{"a":1}//`, "at byte 8"},
	"NaN":                       {`{"a":NaN}`, "at byte 6"},
	"leading zero":              {`{"a":01}`, "at byte 7"},
	"bad escape":                {`{"a":"\x41"}`, "at byte 8"},
	"line break in a text":      {"{\"a\":\"b\nc\"}", "at byte 8"},
	"trailing data":             {`{"a":1} {"b":2}`, "at byte 9"},
	"trailing brace":            {`{"a":1}}`, "at byte 8"},
	"BOM":                       {"\ufeff{}", "at byte 1"},
	"NUL behind":                {"{}\x00", "at byte 3"},
	"NUL in a text":             {"{\"a\":\"\x00\"}", "at byte 7"},
	"not UTF-8":                 {"{\"a\":\"\xff\"}", "not valid UTF-8"},
	"not UTF-8 in a key":        {"{\"\xc3\":1}", "not valid UTF-8"},
	"overlong UTF-8":            {"{\"a\":\"\xc0\xaf\"}", "not valid UTF-8"},
	"surrogate in UTF-8":        {"{\"a\":\"\xed\xa0\x80\"}", "not valid UTF-8"},
	"lone high surrogate":       {`{"a":"\ud83d"}`, "at byte 6"},
	"lone low surrogate":        {`{"a":"\ude00"}`, "at byte 6"},
	"high and then a letter":    {`{"a":"\ud83dabcdef"}`, "at byte 6"},
	"high and then high":        {`{"a":"\ud83d\ud83d"}`, "at byte 6"},
	"high and then a tab":       {`{"a":"\ud83d\u0009"}`, "at byte 6"},
	"low before high":           {`{"a":"\ude00\ud83d"}`, "at byte 6"},
	"low and then low":          {`{"a":"\ude00\ude00"}`, "at byte 6"},
	"lone after a pair":         {`{"a":"\ud83d\ude00\ude00"}`, "at byte 18"},
	"lone after a backslash":    {`{"a":"\\\ud83d"}`, "at byte 8"},
	"lone surrogate in a key":   {`{"\ud83d":1}`, "at byte 2"},
	"key twice":                 {`{"a":1,"a":1}`, `"a" appears twice in one object, at byte 10`},
	"key twice, escaped":        {`{"a":1,"\u0061":2}`, `"a" appears twice`},
	"key twice, by case":        {`{"role":1,"ROLE":2}`, `"ROLE" appears twice`},
	"key twice, by long s":      {`{"isDeleted":1,"iſDeleted":2}`, `"iſDeleted" appears twice`},
	"key twice, deeper":         {`{"a":[{"b":{"c":1,"c":2}}]}`, `"c" appears twice`},
	"empty key twice":           {`{"":1,"":2}`, `"" appears twice`},
	"long key twice":            {`{"` + long + `":1,"` + long + `":2}`, "appears twice"},
	"unprintable key twice":     {`{"` + unprintable + `":1,"` + unprintable + `":2}`, "appears twice"},
	"objects too deep":          {nest(33), "deeper than 32 levels"},
	"arrays too deep":           {`{"a":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + "}", "deeper than 32 levels"},
	"so deep that it is costly": {strings.Repeat("[", 60000), "malformed"},
}

var (
	long        = strings.Repeat("key", 9999)
	unprintable = strings.Repeat("\U0010FFFF", 500)
)

// Promise 16: bad JSON is a 400 that says where, in under 300 bytes.
func TestBadJSON(t *testing.T) {
	for name, test := range badJSON {
		t.Run(name, func(t *testing.T) {
			taken, err := Decode(post(test.body), Whole, func(*Form) string { return "taken" })
			if err == nil || taken != "" {
				t.Fatalf("got %q, error %v", taken, err)
			}
			refused := checkRefusal(t, err)
			if refused.Status != 400 || !strings.Contains(refused.Message, test.says) {
				t.Errorf("%d %q, want 400 with %q", refused.Status, refused.Message, test.says)
			}
		})
	}
}

// checkRefusal checks what holds for every refusal of a body: it is the
// client's fault, says so briefly, and lists each problem.
func checkRefusal(t testing.TB, err error) *Error {
	t.Helper()
	var refused *Error
	if !errors.As(err, &refused) {
		t.Fatalf("%T %v is no *Error", err, err)
	}
	if refused.Status < 400 || refused.Status > 499 || refused.Message == "" || len(refused.Message) >= maxMessage {
		t.Errorf("%d, %d bytes: %q", refused.Status, len(refused.Message), refused.Message)
	}
	problems, _ := refused.Data["errors"].([]FieldError)
	for _, problem := range problems {
		if problem.Field == "" || problem.Message == "" || len(problem.String()) >= maxMessage {
			t.Errorf("problem %+v", problem)
		}
	}
	return refused
}

// goodJSON are bodies that are unusual, and right.
var goodJSON = map[string]string{
	"empty object":                 `{}`,
	"blanks around":                "\r\n {} \t",
	"pair of surrogates":           `{"a":"\ud83d\ude00"}`,
	"two pairs":                    `{"a":"\ud83d\ude00\ud83d\ude00"}`,
	"no escape after a backslash":  `{"a":"\\ud83d"}`,
	"escaped NUL":                  `{"a":"\u0000"}`,
	"replacement character":        `{"a":"\ufffd"}`,
	"the same key in two objects":  `{"a":{"b":1},"b":[{"a":1},{"a":2}]}`,
	"keys that differ by accent":   `{"e":1,"é":2}`,
	"as deep as may be":            nest(32),
	"number beyond all":            `{"a":1e999999}`,
	"number of a million digits":   `{"a":` + strings.Repeat("9", 1000000) + `}`,
	"every kind where nobody asks": `{"a":null,"b":true,"c":-1.5e3,"d":"","e":[],"f":{}}`,
}

func TestGoodJSON(t *testing.T) {
	for name, body := range goodJSON {
		t.Run(name, func(t *testing.T) {
			if _, err := Decode(post(body), Whole, func(*Form) any { return nil }); err != nil {
				t.Error(err)
			}
		})
	}
}

// A number where a text is meant is named, not echoed.
func TestNumbersAreNotEchoed(t *testing.T) {
	body := goodJSON["number of a million digits"]
	_, err := Decode(post(body), Whole, func(f *Form) string { return f.Text("a", 10) })
	if err == nil || err.Error() != "The a must be text, not a number." {
		t.Errorf("got %.400v", err)
	}
}

func TestValuesAreAsEncodingJSONHasThem(t *testing.T) {
	const body = `{"a":"\ud83d\ude00\\ud83d","B":[1.50,{"c":null}],"é":false}`
	object, err := Decode(post(body), Whole, func(f *Form) map[string]any { return f.object })
	if err != nil {
		t.Fatal(err)
	}
	if object["a"] != `😀\ud83d` || object["é"] != false || object["b"] != nil {
		t.Errorf("got %v", object)
	}
	array := object["B"].([]any)
	if array[0] != json.Number("1.50") || array[1].(map[string]any)["c"] != nil {
		t.Errorf("got %v", array)
	}
}
