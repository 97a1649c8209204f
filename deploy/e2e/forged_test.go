package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// forgeries change the claims of a good token so that it must not be believed.
var forgeries = map[string]fields{
	"no exp":              {"exp": absent},
	"exp is null":         {"exp": nil},
	"exp is a text":       {"exp": "tomorrow"},
	"exp is zero":         {"exp": 0},
	"exp is negative":     {"exp": -1},
	"exp is absurd":       {"exp": 1e300},
	"exp in milliseconds": {"exp": time.Now().UnixMilli()},
	"exp beyond 64 bits":  {"exp": json.Number("18446744073709551616")},
	"exp of 400 digits":   {"exp": json.Number("1" + strings.Repeat("0", 400))},
	"exp is an object":    {"exp": fields{}},
	"just expired":        {"exp": time.Now().Unix() - 1},
	"long expired":        {"exp": time.Now().Unix() - 86400},
	"nbf ahead":           {"nbf": time.Now().Unix() + 3600},
	"nbf is a text":       {"nbf": "today"},
	"nbf is absurd":       {"nbf": 1e300},
	"nbf beyond 64 bits":  {"nbf": json.Number("18446744073709551616")},
	"iat ahead":           {"iat": time.Now().Unix() + 3600},
	"no sub":              {"sub": absent},
	"sub is empty":        {"sub": ""},
	"sub is not an id":    {"sub": "admin"},
	"sub is a number":     {"sub": 1},
	"sub is an operator":  {"sub": fields{"$ne": ""}},
	"sub is nobody's":     {"sub": unusedID},
	"sub is too long":     {"sub": unusedID + "0"},
	"sub has a NUL":       {"sub": "\x00" + unusedID[1:]},
	"type refresh":        {"type": "refresh", "fresh": false},
	"type of another use": {"type": "reset"},
}

// TestForgedClaims is promise 14 for what is signed with the right secret.
func TestForgedClaims(t *testing.T) {
	needSecret(t)
	t.Parallel()
	claims := claimsOf(newPerson(t, userFields()).id)
	wantEverywhere(bearing(t, sign(hs256, claims)), 200)
	for name, change := range forgeries {
		t.Run(name, func(t *testing.T) {
			wantEverywhere(bearing(t, sign(hs256, with(claims, change))), 401)
		})
	}
}

// TestForgedSignature is promise 14 for what is not signed as it must be.
func TestForgedSignature(t *testing.T) {
	needSecret(t)
	t.Parallel()
	claims := claimsOf(newPerson(t, userFields()).id)
	crit := fields{"crit": []string{"exp"}}
	tokens := map[string]string{
		"alg none":           sign(none, claims),
		"alg None":           sign(algorithm{"None", nil}, claims),
		"no alg":             signWith(target.secret, hs256, fields{"alg": absent}, claims),
		"alg is a number":    signWith(target.secret, hs256, fields{"alg": 256}, claims),
		"alg in lower case":  signWith(target.secret, hs256, fields{"alg": "hs256"}, claims),
		"alg RS256":          signWith(target.secret, hs256, fields{"alg": "RS256"}, claims),
		"HS384":              sign(hs384, claims),
		"HS512":              sign(hs512, claims),
		"HS512 called HS256": signWith(target.secret, hs512, fields{"alg": "HS256"}, claims),
		"crit":               signWith(target.secret, hs256, crit, claims),
		"crit unknown":       signWith(target.secret, hs256, fields{"crit": []string{"x"}, "x": 1}, claims),
		"crit that is empty": signWith(target.secret, hs256, fields{"crit": []string{}}, claims),
		"another secret":     signWith(target.secret+"x", hs256, nil, claims),
		"an empty secret":    signWith("", hs256, nil, claims),
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) { wantEverywhere(bearing(t, token), 401) })
	}
}

