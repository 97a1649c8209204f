package e2e

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// fields is a JSON object.
type fields = map[string]any

// header is what a request has besides what the client sends anyway.
type header map[string]string

// person is a user whom the suite made.
type person struct {
	id       string
	number   string
	password string
}

// caller is somebody who calls the API within a test.
type caller struct {
	*client.Client
	person
	t testing.TB
}

func anyone(t testing.TB) caller { return caller{Client: client.New(target.url), t: t} }

func admin(t testing.TB) caller { return caller{Client: target.admin, t: t} }

// bearing is a caller with a token of the test's own making.
func bearing(t testing.TB, token string) caller {
	return caller{Client: client.New(target.url).With(token), t: t}
}

// in is the same caller within a subtest.
func (c caller) in(t testing.TB) caller {
	c.t = t
	return c
}

// send calls, and checks what must be true of every answer. The test goes on when it is
// not, and ends if there is no answer at all.
func (c caller) send(method, path string, body any) client.Response {
	c.t.Helper()
	return c.doWith(nil, method, path, body)
}

// doWith is send with headers.
func (c caller) doWith(extra header, method, path string, body any) client.Response {
	c.t.Helper()
	req, err := c.Request(context.Background(), method, path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	for name, value := range extra {
		req.Header.Set(name, value)
	}
	if user, isUser := strings.CutPrefix(path, "/admin/users/"); isUser && method == "PATCH" {
		noteAccess(user, body)
	}
	return c.do(req)
}

// do is send of a request as it is.
func (c caller) do(req *http.Request) client.Response {
	c.t.Helper()
	res, err := client.Do(req)
	if err == nil && res.OK() && isPlain(req.URL.Path) {
		return res
	}
	if err == nil {
		res, err = res.Open()
	}
	if err != nil {
		c.t.Fatalf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	if err := errors.Join(checkAnswer(res), checkSight(c.Token(), res)); err != nil {
		c.t.Errorf("%s %s (%d %s): %v", req.Method, req.URL.Path, res.Status, res.Message, err)
	}
	return res
}

// want is send that ends the test unless the answer has the status.
func (c caller) want(status int, method, path string, body any) client.Response {
	c.t.Helper()
	res := c.send(method, path, body)
	if res.Status != status {
		c.t.Fatalf("%s %s: got %d (%s), want %d", method, path, res.Status, res.Message, status)
	}
	return res
}

// ask is want that returns the data.
func ask[T any](c caller, status int, method, path string, body any) T {
	c.t.Helper()
	return dataOf[T](c.t, c.want(status, method, path, body))
}

// get asks for what must be there.
func get[T any](c caller, path string) T {
	c.t.Helper()
	return ask[T](c, 200, "GET", path, nil)
}

// page asks for a part of a list.
func page[T any](c caller, path string) client.List[T] {
	c.t.Helper()
	return get[client.List[T]](c, path)
}

func dataOf[T any](t testing.TB, res client.Response) T {
	t.Helper()
	var data T
	if err := res.Into(&data); err != nil {
		t.Fatalf("the data of the answer: %v: %.300s", err, res.Data)
	}
	return data
}
