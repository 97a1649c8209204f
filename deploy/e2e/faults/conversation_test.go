package faults

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// conversation is one connection.
type conversation struct {
	net.Conn
	reader *bufio.Reader
}

func converse(t testing.TB, origin string) *conversation {
	t.Helper()
	conn := dial(t, origin)
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return &conversation{conn, bufio.NewReader(conn)}
}

func (c *conversation) say(t testing.TB, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func (c *conversation) ask(t testing.TB, text string) *http.Response {
	t.Helper()
	response, err := c.tryToAsk(text)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	return response
}

func (c *conversation) tryToAsk(text string) (*http.Response, error) {
	if _, err := io.WriteString(c, text); err != nil {
		return nil, err
	}
	return http.ReadResponse(c.reader, nil)
}

// want checks an answer, whether it is whole, and whether it says that it is
// the last of its connection.
func (c *conversation) want(t testing.TB, response *http.Response, status int, isLast bool) {
	t.Helper()
	_, err := io.Copy(io.Discard, response.Body)
	if response.StatusCode != status || response.Close != isLast || err != nil {
		t.Errorf("the answer is %d, the last: %v, %v; want %d, %v", response.StatusCode, response.Close, err, status, isLast)
	}
}
