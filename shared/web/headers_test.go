package web

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Promise 19: the address and the headers have 16 KB together, to the byte, and
// one more is a 431 in the envelope.
func TestHeadersHaveALimit(t *testing.T) {
	for how, request := range map[string]string{
		"one header":   "GET /shop/things HTTP/1.1\r\nHost: office\r\nX-Filler: *\r\n\r\n",
		"many headers": "GET /shop/things HTTP/1.1\r\nHost: office\r\n" + strings.Repeat("X-F: y\r\n", 1000) + "X-Filler: *\r\n\r\n",
		"the address":  "GET /shop/things?x=* HTTP/1.1\r\nHost: office\r\n\r\n",
		"the host":     "GET /shop/things HTTP/1.1\r\nHost: *\r\n\r\n",
		"a lost path":  "GET /nowhere/* HTTP/1.1\r\nHost: office\r\n\r\n",
	} {
		for _, more := range []int{0, 1} {
			filler := strings.Repeat("x", MaxHeader-len(request)+1+more)
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.Replace(request, "*", filler, 1))))
			if err != nil {
				t.Fatal(err)
			}
			rec := httptest.NewRecorder()
			shop.ServeHTTP(rec, r)
			if got := unwrap(t, rec).StatusCode; (got == 431) != (more > 0) {
				t.Errorf("%s, %d bytes: %d", how, MaxHeader+more, got)
			}
		}
	}
}

func TestEveryAnswerHasTheSafeHeaders(t *testing.T) {
	for _, target := range []string{"/", "/nowhere", "/shop/things?%zz", "//"} {
		h := ask(shop, "GET", target).Header()
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" || h.Get("X-Request-ID") == "" {
			t.Errorf("%s: %v", target, h)
		}
	}
}

func TestCORS(t *testing.T) {
	const office, foreign = "https://office.example", "https://foreign.example"
	cases := map[string]struct {
		origins []string
		origin  string
		allowed string
		vary    string
	}{
		"any, with an origin":    {[]string{"*"}, foreign, "*", ""},
		"any, without":           {[]string{"*"}, "", "*", ""},
		"listed":                 {[]string{office, "https://b.example"}, office, office, "Origin"},
		"not listed":             {[]string{office}, foreign, "", "Origin"},
		"listed, other scheme":   {[]string{office}, "http://office.example", "", "Origin"},
		"listed, as a beginning": {[]string{office}, office + ".foreign.example", "", "Origin"},
		"listed, without":        {[]string{office}, "", "", "Origin"},
		"the null origin":        {[]string{office}, "null", "", "Origin"},
		"nobody":                 {nil, foreign, "", "Origin"},
		"nobody, without":        {nil, "", "", "Origin"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			options := quiet()
			options.CORSOrigins = test.origins
			server := NewServer(options, []Route{On("GET", "/", nil, echo)})
			for _, method := range []string{"GET", "POST"} { // also when it is refused
				h := ask(server, method, "/", "Origin: "+test.origin).Header()
				if h.Get("Access-Control-Allow-Origin") != test.allowed || h.Get("Vary") != test.vary {
					t.Errorf("%s: %v", method, h)
				}
				exposed := ""
				if test.allowed != "" {
					exposed = "ETag, X-Request-ID, Retry-After"
				}
				if got := h.Get("Access-Control-Expose-Headers"); got != exposed {
					t.Errorf("%s: exposes %q, want %q", method, got, exposed)
				}
				if h.Get("Access-Control-Allow-Credentials") != "" {
					t.Error("cookies would be sent along")
				}
			}
		})
	}
}

func TestPreflight(t *testing.T) {
	options := quiet()
	options.CORSOrigins = []string{"https://office.example"}
	server := NewServer(options, []Route{On("PATCH", "/things/{id}", nil, echo)})
	rec := ask(server, "OPTIONS", "/things/7/", "Origin: https://office.example",
		"Access-Control-Request-Method: PATCH", "Access-Control-Request-Headers: authorization, content-type")
	h := rec.Header()
	if rec.Code != 204 || rec.Body.Len() > 0 || h.Get("Access-Control-Allow-Origin") != "https://office.example" {
		t.Errorf("%d %v", rec.Code, h)
	}
	for _, method := range methods {
		if !strings.Contains(h.Get("Access-Control-Allow-Methods"), method) {
			t.Errorf("%s is not among %q", method, h.Get("Access-Control-Allow-Methods"))
		}
	}
	for _, name := range []string{"Authorization", "Content-Type", "If-Match", "X-Request-ID"} {
		if !strings.Contains(h.Get("Access-Control-Allow-Headers"), name) {
			t.Errorf("%s is not among %q", name, h.Get("Access-Control-Allow-Headers"))
		}
	}
	if got := h.Get("Access-Control-Max-Age"); got != "600" {
		t.Errorf("a browser asks again after %q seconds", got)
	}
}
