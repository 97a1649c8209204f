package token

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"officepay.example/shared/office"
	"officepay.example/shared/web"
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

// guarded serves one route for users and one for admins.
func guarded(users Users) http.Handler {
	guard := Guard{Keys: keysAt(now), Users: users}
	greet := func(w http.ResponseWriter, _ *http.Request, caller Caller) error {
		return web.OK(w, "Hello.", map[string]string{"id": caller.ID.Hex(), "token": caller.TokenID})
	}
	return web.NewServer(web.Options{Logger: slog.New(slog.DiscardHandler)}, []web.Route{
		web.On("GET", "/user", guard.RequireUser(greet)),
		web.On("GET", "/admin", guard.RequireAdmin(greet)),
	})
}

// knock asks for a route with the Authorization headers given.
func knock(users Users, target string, authorization ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	r.Header["Authorization"] = authorization
	rec := httptest.NewRecorder()
	guarded(users).ServeHTTP(rec, r)
	return rec
}

func TestAuthorizationHeader(t *testing.T) {
	user := testUser()
	token := issue(t, user)
	cases := map[string]struct {
		target  string
		headers []string
		status  int
	}{
		"as it should be":          {"/user", []string{"Bearer " + token}, 200},
		"scheme in small letters":  {"/user", []string{"bearer " + token}, 200},
		"scheme in capitals":       {"/user", []string{"BEARER " + token}, 200},
		"two blanks":               {"/user", []string{"Bearer  " + token}, 200},
		"none":                     {"/user", nil, 401},
		"empty":                    {"/user", []string{""}, 401},
		"scheme alone":             {"/user", []string{"Bearer"}, 401},
		"scheme and a blank":       {"/user", []string{"Bearer "}, 401},
		"token alone":              {"/user", []string{token}, 401},
		"other scheme":             {"/user", []string{"Basic " + token}, 401},
		"JWT for a scheme":         {"/user", []string{"JWT " + token}, 401},
		"garbage":                  {"/user", []string{"Bearer garbage"}, 401},
		"two, the same":            {"/user", []string{"Bearer " + token, "Bearer " + token}, 401},
		"two, one good":            {"/user", []string{"Bearer " + token, "Bearer x"}, 401},
		"two, one empty":           {"/user", []string{"", "Bearer " + token}, 401},
		"two in one":               {"/user", []string{"Bearer " + token + ", Bearer " + token}, 401},
		"in the query":             {"/user?token=" + token + "&access_token=" + token, nil, 401},
		"as long as headers are":   {"/user", []string{"Bearer " + strings.Repeat("A", 15<<10)}, 401},
		"1 MB, which is no header": {"/user", []string{"Bearer " + strings.Repeat("A", 1<<20)}, 431},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			rec := knock(only(user), test.target, test.headers...)
			if rec.Code != test.status || (rec.Header().Get("WWW-Authenticate") == "Bearer") != (test.status == 401) {
				t.Errorf("%d %v %s", rec.Code, rec.Header(), rec.Body)
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
		asUser, admin int
	}{
		"user":                   {user, only(user), 200, 403},
		"admin":                  {admin, only(admin), 200, 200},
		"claims to be admin":     {admin, only(user), 200, 403},
		"became admin":           {user, only(admin), 200, 200},
		"deleted":                {admin, gone, 401, 401},
		"a role nobody knows":    {user, only(office.User{ID: user.ID, Session: user.Session, Role: "ADMIN"}), 200, 403},
		"store does not answer":  {admin, outage, 503, 503},
		"store fails some other": {admin, kaput, 500, 500},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			header := "Bearer " + issue(t, test.issued)
			if got := knock(test.record, "/user", header).Code; got != test.asUser {
				t.Errorf("user's route: %d, want %d", got, test.asUser)
			}
			if got := knock(test.record, "/admin", header).Code; got != test.admin {
				t.Errorf("admin's route: %d, want %d", got, test.admin)
			}
		})
	}
}

func outage(office.ID) (office.User, error) {
	return office.User{}, fmt.Errorf("mongodb: %w", office.ErrUnavailable)
}

func kaput(office.ID) (office.User, error) { return office.User{}, fmt.Errorf("kaput") }

// A store that does not answer must not log everybody out; but a bad token is
// bad without it.
func TestOutageIsNoLogout(t *testing.T) {
	good := knock(users(outage), "/user", "Bearer "+issue(t, testUser()))
	if good.Code != 503 || good.Header().Get("WWW-Authenticate") != "" || good.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", good.Code, good.Header())
	}
	if bad := knock(users(outage), "/user", "Bearer garbage"); bad.Code != 401 {
		t.Errorf("a bad token: %d", bad.Code)
	}
}

// Promise 13: a changed or reset password ends the sessions before it, but for
// the token that made the change.
func TestSessions(t *testing.T) {
	cases := map[string]struct {
		tokenID string
		session int64 // of the record
		kept    string
		status  int
	}{
		"same session":                  {"3.a", 3, "", 200},
		"same session, another is kept": {"3.a", 3, "2.b", 200},
		"older session":                 {"2.a", 3, "", 401},
		"session to come":               {"4.a", 3, "", 401},
		"older, kept":                   {"2.a", 3, "2.a", 200},
		"older, another is kept":        {"2.b", 3, "2.a", 401},
		"kept, two changes later":       {"1.a", 3, "1.a", 200},
		"of old, nothing changed":       {"3fa85f64-5717-4562", 0, "", 200},
		"of old, password changed":      {"3fa85f64-5717-4562", 1, "", 401},
		"of old, made the change":       {"3fa85f64-5717-4562", 1, "3fa85f64-5717-4562", 200},
		"no id, nothing changed":        {"", 0, "", 200},
		"no id, nothing is kept":        {"", 1, "", 401},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			user := testUser()
			user.Session, user.KeptToken = test.session, test.kept
			token := genuine()
			token.claims["jti"] = test.tokenID
			rec := knock(only(user), "/user", "Bearer "+token.sign())
			if rec.Code != test.status {
				t.Errorf("status %d, want %d", rec.Code, test.status)
			}
			// A token without an id gets one of its own.
			named := test.tokenID == "" || strings.Contains(rec.Body.String(), `"token":"`+test.tokenID+`"`)
			if rec.Code == 200 && (!named || strings.Contains(rec.Body.String(), `"token":""`)) {
				t.Errorf("the handler does not learn the token's id: %s", rec.Body)
			}
		})
	}
}
