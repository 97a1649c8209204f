package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"officepay.example/shared/office"
)

// readAll asks for the fields a to f in every way that there is.
func readAll(f *Form) any {
	f.Text("a", office.Name)
	f.Optional("b", office.Name)
	f.Secret("c")
	f.ID("d")
	f.IDs("e", 10, "things")
	if nested := f.Nested("f"); nested != nil {
		nested.Required("a", office.Name)
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

// checkRows reads the body as rows. One that is not an object counts as null.
func checkRows(t *testing.T, body []byte) {
	t.Helper()
	rows := []any{}
	err := DecodeRows(post(string(body)), 100, func(f *Form) {
		rows = append(rows, f.object)
		readAll(f)
		if len(f.Problems()) > 0 {
			checkRefusal(t, InvalidFields(f.Problems()...))
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

// FuzzRequest holds what a request says beside its body: the page and the
// search of its query, an id in its path, and the headers that are for the log.
// Whatever they are, what is taken is within its bounds, and the rest is a 400
// or is replaced.
func FuzzRequest(f *testing.F) {
	for _, test := range pages {
		f.Add(test.query, someID, "", "")
	}
	f.Add("search=Musa+IBRA&page=2", someID+"0", "client-7", "1.1.1.1, 10.0.0.9")
	f.Add("search=%ff%00&search=x;y", "%20", "a\r\nb", "::1%eth0,10.0.0.1:80,[::1]")
	f.Add("search=%C2%85a%E2%80%A8b", "\x00", "é", "::ffff:1.2.3.4, 10.1.2.3,,")
	f.Fuzz(func(t *testing.T, rawQuery, id, requestID, forwarded string) {
		query, _ := url.ParseQuery(rawQuery) // what it understood is there beside an error
		checkList(t, query)
		checkPathID(t, id)
		checkLogged(t, requestID, forwarded)
	})
}

func checkList(t *testing.T, query url.Values) {
	t.Helper()
	page, words, err := ReadList(query)
	if err != nil {
		checkRefusal(t, err)
		return
	}
	if page.Number < 1 || page.Number > maxPage || page.Limit < 1 || page.Limit > MaxLimit || page.Offset() < 0 {
		t.Errorf("%v: page %+v", query, page)
	}
	if typed, err := office.Name.Parse(query.Get("search")); err != nil {
		t.Errorf("%q is searched for as %q", typed, words)
	}
}

func checkPathID(t *testing.T, text string) {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.SetPathValue("id", text)
	x := &exchange{pipeline: &pipeline{Route: Route{Path: "/{id}"}}, r: r}
	err := x.readID()
	switch {
	case err != nil:
		checkRefusal(t, err)
	case !strings.EqualFold(x.request.ID.Hex(), text):
		t.Errorf("%q is taken for %v", text, x.request.ID)
	}
}

// checkLogged checks that neither header can write into the log what it likes:
// an id is short and plain, and an address is one.
func checkLogged(t *testing.T, sent, forwarded string) {
	t.Helper()
	id := requestID(sent)
	unsafe := func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>\{}`, r) }
	if id == "" || len(id) > 128 || strings.ContainsFunc(id, unsafe) {
		t.Errorf("%q becomes %q", sent, id)
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "10.0.0.2:4711"
	r.Header["X-Forwarded-For"] = []string{forwarded}
	if got := clientAddr(r, Options{}); got != "10.0.0.2" {
		t.Errorf("%q of a stranger counts: %q", forwarded, got)
	}
	got := clientAddr(r, Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	if addr, err := netip.ParseAddr(got); err != nil || addr.Unmap() != addr {
		t.Errorf("%q makes the address %q", forwarded, got)
	}
}