// TestAlteredToken is promise 14 for a good token that was tampered with.
func TestAlteredToken(t *testing.T) {
	t.Parallel()
	good := newCaller(t).Token()
	parts := strings.Split(good, ".")
	tokens := map[string]string{
		"2 parts":               parts[0] + "." + parts[1],
		"4 parts":               good + "." + parts[2],
		"an empty signature":    parts[0] + "." + parts[1] + ".",
		"an empty header":       "." + parts[1] + "." + parts[2],
		"an altered header":     flipped(parts[0]) + "." + parts[1] + "." + parts[2],
		"altered claims":        parts[0] + "." + flipped(parts[1]) + "." + parts[2],
		"an altered signature":  parts[0] + "." + parts[1] + "." + flipped(parts[2]),
		"stray bits at the end": good[:len(good)-1] + stray(good[len(good)-1]),
		"a longer tail":         good + "A",
		"a shorter tail":        good[:len(good)-1],
		"standard base64":       parts[0] + "." + parts[1] + ".+" + parts[2][1:],
		"padding":               good + "=",
		"a line break":          good[:20] + "\t" + good[20:],
		"a text behind":         good + " x",
		"nothing":               " ",
		"dots":                  "..",
		"15 KB":                 strings.Repeat("a", 15<<10),
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) { wantEverywhere(bearing(t, token), 401) })
	}
}

// flipped is the part with another first letter.
func flipped(part string) string {
	if part[0] == 'A' {
		return "B" + part[1:]
	}
	return "A" + part[1:]
}

// stray is a last letter whose bits that count are the same. Of the last
// letter of a signature of 32 bytes, 2 of its 6 bits do not count.
func stray(last byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, last)^1])
}

// TestTokenTravelsInOneHeader: a token counts in the Authorization header
// alone, and of two headers neither does.
func TestTokenTravelsInOneHeader(t *testing.T) {
	t.Parallel()
	good := newCaller(t).Token()
	headers := map[string]map[string][]string{
		"two headers":         {"Authorization": {"Bearer " + good, "Bearer " + good}},
		"a bad one before":    {"Authorization": {"Bearer x", "Bearer " + good}},
		"two in one header":   {"Authorization": {"Bearer " + good + ", Bearer " + good}},
		"no scheme":           {"Authorization": {good}},
		"the scheme Basic":    {"Authorization": {"Basic " + good}},
		"the scheme alone":    {"Authorization": {"Bearer"}},
		"a cookie":            {"Cookie": {"token=" + good + "; access_token=" + good + "; access_token_cookie=" + good}},
		"a header of its own": {"X-Access-Token": {good}},
	}
	for name, values := range headers {
		t.Run(name, func(t *testing.T) { refusedEverywhere(t, "", values) })
	}
	for _, name := range []string{"token", "access_token", "jwt", "Authorization"} {
		t.Run("in the query as "+name, func(t *testing.T) { refusedEverywhere(t, "?"+name+"="+good, nil) })
	}
	if got := statusWith(t, "/auth/me", map[string][]string{"Authorization": {"bearer " + good}}); got != 200 {
		t.Errorf("the name of a scheme has no case (RFC 9110, section 11.1): got %d, want 200", got)
	}
}

// refusedEverywhere checks that every service answers a request with 401.
func refusedEverywhere(t *testing.T, query string, headers map[string][]string) {
	t.Helper()
	for _, path := range onEveryService {
		if got := statusWith(t, path+query, headers); got != 401 {
			t.Errorf("%s: got %d, want 401", path, got)
		}
	}
}

func statusWith(t *testing.T, path string, headers map[string][]string) int {
	t.Helper()
	c := anyone(t)
	req, err := c.Request(context.Background(), "GET", path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range headers {
		req.Header[name] = values
	}
	return c.do(req).Status
}

// TestHugeToken: what fits into the limit of headers is a 401 like any other. What
// does not is a 431, which answers before anybody asks for a token, or the
// connection is closed while the token is still on its way.
func TestHugeToken(t *testing.T) {
	t.Parallel()
	c := newCaller(t)
	for _, path := range onEveryService {
		for size, want := range map[int]int{1 << 10: 401, 15 << 10: 401, 17 << 10: 431, 1 << 20: 431} {
			line := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: office\r\nAuthorization: Bearer %s\r\n\r\n", path, strings.Repeat("a", size))
			got := rawStatus(t, line, nil)
			if isClosed := got == 0 && size == 1<<20; got != want && !isClosed {
				t.Errorf("%s, %d bytes: got %d, want %d", path, size, got, want)
			}
		}
		c.want(200, "GET", path, nil)
	}
}
