package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	"officepay.example/deploy/e2e/client"
)

// inserted is the body with more members at the front of its first object.
func inserted(members string) func(string) string {
	return func(body string) string { return strings.Replace(body, "{", "{"+members+",", 1) }
}

// instead is a different body altogether.
func instead(other string) func(string) string {
	return func(string) string { return other }
}

func behind(tail string) func(string) string {
	return func(body string) string { return body + tail }
}

// nested is a member with a value that nests deeper than any client needs.
func nested(open, closing string, depth int) func(string) string {
	return inserted(`"x":` + strings.Repeat(open, depth) + "1" + strings.Repeat(closing, depth))
}

// breakages turn a good body into one that must be refused (promise 16). What
// they add is in fields that nobody asks for, so that nothing but the breakage
// can be the reason.
var breakages = map[string]func(string) string{
	"empty":                         instead(""),
	"blanks":                        instead(" \r\n\t "),
	"null":                          instead("null"),
	"a text":                        instead(`"text"`),
	"a number":                      instead("1"),
	"true":                          instead("true"),
	"no JSON":                       instead("army_number=1&password=2"),
	"object and array confused":     confused,
	"the last byte is missing":      func(body string) string { return body[:len(body)-1] },
	"half of it":                    func(body string) string { return body[:len(body)/2] },
	"UTF-16":                        inUTF16,
	"the same value again":          func(body string) string { return body + body },
	"a value behind":                behind(" {}"),
	"a letter behind":               behind("x"),
	"a bracket behind":              behind("]"),
	"NUL behind":                    behind("\x00"),
	"byte order mark":               func(body string) string { return "\ufeff" + body },
	"NUL before":                    func(body string) string { return "\x00" + body },
	"a comment":                     func(body string) string { return "/* */" + body },
	"a comma too many":              inserted(""),
	"no value":                      inserted(`"x":`),
	"no quotes":                     inserted(`x:1`),
	"single quotes":                 inserted(`'x':1`),
	"NaN":                           inserted(`"x":NaN`),
	"Infinity":                      inserted(`"x":-Infinity`),
	"a leading zero":                inserted(`"x":01`),
	"a hexadecimal number":          inserted(`"x":0x1`),
	"a plus sign":                   inserted(`"x":+1`),
	"a raw line break in a text":    inserted("\"x\":\"a\nb\""),
	"a raw NUL in a text":           inserted("\"x\":\"a\x00b\""),
	"an unknown escape":             inserted(`"x":"\q"`),
	"half an escape":                inserted(`"x":"\u12"`),
	"invalid UTF-8":                 inserted("\"x\":\"\xff\""),
	"UTF-8 cut short":               inserted("\"x\":\"\xe1\xbb\""),
	"overlong UTF-8":                inserted("\"x\":\"\xc0\xaf\""),
	"a surrogate in UTF-8":          inserted("\"x\":\"\xed\xa0\x80\""),
	"invalid UTF-8 in a key":        inserted("\"\xff\":1"),
	"a lone high surrogate":         inserted(`"x":"\ud800"`),
	"a lone low surrogate":          inserted(`"x":"\udc00"`),
	"surrogates in the wrong order": inserted(`"x":"\udc00\ud800"`),
	"a high surrogate and a letter": inserted(`"x":"\ud800a"`),
	"a lone surrogate in a key":     inserted(`"\ud800":1`),
	"a key twice":                   inserted(`"x":1,"x":1`),
	"a key twice in two cases":      inserted(`"x":1,"X":1`),
	"a key twice in Unicode":        inserted(`"is":1,"iſ":1`),
	"a key twice, escaped":          inserted(`"x":1,"\u0078":1`),
	"a key twice further in":        inserted(`"x":{"y":[{"a":1,"a":2}]}`),
	"an empty key twice":            inserted(`"":1,"":2`),
	"33 arrays":                     nested("[", "]", 33),
	"33 objects":                    nested(`{"x":`, "}", 33),
	"5000 arrays":                   nested("[", "]", 5000),
	"arrays without an end":         instead(strings.Repeat("[", 20000)),
	"objects without an end":        instead(strings.Repeat(`{"x":`, 5000)),
}

// confused is an array where an object is wanted, and vice versa.
func confused(body string) string {
	if inner, ok := strings.CutPrefix(body, "["); ok {
		return strings.TrimSuffix(inner, "]")
	}
	return "[" + body + "]"
}

