package web

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"officepay.example/shared/office"
)

// echo answers with the path.
func echo(_ context.Context, r *Request) (*Answer, error) {
	return OK("Here.", map[string]string{"path": r.Path})
}

// named is a route whose answer names it.
func named(method, path string) Route {
	return On(method, path, nil, func(_ context.Context, r *Request) (*Answer, error) {
		return OK(method+" "+path, map[string]string{"path": r.Path})
	})
}

// shop are routes of every kind that the services have: a path with several
// methods, names, and a fixed name beside any.
var shop = NewServer(quiet(), []Route{
	named("GET", "/"),
	named("GET", "/shop/things"),
	named("POST", "/shop/things"),
	named("GET", "/shop/things/{name}"),
	named("PATCH", "/shop/things/{name}"),
	named("DELETE", "/shop/things/bulk"),
})

func TestRoutesFound(t *testing.T) {
	cases := map[string]struct{ method, target, route, path string }{
		"root":                    {"GET", "/", "GET /", "/"},
		"path":                    {"GET", "/shop/things", "GET /shop/things", "/shop/things"},
		"other method":            {"POST", "/shop/things", "POST /shop/things", "/shop/things"},
		"trailing slash":          {"POST", "/shop/things/", "POST /shop/things", "/shop/things"},
		"name":                    {"GET", "/shop/things/7", "GET /shop/things/{name}", "/shop/things/7"},
		"name, trailing slash":    {"PATCH", "/shop/things/7/", "PATCH /shop/things/{name}", "/shop/things/7"},
		"fixed name beside any":   {"DELETE", "/shop/things/bulk/", "DELETE /shop/things/bulk", "/shop/things/bulk"},
		"query":                   {"GET", "/shop/things/?page=2", "GET /shop/things", "/shop/things"},
		"escaped":                 {"GET", "/shop/%74hings", "GET /shop/things", "/shop/things"},
		"escaped slash in a name": {"GET", "/shop/things/a%2Fb", "GET /shop/things/{name}", "/shop/things/a/b"},
		"that, trailing slash":    {"GET", "/shop/things/a%2Fb/", "GET /shop/things/{name}", "/shop/things/a/b"},
		"blank in a name":         {"GET", "/shop/things/%20/", "GET /shop/things/{name}", "/shop/things/ "},
		"colon in a name":         {"GET", "/shop/things/a:b", "GET /shop/things/{name}", "/shop/things/a:b"},
		"HEAD where GET is":       {"HEAD", "/shop/things", "GET /shop/things", "/shop/things"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			rec := ask(shop, test.method, test.target)
			got := unwrap(t, rec)
			if rec.Code != 200 || got.Message != test.route || got.Data.(map[string]any)["path"] != test.path {
				t.Errorf("%d %s", rec.Code, rec.Body)
			}
		})
	}
}

// refusals are requests that no route is for.
var refusals = map[string]struct {
	method, target string
	status         int
	allow          string // of a 405
}{
	"unknown path":             {"GET", "/nowhere", 404, ""},
	"unknown path, any method": {"DELETE", "/nowhere", 404, ""},
	"unknown path, OPTIONS":    {"OPTIONS", "/nowhere", 404, ""},
	"below a path":             {"GET", "/shop/things/7/parts", 404, ""},
	"above a path":             {"GET", "/shop", 404, ""},
	"other letter case":        {"GET", "/Shop/things", 404, ""},
	"no id":                    {"PATCH", "/shop/things/", 405, "OPTIONS, GET, POST, HEAD"},
	"wrong method":             {"DELETE", "/shop/things", 405, "OPTIONS, GET, POST, HEAD"},
	"wrong method, slash":      {"PUT", "/shop/things/", 405, "OPTIONS, GET, POST, HEAD"},
	"wrong method on an id":    {"POST", "/shop/things/7", 405, "OPTIONS, GET, PATCH, HEAD"},
	"fixed name beside an id":  {"GET", "/shop/things/bulk", 405, "OPTIONS, DELETE"},
	"HEAD where no GET is":     {"HEAD", "/shop/things/bulk", 405, "OPTIONS, DELETE"},
	"two slashes":              {"GET", "/shop//things", 404, ""},
	"two slashes at the end":   {"GET", "/shop/things//", 404, ""},
	"dot":                      {"GET", "/shop/./things", 404, ""},
	"two dots":                 {"GET", "/shop/x/../things", 404, ""},
	"two dots, escaped":        {"GET", "/shop/x/%2e%2e/things", 404, ""},
	"two dots for an id":       {"GET", "/shop/things/..", 404, ""},
	"slash, escaped":           {"GET", "/shop%2Fthings", 404, ""},
	"NUL":                      {"GET", "/shop/things%00", 404, ""},
	"query that is malformed":  {"GET", "/shop/things?page=%zz", 400, ""},
	"query that is ambiguous":  {"GET", "/shop/things?page=1&page=2", 400, ""},
	"query with a semicolon":   {"GET", "/shop/things?a=1;b=2", 400, ""},
	"the server itself":        {"GET", "*", 404, ""},
	"TRACE":                    {"TRACE", "/shop/things", 405, "OPTIONS, GET, POST, HEAD"},
	"CONNECT":                  {"CONNECT", "/shop/things", 405, "OPTIONS, GET, POST, HEAD"},
	"method of another API":    {"PROPFIND", "/shop/things", 405, "OPTIONS, GET, POST, HEAD"},
	"method in small letters":  {"get", "/shop/things", 405, "OPTIONS, GET, POST, HEAD"},
	"odd method, unknown path": {"BREW", "/nowhere", 404, ""},
	"odd method, unclean path": {"BREW", "//shop/../", 404, ""},
}

