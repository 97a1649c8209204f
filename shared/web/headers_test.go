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
