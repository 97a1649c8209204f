package token

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"officepay.example/shared/office"
)

// Users is what a guard needs of a store.
type Users interface {
	// UserByID returns office.ErrNotFound when there is no such user.
	UserByID(ctx context.Context, id office.ID) (office.User, error)
}

// Caller is who is asking: the user's record as it is now, and the token.
type Caller struct {
	office.User
	TokenID string
}

var (
	// ErrUnauthenticated: there is no token, or none that is valid.
	ErrUnauthenticated = errors.New("not logged in")
	// ErrNotAdmin: the caller is not an admin, and has to be one.
	ErrNotAdmin = errors.New("not an admin")
	// ErrReadOnly: the caller may look at things, and change nothing.
	ErrReadOnly = errors.New("read-only")
)

// Guard lets in those who may come in. Each of its methods is one for a line of
// a route table.
type Guard struct {
	Keys  *Keys
	Users Users
}

// User lets in everybody who is logged in; who is read-only, to look alone. With
// ErrReadOnly it returns who was refused.
func (g Guard) User(ctx context.Context, r *http.Request) (Caller, error) {
	caller, err := g.Self(ctx, r)
	looks := r.Method == http.MethodGet || r.Method == http.MethodHead
	if err == nil && caller.ReadOnly && !looks {
		err = ErrReadOnly
	}
	return caller, err
}

// Self lets in everybody who is logged in, to change what is his alone.
//
// Only a token or a user that is not there is ErrUnauthenticated: a store that
// does not answer must not log everybody out.
func (g Guard) Self(ctx context.Context, r *http.Request) (Caller, error) {
	identity, err := g.Keys.Verify(bearer(r.Header))
	if err != nil {
		return Caller{}, ErrUnauthenticated
	}
	user, err := g.Users.UserByID(ctx, identity.UserID)
	if errors.Is(err, office.ErrNotFound) {
		return Caller{}, ErrUnauthenticated
	}
	if err != nil {
		return Caller{}, err
	}
	if identity.Session != user.Session && (user.KeptToken == "" || identity.TokenID != user.KeptToken) {
		return Caller{}, ErrUnauthenticated
	}
	return Caller{User: user, TokenID: identity.TokenID}, nil
}

// Admin lets in admins. With ErrNotAdmin it returns who was refused.
func (g Guard) Admin(ctx context.Context, r *http.Request) (Caller, error) {
	caller, err := g.User(ctx, r)
	if err == nil && !caller.IsAdmin() {
		err = ErrNotAdmin
	}
	return caller, err
}

// bearer takes the token from the Authorization header; of two headers, it
// believes neither.
func bearer(header http.Header) string {
	values := header.Values("Authorization")
	if len(values) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
