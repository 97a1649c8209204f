package token

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"officepay.example/shared/office"
)

// users answers for the store.
type users func(office.ID) (office.User, error)

func (u users) UserByID(_ context.Context, id office.ID) (office.User, error) { return u(id) }

// only is a store of one user.
func only(user office.User) users {
	return func(id office.ID) (office.User, error) {
		if id != user.ID {
			return office.User{}, office.ErrNotFound
		}
		return user, nil
	}
}

// knock asks the guard of a route for users, or of one for admins, to be let in
// with the Authorization headers given.
func knock(users Users, target string, authorization ...string) (Caller, error) {
	guard := Guard{Keys: keysAt(now), Users: users}
	r := httptest.NewRequest("GET", target, nil)
	r.Header["Authorization"] = authorization
	if r.URL.Path == "/admin" {
		return guard.Admin(r.Context(), r)
	}
	return guard.User(r.Context(), r)
}

func TestAuthorizationHeader(t *testing.T) {
	user := testUser()
	token := issue(t, user)
	cases := map[string]struct {
		target  string
		headers []string
		want    error
	}{
		"as it should be":          {"/user", []string{"Bearer " + token}, nil},
		"scheme in small letters":  {"/user", []string{"bearer " + token}, nil},
		"scheme in capitals":       {"/user", []string{"BEARER " + token}, nil},
		"two blanks":               {"/user", []string{"Bearer  " + token}, nil},
		"none":                     {"/user", nil, ErrUnauthenticated},
		"empty":                    {"/user", []string{""}, ErrUnauthenticated},
		"scheme alone":             {"/user", []string{"Bearer"}, ErrUnauthenticated},
		"scheme and a blank":       {"/user", []string{"Bearer "}, ErrUnauthenticated},
		"token alone":              {"/user", []string{token}, ErrUnauthenticated},
		"other scheme":             {"/user", []string{"Basic " + token}, ErrUnauthenticated},
		"JWT for a scheme":         {"/user", []string{"JWT " + token}, ErrUnauthenticated},
		"garbage":                  {"/user", []string{"Bearer garbage"}, ErrUnauthenticated},
		"two, the same":            {"/user", []string{"Bearer " + token, "Bearer " + token}, ErrUnauthenticated},
		"two, one good":            {"/user", []string{"Bearer " + token, "Bearer x"}, ErrUnauthenticated},
		"two, one empty":           {"/user", []string{"", "Bearer " + token}, ErrUnauthenticated},
		"two in one":               {"/user", []string{"Bearer " + token + ", Bearer " + token}, ErrUnauthenticated},
		"in the query":             {"/user?token=" + token + "&access_token=" + token, nil, ErrUnauthenticated},
		"as long as headers are":   {"/user", []string{"Bearer " + strings.Repeat("A", 15<<10)}, ErrUnauthenticated},
		"1 MB, which is no header": {"/user", []string{"Bearer " + strings.Repeat("A", 1<<20)}, ErrUnauthenticated},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			caller, err := knock(only(user), test.target, test.headers...)
			if err != test.want || (caller.ID == user.ID) != (err == nil) {
				t.Errorf("%v %v, want %v", caller.ID, err, test.want)
			}
		})
	}
}

// Promise 5: the record says what the user may do, whatever his token claims.
func TestRecordOutranksToken(t *testing.T) {
	user, admin := testUser(), testUser()
	admin.Role = office.RoleAdmin
	gone := func(office.ID) (office.User, error) {
		return office.User{}, fmt.Errorf("sqlite: %w", office.ErrNotFound)
	}
	cases := map[string]struct {
		issued        office.User
		record        users
		asUser, admin error
	}{
		"user":                   {user, only(user), nil, ErrNotAdmin},
		"admin":                  {admin, only(admin), nil, nil},
		"claims to be admin":     {admin, only(user), nil, ErrNotAdmin},
		"became admin":           {user, only(admin), nil, nil},
		"deleted":                {admin, gone, ErrUnauthenticated, ErrUnauthenticated},
		"a role nobody knows":    {user, only(office.User{ID: user.ID, Session: user.Session, Role: "ADMIN"}), nil, ErrNotAdmin},
		"store does not answer":  {admin, outage, office.ErrUnavailable, office.ErrUnavailable},
		"store fails some other": {admin, kaput, errKaput, errKaput},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			header := "Bearer " + issue(t, test.issued)
			if _, err := knock(test.record, "/user", header); !errors.Is(err, test.asUser) {
				t.Errorf("user's route: %v, want %v", err, test.asUser)
			}
			caller, err := knock(test.record, "/admin", header)
			if !errors.Is(err, test.admin) {
				t.Errorf("admin's route: %v, want %v", err, test.admin)
			}
			if err == ErrNotAdmin && caller.ID != user.ID {
				t.Error("it does not say who was refused")
			}
		})
	}
}