// What no route has is refused in the envelope, and nobody is redirected.
func TestRoutesRefused(t *testing.T) {
	for name, test := range refusals {
		t.Run(name, func(t *testing.T) {
			rec := ask(shop, test.method, test.target)
			unwrap(t, rec)
			if rec.Code != test.status || rec.Header().Get("Allow") != test.allow {
				t.Errorf("%d, Allow %q: %s", rec.Code, rec.Header().Get("Allow"), rec.Body)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for target, want := range map[string]string{
		"/":                 "OPTIONS, GET, HEAD",
		"/shop/things/":     "OPTIONS, GET, POST, HEAD",
		"/shop/things/bulk": "OPTIONS, DELETE",
	} {
		rec := ask(shop, "OPTIONS", target)
		if rec.Code != 204 || rec.Header().Get("Allow") != want || rec.Body.Len() > 0 {
			t.Errorf("%s: %d, Allow %q, body %q", target, rec.Code, rec.Header().Get("Allow"), rec.Body)
		}
	}
}

// On the wire, HEAD is what GET is without the body.
func TestHeadHasNoBody(t *testing.T) {
	live := httptest.NewServer(shop)
	defer live.Close()
	for target, status := range map[string]int{"/shop/things": 200, "/nowhere": 404, "/shop/things/bulk": 405} {
		res, err := http.Head(live.URL + target)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != status || len(body) > 0 || err != nil || res.ContentLength <= 0 {
			t.Errorf("%s: %d, length %d, body %q, %v", target, res.StatusCode, res.ContentLength, body, err)
		}
	}
}

// An id in the path is checked before anything else is asked about it.
func TestIDs(t *testing.T) {
	server := NewServer(quiet(), []Route{
		On("GET", "/things/{id}", nil, echoID), On("PATCH", "/in/{db_id}/things", nil, echoID), On("GET", "/files/{name}", nil, echoID),
	})
	for name, test := range map[string]struct {
		method, target string
		status         int
		says           string
	}{
		"an id":                  {"GET", "/things/" + someID, 200, someID},
		"in capitals":            {"GET", "/things/" + strings.ToUpper(someID), 200, someID},
		"a name":                 {"GET", "/things/first", 400, "The id must be an id of 24 hex digits."},
		"more than one":          {"PATCH", "/in/" + someID + "'--/things", 400, "The database must be an id of 24 hex digits."},
		"another method":         {"POST", "/things/first", 405, "This method is not allowed here. Allowed: OPTIONS, GET, HEAD."},
		"what need not be an id": {"GET", "/files/first", 200, office.ID{}.Hex()},
	} {
		t.Run(name, func(t *testing.T) {
			if got := unwrap(t, ask(server, test.method, test.target)); got.StatusCode != test.status || got.Message != test.says {
				t.Errorf("got %d %s", got.StatusCode, got.Message)
			}
		})
	}
}

func echoID(_ context.Context, r *Request) (*Answer, error) { return OK(r.ID.Hex(), nil) }

func TestAllowNamesOnlyWhatIsServed(t *testing.T) {
	for _, target := range []string{"/", "/shop/things", "/shop/things/7", "/shop/things/bulk"} {
		allowed := strings.Split(ask(shop, "OPTIONS", target).Header().Get("Allow"), ", ")
		for _, method := range append([]string{"HEAD"}, methods...) {
			refused := ask(shop, method, target).Code == http.StatusMethodNotAllowed
			if refused == slices.Contains(allowed, method) {
				t.Errorf("%s %s: refused %v, allowed %v", method, target, refused, allowed)
			}
		}
	}
}
