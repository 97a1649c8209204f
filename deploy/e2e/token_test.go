package e2e

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
)

// algorithm is a way to sign a token (RFC 7518, section 3.1).
type algorithm struct {
	name string
	hash func() hash.Hash // nil signs with nothing
}

var (
	hs256 = algorithm{"HS256", sha256.New}
	hs384 = algorithm{"HS384", sha512.New384}
	hs512 = algorithm{"HS512", sha512.New}
	none  = algorithm{"none", nil}
)

// needSecret skips a test that signs tokens where the secret is not known.
func needSecret(t testing.TB) {
	t.Helper()
	if target.secret == "" {
		t.Skip("set E2E_JWT_SECRET to the JWT_SECRET of the origin")
	}
}

// claimsOf are claims of a good token of the user.
func claimsOf(userID string) fields {
	now := time.Now().Unix()
	return fields{
		"sub": userID, "role": "user", "allowed_dbs": []string{},
		"iat": now, "nbf": now, "exp": now + 600, "jti": rand.Text(),
	}
}

// sign makes a token with the origin's own secret.
func sign(by algorithm, claims fields) string { return signWith(target.secret, by, nil, claims) }

// signWith makes a token with a secret and more parameters in its header.
func signWith(secret string, by algorithm, params, claims fields) string {
	head := with(fields{"alg": by.name, "typ": "JWT"}, params)
	signed := part(head) + "." + part(claims)
	if by.hash == nil {
		return signed + "."
	}
	return signed + "." + seal(by, secret, signed)
}

// seal is the third part of a token.
func seal(by algorithm, secret, signed string) string {
	mac := hmac.New(by.hash, []byte(secret))
	mac.Write([]byte(signed))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func part(object fields) string {
	text, err := json.Marshal(object)
	if err != nil {
		panic(fmt.Sprintf("the claims of a test are no JSON: %v", err))
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// TestTokenClaims: the claims are exactly those that clients may rely on.
func TestTokenClaims(t *testing.T) {
	t.Parallel()
	db := newDB(t)
	user := newCaller(t, db.ID)
	parts := strings.Split(user.Token(), ".")
	if len(parts) != 3 {
		t.Fatalf("the token has %d parts, want 3", len(parts))
	}
	head, claims := opened(t, parts[0]), opened(t, parts[1])
	if head["alg"] != "HS256" {
		t.Errorf("alg: got %v, want HS256", head["alg"])
	}
	names := slices.Sorted(maps.Keys(claims))
	want := []string{"allowed_dbs", "army_number", "exp", "iat", "jti", "nbf", "role", "sub"}
	if !slices.Equal(names, want) {
		t.Errorf("claims: got %v, want %v", names, want)
	}
	got := []any{claims["sub"], claims["role"], claims["army_number"], fmt.Sprint(claims["allowed_dbs"])}
	if wanted := []any{user.id, "user", user.number, "[" + db.ID + "]"}; !slices.Equal(got, wanted) {
		t.Errorf("values: got %v, want %v", got, wanted)
	}
}

func opened(t *testing.T, part string) (object fields) {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err == nil {
		err = json.Unmarshal(text, &object)
	}
	if err != nil {
		t.Fatalf("a part of the token cannot be read: %v", err)
	}
	return object
}

// TestLegacyToken: nobody is logged out on the day on which the old backend
// is replaced, and its tokens obey the same rules from then on.
func TestLegacyToken(t *testing.T) {
	needSecret(t)
	t.Parallel()
	user := newPerson(t, userFields())
	legacy := legacyClaims(user.id)
	c := bearing(t, sign(hs256, legacy))
	if me := get[client.User](c, "/auth/me"); me.ID != user.id {
		t.Errorf("the token is of %s, and counts as of %s", user.id, me.ID)
	}
	c.want(403, "GET", "/admin/users", nil)

	next := newPassword()
	c.want(200, "POST", "/auth/change-password", fields{"old_password": user.password, "new_password": next})
	c.want(200, "GET", "/auth/me", nil)
	other := with(legacy, fields{"jti": "9b2c1a54-6f0e-4a53-8a77-0d5a3b6c7e11"})
	bearing(t, sign(hs256, other)).want(401, "GET", "/auth/me", nil)

	admin(t).want(200, "POST", "/admin/reset-password", fields{"user_id": user.id, "new_password": newPassword()})
	c.want(401, "GET", "/auth/me", nil)
}

// TestLegacyTokenWithoutID: tokens without jti are told apart too.
func TestLegacyTokenWithoutID(t *testing.T) {
	needSecret(t)
	t.Parallel()
	user := newPerson(t, userFields())
	claims := with(legacyClaims(user.id), fields{"jti": absent})
	c := bearing(t, sign(hs256, claims))
	c.want(200, "POST", "/auth/change-password", fields{"old_password": user.password, "new_password": newPassword()})
	c.want(200, "GET", "/auth/me", nil)
	other := with(claims, fields{"csrf": "another"})
	bearing(t, sign(hs256, other)).want(401, "GET", "/auth/me", nil)
}

// TestPreviousSecret: a change of the secret logs nobody out, and new tokens
// are signed with the new one.
func TestPreviousSecret(t *testing.T) {
	if target.previous == "" {
		t.Skip("what JWT_SECRET_PREVIOUS of this origin is, is not known")
	}
	t.Parallel()
	user := newCaller(t)
	bearing(t, signWith(target.previous, hs256, nil, claimsOf(user.id))).want(200, "GET", "/auth/me", nil)
	bearing(t, signWith(target.previous, hs512, nil, claimsOf(user.id))).want(401, "GET", "/auth/me", nil)
	parts := strings.Split(user.Token(), ".")
	if seal(hs256, target.secret, parts[0]+"."+parts[1]) != parts[2] {
		t.Error("a new token is not signed with the new secret")
	}
}

// legacyClaims are the claims of an access token of the old backend: no
// issuer, a UUID as the id of the token, its own type and fresh, and a role
// that claims too much.
func legacyClaims(userID string) fields {
	return with(claimsOf(userID), fields{
		"type": "access", "fresh": false, "jti": "3f1d0c8e-52c4-4d3b-9a6e-7f0b2c9d4e10",
		"role": "admin", "allowed_dbs": absent,
	})
}
