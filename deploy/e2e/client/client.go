// Package client speaks the API as the web frontend does: JSON in an envelope,
// and the token in the Authorization header.
//
// It shares no code with the services, so that what it expects of them is what
// the contract says and not what they happen to do.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// timeout is how long a call may take in all. The slowest that there is, an
// upload of 10000 rows, may take a minute on the server.
const timeout = 90 * time.Second

// connections is shared by all clients. It follows no redirect: the API has
// none, and one that crept in must be seen.
var connections = &http.Client{
	Timeout:       timeout,
	Transport:     &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// Client calls one origin on behalf of one user. It is safe for concurrent
// use.
type Client struct {
	baseURL string
	token   string
}

// New makes a client of the origin, on behalf of nobody.
func New(baseURL string) *Client { return &Client{baseURL: strings.TrimRight(baseURL, "/")} }

// With is the same client on behalf of the one the token was issued to.
func (c *Client) With(token string) *Client { return &Client{c.baseURL, token} }

// Token is the token that the client sends, or empty.
func (c *Client) Token() string { return c.token }

// Raw is a body that is sent as it is, even if it is not JSON.
type Raw string

// Call sends the body, if it is not nil, as JSON and opens the envelope of the
// answer. Its error says that there was no answer, or one without an envelope;
// whether the answer is a success, its status says.
func (c *Client) Call(ctx context.Context, method, path string, body any) (Response, error) {
	req, err := c.Request(ctx, method, path, body)
	if err != nil {
		return Response{}, err
	}
	res, err := Do(req)
	if err != nil {
		return res, err
	}
	return res.Open()
}

// Request is what Call sends, for a caller that wants to send it differently.
func (c *Client) Request(ctx context.Context, method, path string, body any) (*http.Request, error) {
	content, err := encode(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.baseURL+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	return req, nil
}

func encode(body any) (io.Reader, error) {
	switch body := body.(type) {
	case nil:
		return nil, nil
	case Raw:
		return strings.NewReader(string(body)), nil
	}
	content, err := json.Marshal(body)
	return bytes.NewReader(content), err
}

// Watch, if it is set before the first call, sees each request with its whole
// answer.
var Watch func(*http.Request, Response)

// Do sends a request and reads the whole answer, without opening it.
func Do(req *http.Request) (Response, error) {
	res, err := connections.Do(req)
	if err != nil {
		return Response{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	answer := Response{Status: res.StatusCode, Header: res.Header, Body: body}
	if err == nil && Watch != nil {
		Watch(req, answer)
	}
	return answer, err
}
