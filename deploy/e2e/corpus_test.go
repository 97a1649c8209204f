package e2e

import (
	"fmt"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// The documents below test a parser as Nicolas Seriot's JSONTestSuite does (RFC 8259).
// Each is sent as the whole of a body and, as the value of a field that nobody asks for,
// within a good one.

// notJSON are documents that no parser may accept.
var notJSON = []string{
	// arrays
	"[1 true]", "[a\xe5]", `["": 1]`, `[""],`, `[,1]`, `[1,,2]`, `["x",,]`, `["x"]]`, `["",]`, `["x"`, `[x`, `[3[4]]`, "[\xff]",
	`[1:2]`, `[,]`, `[-]`, `[   , ""]`, "[\"a\",\n4\n,1,", `[1,]`, `[1,,]`, "[\"\va\"\\f]", `[*]`, `[""`, `[1,`, "[1,\n1\n,1", `[{}`,
	// literals
	`[fals]`, `[nul]`, `[tru]`, `[True]`, `[NULL]`, `nan`, `Infinity`, "123\x00", "[\x00]",
	// numbers
	`[++1234]`, `[+1]`, `[+Inf]`, `[-01]`, `[-1.0.]`, `[-2.]`, `[-NaN]`, `[.-1]`, `[.2e-3]`, `[0.1.2]`, `[0.3e+]`, `[0.3e]`, `[0.e1]`,
	`[0E+]`, `[0E]`, `[0e+]`, `[0e]`, `[1.0e+]`, `[1.0e-]`, `[1.0e]`, `[1 000.0]`, `[1eE2]`, `[2.e+3]`, `[2.e-3]`, `[2.e3]`, `[9.e+]`,
	`[Inf]`, `[NaN]`, "[\uff11]", `[1+2]`, `[0x1]`, `[0x42]`, `[Infinity]`, `[0e+-1]`, `[-123.123foo]`, "[123\xe5]", "[1e1\xe5]", "[0\xe5]",
	`[-Infinity]`, `[-foo]`, `[- 1]`, `[-012]`, `[-.123]`, "[-1x]", `[1ea]`, "[1e\xe5]", `[1.]`, `[.123]`, `[1.2a-3]`, `[1.8011670033376514H-308]`,
	`[012]`, `2@`, `1 2`, `0x`, `--1`, `1_000`,
	// objects
	`["x", truth]`, `{[: "x"}`, `{"x", null}`, `{"x"::"b"}`, "{\U0001F1E8\U0001F1ED}", `{"a":"a" 123}`, `{key: 'value'}`, "{\"\xb9\":\"0\",}",
	`{"a" b}`, `{:"b"}`, `{"a" "b"}`, `{"a":`, `{"a"`, `{1:1}`, `{9999E9999:1}`, `{null:null,null:null}`, `{"id":0,,,,,}`, `{'a':0}`,
	`{"id":0,}`, `{"a":"b"}/**/`, `{"a":"b"}/**//`, `{"a":"b"}//`, `{"a":"b"}/`, `{"a":"b",,"c":"d"}`, `{a: "b"}`, `{"a":"a`, `{"foo":"bar","a"}`,
	`{"a":"b"}#`, `{"a":/*comment*/"b"}`, `{"a": true} "x"`, `{"a":"b"}}`, `{]`, `{,`, `{[`, `{"a`, `{'a'`, `{"\uD834":1`,
	// strings
	`["\uD800\"]`, `["\uD800\u"]`, `["\uD800\u1"]`, `["\uD800\u1x"]`, "[\xc3\xa9]", "[\"\\\x00\"]", `["\x00"]`, `["\\\"]`, "[\"\\\t\"]", "[\"\\\U0001F300\"]",
	`["\"]`, `["\u00A"]`, `["\uD834\uDd"]`, `["\uD800\uD800\x"]`, "[\"\\u\xe5\"]", `["\a"]`, `["\uqqqq"]`, "[\"\\\xe5\"]", `[\u0020"asd"]`, `[\n]`,
	`"`, `['single quote']`, `abc`, `["\`, "[\"a\x00a\"]", "[\"new\nline\"]", "[\"\t\"]", `"\UA66D"`, `""x`, `"a`, `"\`,
	// structure
	"\u2060", "\ufeff", "<.>", `[<null>]`, `[1]x`, `[1]]`, `["asd]`, "a\xe5", `[True]`, `1]`, `{"x": true,`, `[][]`, `]`, "\xef\xbb{}", "\xe5", `[`,
	"", "[\x00", `2@`, `{}}`, `{"":`, `{"a": 1} x`, `[1`, `[ false, nul`, `[ true, fals`, `[ false, tru`, `{"asd":"asd"`, `i`, "\u00e5", "[\u2060]",
	" ", "\n", "*", `{"a":"b"}#{}`, `[\u000A""]`, `["a",`, `[{"a":`, `{"":[{"":[`,
}

// oddJSON are documents that are valid, except for some that a parser may accept or
// refuse, which are refused: what is not text is never taken in part.
var oddJSON = map[string]bool{ // document: taken
	"[[]   ]": true, `[]`: true, `["a"]`: true, `[null, 1, "1", {}]`: true, "[1\n]": true, " [1]": true, `[1,null,null,null,2]`: true, "[2] ": true,
	`[123e65]`: true, `[0e+1]`: true, `[0e1]`: true, `[ 4]`: true, "[-0." + strings.Repeat("0", 77) + "1]": true, `[20e1]`: true,
	`[-0]`: true, `[-123]`: true, `[1E22]`: true, `[1E-2]`: true, `[123e-10000000]`: true, `[123.456e78]`: true, `[-1e+9999]`: true, `[1.5e+9999]`: true,
	`[0.4e00669999999999999999999999999999999999999999999999999969999999006]`: true, `[-123123123123123123123123123123]`: true,
	`[100000000000000000000]`: true, `{}`: true, `{"":0}`: true, `{"foo\u0000bar": 42}`: true, `{"min": -1.0e+28, "max": 1.0e+28}`: true, "{\n\"a\":\n\"b\"\n}": true,
	`["\u0060\u012a\u12AB"]`: true, `["\uD801\udc37"]`: true, `["\ud83d\ude39\ud83d\udc8d"]`: true, `["\"\\\/\b\f\n\r\t"]`: true, `["\\u0000"]`: true, `["\""]`: true,
	`["a/*b*/c/*d//e"]`: true, `["\\a"]`: true, `["\u0012"]`: true, `["\uFFFF"]`: true, "[\"\U0010FFFF\"]": true, "[\"\uFFFF\"]": true, `["\uDBFF\uDFFF"]`: true,
	`["\u0000"]`: true, "[\"\u2028\u2029\u2064\u007f\"]": true, `["new\u000Aline"]`: true, `["\u0022\u005C"]`: true, "[\"\U0001D11E\"]": true, "[\"\ufdd0\ufffe\"]": true,
	` `: false, `false`: true, `42`: true, `-0.1`: true, `null`: true, `"asd"`: true, `""`: true, "[\"a\"]\n": true, `[true]`: true, " [] ": true,
	"[\"\u00e9\ufeff\"]": true,

	`{"a":"b","a":"c"}`: false, `{"a":"b","a":"b"}`: false, `{"a":1,"A":1}`: false, `["\uDADA"]`: false, `["\uD888\u1234"]`: false, "[\"\xe6\x97\xa5\xd1\x88\xfa\"]": false,
	`["\uD800\n"]`: false, `["\uDd1ea"]`: false, `["\uD800\uD800\n"]`: false, `["\ud800"]`: false, `["\ud800abc"]`: false, "[\"\xff\"]": false, `["\uDd1e\uD834"]`: false,
	"[\"\xed\xa0\x80\"]": false, `["\uDFAA"]`: false, "[\"\x81\"]": false, "[\"\xf4\xbf\xbf\xbf\"]": false, "[\"\xe0\xff\"]": false, "[\"\xfc\x80\x80\x80\x80\x80\"]": false,
	"[\"\xc0\xaf\"]": false, "\xff\xfe[\x00\"\x00\xe9\x00\"\x00]\x00": false, "\x00[\x00\"\x00\xe9\x00\"\x00]": false, "\ufeff{}": false, `{"\uDFAA":0}`: false,
	strings.Repeat("[", 500) + strings.Repeat("]", 500): false,
}

// TestNotJSON is promise 16: each document is a 400 on every route that takes a
// body, alone and within a good body, which goes in afterwards: it was never
// used in part.
func TestNotJSON(t *testing.T) {
	t.Parallel()
	deep := []string{strings.Repeat("[", 60000), strings.Repeat(`{"":`, 15000), strings.Repeat("[{\"\":", 12000) + strings.Repeat("]", 99)}
	eachWrite(t, func(t *testing.T, good request) {
		t.Parallel()
		body, before := marshal(t, good.body), shownAt(good)
		for _, document := range append(deep, notJSON...) {
			within := inserted(`"x":` + document)(body)
			checkBroken(t, text(document)+" alone", good.by.send(good.method, good.path, client.Raw(document)))
			if len(within) < 64<<10 {
				checkBroken(t, text(document)+" within", good.by.send(good.method, good.path, client.Raw(within)))
			}
		}
		if after := shownAt(good); after != before {
			t.Errorf("a refused change made %s of %s", after, before)
		}
		good.by.wantOK(good.method, good.path, good.body)
	})
}

// shownAt is what a call changes that would go in a second time too. The other calls need
// no check: a good body that was used before is refused.
func shownAt(good request) string {
	good.by.t.Helper()
	switch {
	case good.resets != person{}:
		return fmt.Sprint("a login: ", anyone(good.by.t).send("POST", "/auth/login", good.resets.credentials()).Status)
	case good.method != "PATCH":
		return ""
	case strings.HasPrefix(good.path, "/admin/dbs/"): // which has no GET
		return string(good.by.want(200, "PATCH", good.path, fields{}).Data)
	}
	return string(good.by.want(200, "GET", good.path, nil).Data)
}

// wantOK is send that must succeed.
func (c caller) wantOK(method, path string, body any) {
	c.t.Helper()
	if res := c.send(method, path, body); !res.OK() {
		c.t.Errorf("%s %s: got %d (%s), want a success", method, path, res.Status, res.Message)
	}
}

// TestOddDocuments: what is valid in a field that nobody asks for is ignored, whatever it
// is; what a parser may refuse is a 400. As the whole of a body it is always refused
// where a body must hold something.
func TestOddDocuments(t *testing.T) {
	t.Parallel()
	eachWrite(t, func(t *testing.T, good request) {
		t.Parallel()
		body := marshal(t, good.body)
		for document, taken := range oddJSON {
			res := good.by.send(good.method, good.path, client.Raw(document))
			if isChange := good.method == "PATCH" && strings.HasPrefix(document, "{") && taken; res.OK() != isChange {
				t.Errorf("%s alone: got %d (%s)", text(document), res.Status, res.Message)
			}
			if taken && good.method != "PATCH" {
				continue // it would use the good body up
			}
			within := client.Raw(inserted(`"x":` + document)(body))
			if res := good.by.send(good.method, good.path, within); res.OK() != taken || !taken && res.Status != 400 {
				t.Errorf("%s within: got %d (%s), taken must be %v", text(document), res.Status, res.Message, taken)
			}
		}
		good.by.wantOK(good.method, good.path, good.body)
	})
}
