package token

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"officepay.example/shared/office"
)

// Users is what a guard needs from a store.
type Users interface {
	// UserByID returns office.ErrNotFound when there is no such user.
	UserByID(ctx context.Context, id office.ID) (office.User, error)
}

// Caller is who is asking: the user as of now, and the token.
type Caller struct {
	office.User
	TokenID string
}

var (
	// ErrUnauthenticated: there is no token, or it is not ours, or no longer valid.
	ErrUnauthenticated = errors.New("not logged in")
	// ErrNotAdmin: the caller would have to be an admin.
	ErrNotAdmin = errors.New("not an admin")
	// ErrReadOnly: the caller may read, but change nothing.
	ErrReadOnly = errors.New("read-only")
)

// Guard has the guards of the routes as its methods.
type Guard struct {
	Keys  *Keys
	Users Users
}

// User lets in everybody who is logged in, but read-only users only with GET and HEAD.
// With ErrReadOnly it returns the caller whom it refused.
func (g Guard) User(ctx context.Context, r *http.Request) (Caller, error) {
	caller, err := g.Self(ctx, r)
	isRead := r.Method == http.MethodGet || r.Method == http.MethodHead
	if err == nil && caller.ReadOnly && !isRead {
		err = ErrReadOnly
	}
	return caller, err
}

// Self lets in everybody who is logged in: for routes that change only what is the user's own.
// It returns ErrUnauthenticated only when the token is invalid or the user does not exist: a
// store that does not answer must not log everybody out.
func (g Guard) Self(ctx context.Context, r *http.Request) (Caller, error) {
	identity, err := g.Keys.Verify(bearer(r.Header))
	if err != nil {
		return Caller{}, err
	}
	user, err := g.Users.UserByID(ctx, identity.UserID)
	isCurrent := identity.Session == user.Session || identity.TokenID == user.KeptToken
	if errors.Is(err, office.ErrNotFound) || err == nil && !isCurrent {
		err = ErrUnauthenticated
	}
	if err != nil {
		return Caller{}, err
	}
	return Caller{User: user, TokenID: identity.TokenID}, nil
}

// Admin is User for admins. With ErrNotAdmin, too, it returns the caller whom it refused.
func (g Guard) Admin(ctx context.Context, r *http.Request) (Caller, error) {
	caller, err := g.User(ctx, r)
	if err == nil && !caller.IsAdmin() {
		err = ErrNotAdmin
	}
	return caller, err
}

// Subject is the id of the user whose valid token is in the headers, empty if there is
// none. It does not know whether the user still exists.
func (k *Keys) Subject(header http.Header) string {
	identity, err := k.Verify(bearer(header))
	if err != nil {
		return ""
	}
	return identity.UserID.Hex()
}

// bearer takes the token from the Authorization header, unless there are several.
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