func inUTF16(body string) string {
	var out strings.Builder
	for _, unit := range utf16.Encode([]rune("\ufeff" + body)) {
		out.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return out.String()
}

// TestBadJSON: on every route that reads a body, each breakage is a 400 that
// says where, and leaves the thing undone: the good body still goes in after
// all of them.
func TestBadJSON(t *testing.T) {
	t.Parallel()
	eachWrite(t, func(t *testing.T, good request) {
		body, before := marshal(t, good.body), shownAt(good)
		for name, breakage := range breakages {
			checkBroken(t, name, good.by.send(good.method, good.path, client.Raw(breakage(body))))
		}
		if after := shownAt(good); after != before {
			t.Errorf("what is broken made %s of %s", after, before)
		}
		if res := good.by.send(good.method, good.path, client.Raw(body)); !res.OK() {
			t.Errorf("the good body: got %d (%s)", res.Status, res.Message)
		}
	})
}

func checkBroken(t *testing.T, name string, res client.Response) {
	t.Helper()
	if res.Status != 400 {
		t.Errorf("%s: got %d (%s), want 400", name, res.Status, res.Message)
	}
	if problems := dataOf[client.Problems](t, res).Errors; len(problems) == 0 {
		t.Errorf("%s: data.errors is empty", name)
	}
}

// TestDuplicateOfAKnownKey: neither of two values counts, in whatever case the
// second key is.
func TestDuplicateOfAKnownKey(t *testing.T) {
	t.Parallel()
	c, number := admin(t), unique("TWICE")
	body := marshal(t, with(userFields(), fields{"army_number": number, "role": absent}))
	for _, twice := range []string{`"role":"user","role":"admin"`, `"role":"user","ROLE":"admin"`, `"Role":"user","role":"admin"`} {
		res := c.send("POST", "/admin/users", client.Raw(inserted(twice)(body)))
		checkBroken(t, twice, res)
	}
	if found := page[fields](c, "/admin/users?role=all&search="+number); found.Meta.Total != 0 {
		t.Errorf("%d users were made all the same", found.Meta.Total)
	}
}

// oddities are unusual but good: they go in fields that are ignored, whatever
// they hold.
var oddities = map[string]func(string) string{
	"a number of 60000 digits": inserted(`"x":` + strings.Repeat("9", 60000)),
	"a number beyond floats":   inserted(`"x":1e400,"y":-1e-400`),
	"20 levels":                nested("[", "]", 20),
	"an escaped pair":          inserted(`"x":"\ud83d\ude00"`),
	"an escaped backslash":     inserted(`"x":"\\ud800"`),
	"an escaped NUL":           inserted(`"x":"\u0000"`),
	"null":                     inserted(`"x":null`),
	"an operator":              inserted(`"$where":"1","$set":{"role":"admin"}`),
	"a prototype":              inserted(`"__proto__":{"role":"admin"},"constructor":1`),
	"blanks around":            func(body string) string { return " \r\n\t" + body + "\n" },
	"an empty key":             inserted(`"":1`),
}

// TestOddJSON: unknown fields are ignored.
func TestOddJSON(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, rows := readMatrix()
	for _, row := range rows {
		if row.method != "POST" && row.method != "PATCH" {
			continue
		}
		for name, oddity := range oddities {
			t.Run(row.route()+" "+name, func(t *testing.T) {
				good := requests[row.route()](s)
				body := client.Raw(oddity(marshal(t, good.body)))
				if res := good.by.in(t).send(good.method, good.path, body); !res.OK() {
					t.Errorf("got %d (%s), want a success", res.Status, res.Message)
				}
			})
		}
	}
}

// TestMillionDigits is promise 16: a number of a million digits, which only an upload has
// room for, is accepted in a field that is ignored, and refused where a text is wanted.
func TestMillionDigits(t *testing.T) {
	t.Parallel()
	db, digits := newDB(t), strings.Repeat("9", 1_000_000)
	ignored := inserted(`"x":` + digits)(marshal(t, rowsOf(db.ID, 1)))
	if done := ask[client.Upload](admin(t), 201, "POST", "/personnels/upload", client.Raw(ignored)); done.Inserted != 1 {
		t.Errorf("got %+v, want the row to go in", done)
	}
	for name, number := range map[string]string{"whole": digits, "negative": "-" + digits, "a fraction": "0." + digits, "a power": "1e" + digits} {
		row := with(recordFields(db.ID), fields{"rank": json.RawMessage(number)})
		done := ask[client.Upload](admin(t), 400, "POST", "/personnels/upload", []fields{row})
		if len(done.Failed) != 1 || !strings.Contains(done.Failed[0].Error, "the rank must be text") {
			t.Errorf("%s: got %+v, want a row that fails for its rank", name, done)
		}
	}
	wantTotal(t, db.ID, 1)
}
