package token

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
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

// CheckAccess refuses a database outside the caller's scope, whether it exists
// or not, and notes that in the log.
func (c Caller) CheckAccess(ctx context.Context, db office.ID) error {
	if c.Scope().Allows(db) {
		return nil
	}
	web.Audit(ctx, "denied", "target", db.Hex())
	return errNoAccess
}

// Handler answers a request of a known caller.
type Handler func(w http.ResponseWriter, r *http.Request, caller Caller) error

// Guard lets in those who may come in.
type Guard struct {
	Keys  *Keys
	Users Users
}

var (
	errUnauthenticated = web.Fail(http.StatusUnauthorized, "Please log in.")
	errNotAdmin        = web.Fail(http.StatusForbidden, "Only an admin may do this.")
	errNoAccess        = web.Fail(http.StatusForbidden, "You have no access to this database.")
)

// RequireUser lets in everybody who is logged in.
func (g Guard) RequireUser(handler Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		caller, err := g.caller(r)
		if err != nil {
			return err
		}
		web.SetUser(r.Context(), caller.ID)
		return handler(w, r, caller)
	}
}

// RequireAdmin lets in admins.
func (g Guard) RequireAdmin(handler Handler) web.Handler {
	return g.RequireUser(func(w http.ResponseWriter, r *http.Request, caller Caller) error {
		if !caller.IsAdmin() {
			web.Audit(r.Context(), "denied", "route", r.Pattern)
			return errNotAdmin
		}
		return handler(w, r, caller)
	})
}

// caller finds out who is asking. Only a token or a user that is not there is
// a 401: a store that does not answer must not log everybody out.
func (g Guard) caller(r *http.Request) (Caller, error) {
	identity, err := g.Keys.Verify(bearer(r))
	if err != nil {
		return Caller{}, errUnauthenticated
	}
	user, err := g.Users.UserByID(r.Context(), identity.UserID)
	if errors.Is(err, office.ErrNotFound) {
		return Caller{}, errUnauthenticated
	}
	if err != nil {
		return Caller{}, err
	}
	if identity.Session != user.Session && (user.KeptToken == "" || identity.TokenID != user.KeptToken) {
		return Caller{}, errUnauthenticated
	}
	return Caller{User: user, TokenID: identity.TokenID}, nil
}

// bearer takes the token from the Authorization header; of two headers,
// neither is believed.
func bearer(r *http.Request) string {
	headers := r.Header.Values("Authorization")
	if len(headers) != 1 {
		return ""
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
