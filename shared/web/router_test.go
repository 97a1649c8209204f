package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// echo answers with the route that was taken and the id in its path.
func echo(w http.ResponseWriter, r *http.Request) error {
	return OK(w, r.Pattern, map[string]string{"id": r.PathValue("id")})
}

// shop are routes of every kind that the services have: a path with several
// methods, ids, and a fixed name beside an id.
var shop = NewServer(quiet(), []Route{
	On("GET", "/", echo),
	On("GET", "/shop/things", echo),
	On("POST", "/shop/things", echo),
	On("GET", "/shop/things/{id}", echo),
	On("PATCH", "/shop/things/{id}", echo),
	On("DELETE", "/shop/things/bulk", echo),
})

func TestRoutesFound(t *testing.T) {
	cases := map[string]struct{ method, target, pattern, id string }{
		"root":                    {"GET", "/", "GET /{$}", ""},
		"path":                    {"GET", "/shop/things", "GET /shop/things", ""},
		"other method":            {"POST", "/shop/things", "POST /shop/things", ""},
		"trailing slash":          {"POST", "/shop/things/", "POST /shop/things", ""},
		"id":                      {"GET", "/shop/things/7", "GET /shop/things/{id}", "7"},
		"id, trailing slash":      {"PATCH", "/shop/things/7/", "PATCH /shop/things/{id}", "7"},
		"fixed name beside an id": {"DELETE", "/shop/things/bulk/", "DELETE /shop/things/bulk", ""},
		"query":                   {"GET", "/shop/things/?page=2", "GET /shop/things", ""},
		"escaped":                 {"GET", "/shop/%74hings", "GET /shop/things", ""},
		"escaped slash in an id":  {"GET", "/shop/things/a%2Fb", "GET /shop/things/{id}", "a/b"},
		"that, trailing slash":    {"GET", "/shop/things/a%2Fb/", "GET /shop/things/{id}", "a/b"},
		"blank in an id":          {"GET", "/shop/things/%20/", "GET /shop/things/{id}", " "},
		"colon in an id":          {"GET", "/shop/things/a:b", "GET /shop/things/{id}", "a:b"},
		"HEAD where GET is":       {"HEAD", "/shop/things", "GET /shop/things", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			rec := ask(shop, test.method, test.target)
			got := unwrap(t, rec)
			if rec.Code != 200 || got.Message != test.pattern || got.Data.(map[string]any)["id"] != test.id {
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
	"health, wrong method":     {"POST", "/healthz", 405, "OPTIONS, GET, HEAD"},
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

func TestByPathKeepsEveryMethod(t *testing.T) {
	paths := byPath([]Route{On("GET", "/a", echo), On("POST", "/a", echo), On("GET", "/b", echo)})
	if len(paths) != 2 || len(paths["/a"]) != 2 || len(paths["/b"]) != 1 {
		t.Errorf("got %v", paths)
	}
}

// Without a route of its own for it, the root says what this is.
func TestRoot(t *testing.T) {
	for _, target := range []string{"/", "//"} {
		got := unwrap(t, ask(NewServer(quiet(), nil), "GET", target))
		if data, _ := got.Data.(map[string]any); got.StatusCode != 200 || data["documentation"] == nil {
			t.Errorf("%s: %+v", target, got)
		}
	}
}

func TestAllowNamesOnlyWhatIsServed(t *testing.T) {
	for _, target := range []string{"/", "/shop/things", "/shop/things/7", "/shop/things/bulk"} {
		allowed := strings.Split(ask(shop, "OPTIONS", target).Header().Get("Allow"), ", ")
		for _, method := range knownMethods {
			refused := ask(shop, method, target).Code == http.StatusMethodNotAllowed
			if refused == slices.Contains(allowed, method) {
				t.Errorf("%s %s: refused %v, allowed %v", method, target, refused, allowed)
			}
		}
	}
}