// Who is read-only looks at everything that he may see, and changes only what is his
// alone.
func TestReadOnly(t *testing.T) {
	reader := testUser()
	reader.Role, reader.ReadOnly = office.RoleAdmin, true
	guard := Guard{Keys: keysAt(now), Users: only(reader)}
	for method, want := range map[string]error{
		"GET": nil, "HEAD": nil, "POST": ErrReadOnly, "PUT": ErrReadOnly, "PATCH": ErrReadOnly, "DELETE": ErrReadOnly, "get": ErrReadOnly, "ODD": ErrReadOnly,
	} {
		r := httptest.NewRequest(method, "/x", nil)
		r.Header.Set("Authorization", "Bearer "+issue(t, reader))
		for name, guard := range map[string]func(context.Context, *http.Request) (Caller, error){"user": guard.User, "admin": guard.Admin} {
			if caller, err := guard(t.Context(), r); err != want || caller.ID != reader.ID {
				t.Errorf("%s, a route for %s: %v %v, want %v", method, name, caller.ID, err, want)
			}
		}
		if _, err := guard.Self(t.Context(), r); err != nil {
			t.Errorf("%s of his own: %v", method, err)
		}
	}
}

func outage(office.ID) (office.User, error) {
	return office.User{}, fmt.Errorf("mongodb: %w", office.ErrUnavailable)
}

var errKaput = errors.New("kaput")

func kaput(office.ID) (office.User, error) { return office.User{}, errKaput }

// A store that does not answer must not log everybody out; but a bad token is
// bad without it.
func TestOutageIsNoLogout(t *testing.T) {
	if _, err := knock(users(outage), "/user", "Bearer "+issue(t, testUser())); !errors.Is(err, office.ErrUnavailable) || errors.Is(err, ErrUnauthenticated) {
		t.Errorf("a good token: %v", err)
	}
	if _, err := knock(users(outage), "/user", "Bearer garbage"); err != ErrUnauthenticated {
		t.Errorf("a bad token: %v", err)
	}
}

// Promise 13: a changed or reset password ends the sessions before it, but for
// the token that made the change.
func TestSessions(t *testing.T) {
	cases := map[string]struct {
		tokenID string
		session int64 // of the record
		kept    string
		want    error
	}{
		"same session":                  {"3.a", 3, "", nil},
		"same session, another is kept": {"3.a", 3, "2.b", nil},
		"older session":                 {"2.a", 3, "", ErrUnauthenticated},
		"session to come":               {"4.a", 3, "", ErrUnauthenticated},
		"older, kept":                   {"2.a", 3, "2.a", nil},
		"older, another is kept":        {"2.b", 3, "2.a", ErrUnauthenticated},
		"kept, two changes later":       {"1.a", 3, "1.a", nil},
		"of old, nothing changed":       {"3fa85f64-5717-4562", 0, "", nil},
		"of old, password changed":      {"3fa85f64-5717-4562", 1, "", ErrUnauthenticated},
		"of old, made the change":       {"3fa85f64-5717-4562", 1, "3fa85f64-5717-4562", nil},
		"no id, nothing changed":        {"", 0, "", nil},
		"no id, nothing is kept":        {"", 1, "", ErrUnauthenticated},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			user := testUser()
			user.Session, user.KeptToken = test.session, test.kept
			token := genuine()
			token.claims["jti"] = test.tokenID
			caller, err := knock(only(user), "/user", "Bearer "+token.sign())
			if err != test.want {
				t.Errorf("got %v, want %v", err, test.want)
			}
			// A token without an id gets one of its own.
			if err == nil && (caller.TokenID == "" || test.tokenID != "" && caller.TokenID != test.tokenID) {
				t.Errorf("the id of the token is %q", caller.TokenID)
			}
		})
	}
}
