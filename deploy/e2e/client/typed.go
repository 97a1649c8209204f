package client

import (
	"context"
	"fmt"
)

// StatusError is an answer that is not the success that was wanted.
type StatusError struct {
	Status  int
	Message string // of the envelope; for a person
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("the answer is %d: %s", e.Status, e.Message)
}

// Send calls and returns the data of the answer. An answer that is not a success
// is a *StatusError.
func Send[T any](ctx context.Context, c *Client, method, path string, body any) (T, error) {
	var data T
	res, err := c.Call(ctx, method, path, body)
	switch {
	case err != nil:
		return data, err
	case !res.OK():
		return data, &StatusError{res.Status, res.Message}
	}
	if err := res.Into(&data); err != nil {
		return data, fmt.Errorf("the data of %s %s: %w", method, path, err)
	}
	return data, nil
}

// Get is Send of a GET.
func Get[T any](ctx context.Context, c *Client, path string) (T, error) {
	return Send[T](ctx, c, "GET", path, nil)
}

// Login proves who somebody is. The client that it returns calls on behalf of
// the user.
func (c *Client) Login(ctx context.Context, armyNumber, password string) (*Client, Session, error) {
	credentials := map[string]string{"army_number": armyNumber, "password": password}
	session, err := Send[Session](ctx, c, "POST", "/auth/login", credentials)
	if err != nil {
		return nil, session, err
	}
	return c.With(session.Token), session, nil
}
