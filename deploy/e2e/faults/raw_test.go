package faults

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/rig"
)

// say sends text on a connection of its own and returns all that comes back
// until the other side ends it, or has nothing to say for a while.
func say(t *testing.T, origin, text string) (answers string) {
	t.Helper()
	conn := dial(t, origin)
	defer conn.Close()
	go io.WriteString(conn, text) // the other side may end before it has read all
	var all strings.Builder
	limit := patience // until the first answer
	for buffer := make([]byte, 4096); ; limit = time.Second {
		conn.SetReadDeadline(time.Now().Add(limit))
		n, err := conn.Read(buffer)
		all.Write(buffer[:n])
		if err != nil {
			return all.String()
		}
	}
}

func dial(t testing.TB, origin string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(origin, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// statusesIn are the statuses of the answers in what came back.
func statusesIn(answers string) (statuses []string) {
	for reader := bufio.NewReader(strings.NewReader(answers)); ; {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return statuses
		}
		statuses = append(statuses, fmt.Sprint(response.StatusCode))
		if response.StatusCode != http.StatusContinue {
			if _, err := io.Copy(io.Discard, response.Body); err != nil {
				return statuses
			}
		}
	}
}

const (
	asked = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
	login = "POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
)

// What one side could take for one request and the other for two is one; and plain HTTP
// is only HTTP/1.
func TestOddRequests(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t)
		for name, c := range map[string]struct{ said, want string }{
			"pipelined":                   {asked + asked + asked, "200 200 200"},
			"HTTP/1.0":                    {"GET /healthz HTTP/1.0\r\n\r\n", "200"},
			"absolute target":             {"GET http://other.example/healthz HTTP/1.1\r\nHost: a\r\n\r\n", "200"},
			"CONNECT":                     {"CONNECT other.example:443 HTTP/1.1\r\nHost: a\r\n\r\n", "404"},
			"no host":                     {"GET /healthz HTTP/1.1\r\n\r\n", "400"},
			"two lengths":                 {login + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}\n" + asked, "400"},
			"length and chunks":           {login + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", "400"},
			"a coding that nobody knows":  {login + "Transfer-Encoding: xchunked\r\n\r\n" + asked, "501"},
			"two codings":                 {login + "Transfer-Encoding: gzip, chunked\r\n\r\n" + asked, "501"},
			"a blank before the colon":    {login + "Content-Length : 2\r\n\r\n{}" + asked, "400"},
			"a malformed end of a chunk":  {login + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx0\r\n\r\n" + asked, "400"},
			"a chunk that is too large":   {login + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n" + asked, "400"},
			"a long line of a chunk":      {login + "Transfer-Encoding: chunked\r\n\r\n2;" + strings.Repeat("x", 5<<10) + "\r\n{}\r\n0\r\n\r\n" + asked, "400"},
			"a bad size of a chunk":       {login + "Transfer-Encoding: chunked\r\n\r\n2x\r\n{}\r\n0\r\n\r\n" + asked, "400"},
			"100-continue, good body":     {login + "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}", "100 400"},
			"HTTP/2 by upgrade":           {"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", "200"},
			"a body where none is needed": {fmt.Sprintf("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", len(asked)) + asked + asked, "200 200"},
		} {
			got := strings.Join(statusesIn(say(t, r.URL, c.said)), " ")
			got = strings.ReplaceAll(got, "100 100", "100") // a proxy passes another one on
			if got != c.want {
				t.Errorf("%s: the statuses are %q, want %q", name, got, c.want)
			}
		}
		if got := say(t, r.URL, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"); got != "" && !strings.HasPrefix(got, "HTTP/1.1 4") {
			t.Errorf("HTTP/2 without TLS is answered: %q", got)
		}
	})
}

// Promise 19: of a body that is too large, or refused before it has arrived,
// nothing is ever taken for a request.
func TestRestOfABodyIsNoRequest(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t)
		said := largeRequests()
		atOnce(t, len(said), func(i int) error {
			if count := strings.Count(say(t, r.URL, said[i]), "HTTP/1.1 "); count != 1 {
				return fmt.Errorf("%d answers to one request: %.150q", count, said[i])
			}
			return nil
		})
	})
}

// largeRequests have bodies full of requests.
func largeRequests() (all []string) {
	for _, path := range []string{"/auth/login", "/personnels/upload", "/personnels/bulk-delete", "/nothing"} {
		for _, size := range []int{100 << 10, 200 << 10, 600 << 10, 3 << 20} {
			body := strings.Repeat(strings.Repeat("x", 64)+asked, size/(64+len(asked)))
			head := "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
			all = append(all,
				head+fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))+body,
				head+fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body))
		}
	}
	return all
}
