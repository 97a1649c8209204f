package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
)

// bodyLimits are the sizes in bytes of the largest bodies (promise 19). Those
// of bulk calls are far above what 10000 rows and ids need.
var bodyLimits = map[string]int{
	"/personnels/upload":      16 << 20,
	"/personnels/bulk-delete": 1 << 20,
}

func bodyLimit(path string) int {
	if limit, ok := bodyLimits[path]; ok {
		return limit
	}
	return 64 << 10
}

// TestBodyTooLarge: one byte over the limit is a 413 and does nothing, whether
// the size is announced or not; a body of just the limit is taken.
func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	eachWrite(t, func(t *testing.T, good request) {
		body, before := marshal(t, good.body), shownAt(good)
		largest := body + strings.Repeat(" ", bodyLimit(good.path)-len(body))
		good.by.want(413, good.method, good.path, client.Raw(largest+" "))
		if got := sendChunked(good, largest+" "); got != 413 {
			t.Errorf("a body of unknown size: got %d, want 413", got)
		}
		if after := shownAt(good); after != before {
			t.Errorf("a body too large made %s of %s", after, before)
		}
		good.by.wantOK(good.method, good.path, client.Raw(largest))
	})
}

func sendChunked(good request, body string) int {
	req, err := good.by.Request(context.Background(), good.method, good.path, client.Raw(""))
	if err != nil {
		good.by.t.Fatal(err)
	}
	req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), -1
	return good.by.do(req).Status
}

// brokenOff are ways to send a body whose end never comes. All of the good body has
// arrived by then, so a server that used what it has would notice nothing.
var brokenOff = map[string]func(body string) string{
	"a byte is missing":       func(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body)+1, body) },
	"most of it is missing":   func(body string) string { return fmt.Sprintf("Content-Length: 60000\r\n\r\n%s", body) },
	"no last chunk":           func(body string) string { return chunked(body) },
	"the last chunk is cut":   func(body string) string { return chunked(body) + "0\r\n" },
	"a chunk without its end": func(body string) string { return chunked(body) + "ff\r\n    " },
	"a chunk of no size":      func(body string) string { return chunked(body) + "xyz\r\n\r\n" },
}

func chunked(body string) string {
	return fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(body), body)
}

// TestBodyBreaksOff is promise 19: nothing of an incomplete body is used, on any route.
// The good body still goes in afterwards, and what was to be changed is as it was.
func TestBodyBreaksOff(t *testing.T) {
	t.Parallel()
	eachWrite(t, func(t *testing.T, good request) {
		t.Parallel()
		body, before := marshal(t, good.body), shownAt(good)
		for how, cut := range brokenOff {
			head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: office\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n",
				good.method, good.path, good.by.Token())
			if status := rawStatus(t, head+cut(body), hangUp); status >= 200 && status < 300 {
				t.Errorf("%s: got %d", how, status)
			}
		}
		if after := shownAt(good); after != before {
			t.Errorf("a body that broke off made %s of %s", after, before)
		}
		good.by.wantOK(good.method, good.path, good.body)
	})
}

// rawStatus sends bytes, then does something with the connection, and returns the status
// of the answer, or 0 if there is none.
func rawStatus(t *testing.T, sent string, then func(*net.TCPConn) error) int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(target.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	_, err = io.WriteString(conn, sent)
	if err == nil && then != nil {
		err = then(conn.(*net.TCPConn))
	}
	if err != nil {
		return 0 // the other side has closed the connection
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

// hangUp tells the other side that nothing more will come.
func hangUp(conn *net.TCPConn) error { return conn.CloseWrite() }

// TestHeadersTooLarge is promise 19: headers and the address have 16 KB
// together.
func TestHeadersTooLarge(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]int{14 << 10: 200, 17 << 10: 431, 64 << 10: 431, 1 << 20: 431} {
		line := fmt.Sprintf("GET /auth/me HTTP/1.1\r\nHost: office\r\nAuthorization: Bearer %s\r\n", admin(t).Token())
		filler := strings.Repeat("x", size)
		for how, sent := range map[string]string{
			"one header":   line + "X-Filler: " + filler + "\r\n\r\n",
			"many headers": line + strings.Repeat("X-F: y\r\n", size/8) + "\r\n",
			"the address":  strings.Replace(line, "/auth/me", "/auth/me?x="+filler, 1) + "\r\n",
		} {
			got := rawStatus(t, sent, nil)
			if reset := got == 0 && want == 431 && size >= 64<<10; got != want && !reset {
				t.Errorf("%d bytes in %s: got %d, want %d", size, how, got, want)
			}
		}
	}
	large := header{"X-Filler": strings.Repeat("x", 16<<10)}
	if res := admin(t).doWith(large, "GET", "/auth/me", nil); res.Status != 431 {
		t.Errorf("a little too much: got %d, want 431", res.Status)
	}
}

// TestMalformedRequests: what is not a request gets a 400 or 404 or no answer, and harms
// nobody else.
func TestMalformedRequests(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"GET /personnels/%zz HTTP/1.1", "GET /personnels/% HTTP/1.1", "GET /personnels/%00 HTTP/1.1", "GET personnels HTTP/1.1",
		"GET /a\x00b HTTP/1.1", "GET /\xff HTTP/1.1", "GET  / HTTP/1.1", "GET /", "\x16\x03\x01\x02\x00\x01\x00", "GET / HTTP/9.9",
		"G\xc3\x89T / HTTP/1.1", "GET / HTTP/1.1\r\nContent-Length: -1", "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
		"GET / HTTP/1.1\r\nTransfer-Encoding: gzip", "GET / HTTP/1.1\r\n: x", "GET / HTTP/1.1\r\nX Y: z", "GET / HTTP/1.1\r\nX: a\x00b",
	} {
		got := rawStatus(t, line+"\r\nHost: office\r\n\r\n", hangUp)
		if got != 0 && got/100 != 4 && got != 501 && got != 505 {
			t.Errorf("%q: got %d", line, got)
		}
	}
	admin(t).want(200, "GET", "/auth/me", nil)
}
