package webtest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/office"
	"officepay.example/shared/token"
)

// Keys are the keys that tests sign tokens with.
func Keys() *token.Keys { return token.NewKeys(strings.Repeat("k", 32), "", time.Hour, time.Now) }

// Call makes a call to a server that has these keys, as a user who is logged in, and returns
// the status of the answer.
func Call(t testing.TB, server http.Handler, keys *token.Keys, user office.User, method, path, body string) int {
	t.Helper()
	return Send(t, server, keys, user, httptest.NewRequest(method, path, strings.NewReader(body)))
}

// Send is Call for any request.
func Send(t testing.TB, server http.Handler, keys *token.Keys, user office.User, r *http.Request) int {
	t.Helper()
	bearer, err := keys.Issue(user)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+bearer)
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	server.ServeHTTP(answer, r)
	return answer.Code
}
