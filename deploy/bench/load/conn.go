package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"time"
)

// request is one call of the API.
type request struct {
	method, path string
	body         []byte
}

// wire is the request as it goes over the connection.
func (r request) wire(token string) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s HTTP/1.1\r\nHost: bench\r\n", r.method, r.path)
	if token != "" {
		fmt.Fprintf(&out, "Authorization: Bearer %s\r\n", token)
	}
	if r.body != nil {
		fmt.Fprintf(&out, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(r.body))
	}
	out.WriteString("\r\n")
	out.Write(r.body)
	return out.Bytes()
}

// conn is a kept connection of a client that does the least that HTTP/1.1
// needs, since it shares the processors with what it measures.
type conn struct {
	address string
	net     net.Conn
	in      *bufio.Reader
	body    []byte
}

// patience is how long an answer may take to begin.
const patience = 30 * time.Second

// do sends a request and returns the status and the body, which is valid until
// the next call.
func (c *conn) do(wire []byte) (status int, body []byte, err error) {
	if c.net == nil {
		if c.net, err = net.Dial("tcp", c.address); err != nil {
			return 0, nil, err
		}
		c.in = bufio.NewReaderSize(c.net, 64<<10)
	}
	_ = c.net.SetDeadline(time.Now().Add(patience))
	if _, err = c.net.Write(wire); err == nil {
		status, err = c.read()
	}
	if err != nil {
		c.close()
	}
	return status, c.body, err
}

func (c *conn) close() {
	if c.net != nil {
		c.net.Close()
		c.net = nil
	}
}

// read reads an answer whose length is known beforehand, or which comes in chunks, as
// long lists do.
func (c *conn) read() (status int, err error) {
	status, length, err := c.readHead()
	if err != nil {
		return 0, err
	}
	if length < 0 {
		whole := bytes.NewBuffer(c.body[:0])
		if _, err = whole.ReadFrom(httputil.NewChunkedReader(c.in)); err == nil {
			_, err = c.in.ReadSlice('\n') // there is no trailer
		}
		c.body = whole.Bytes()
		return status, err
	}
	c.body = slices.Grow(c.body[:0], length)[:length]
	_, err = io.ReadFull(c.in, c.body)
	return status, err
}

// readHead reads the status and the headers; length is -1 when none tells it.
func (c *conn) readHead() (status, length int, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, 0, fmt.Errorf("malformed answer %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, err
	}
	length = -1
	for {
		line, err = c.in.ReadSlice('\n')
		if err != nil || len(line) <= 2 {
			return status, length, err
		}
		if name, value, _ := bytes.Cut(line, []byte(":")); strings.EqualFold(string(name), "Content-Length") {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, 0, err
			}
		}
	}
}
