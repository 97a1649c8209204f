// Package token issues and verifies the JSON Web Tokens that say who is asking, and guards
// the routes. What a user may do never comes from the token: it is read on every request.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"officepay.example/shared/office"
)

// MinSecret is the least length in bytes: HMAC-SHA-256's output (RFC 7518, section 3.2).
const MinSecret = 32

const (
	// maxToken is the greatest length in bytes: enough to name some hundreds of databases.
	maxToken = 16 << 10
	// clockSkew is how far in the future a token may have been issued or may become valid;
	// for our own, that does not matter (see parse). It never prolongs a token.
	clockSkew = 5 * time.Second
	// maxLife is the longest remaining life of a token that is accepted.
	maxLife = 10 * 365 * 24 * time.Hour
	// How many verified tokens are cached, enough for a busy office, and of how many bytes at most.
	maxCached      = 2000
	maxCachedToken = 1024
)

// Keys signs and verifies tokens. It is safe for concurrent use.
type Keys struct {
	current   []byte
	all       jwt.VerificationKeySet // also the previous one, which only verifies
	life      time.Duration
	now       func() time.Time
	parser    *jwt.Parser
	validator *jwt.Validator // of the claims, which the parser leaves unchecked
	// verified has the claims of tokens with a good signature, whose check would be a sixth of the
	// work of a short request. Whether the claims are still valid is checked each time.
	verified sync.Map
	cached   atomic.Int64 // how many were added since it was last cleared
}

// NewKeys returns keys that sign with current, and also accept what previous signed.
func NewKeys(current, previous string, life time.Duration, now func() time.Time) *Keys {
	// By default the library accepts any HMAC, base64 with stray bits, and tokens that
	// never expire or were issued tomorrow.
	k := &Keys{
		current: []byte(current), life: life, now: now,
		parser:    jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation()),
		validator: jwt.NewValidator(jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(clockSkew), jwt.WithTimeFunc(now)),
	}
	k.all.Keys = append(k.all.Keys, k.current)
	if previous != "" {
		k.all.Keys = append(k.all.Keys, []byte(previous))
	}
	return k
}

// Identity is who a verified token was issued to.
type Identity struct {
	UserID  office.ID
	TokenID string // never empty
	Session int64  // as in office.User
}

type issuedClaims struct {
	jwt.RegisteredClaims
	Role       office.Role `json:"role"`
	ArmyNumber string      `json:"army_number"`
	AllowedDBs []office.ID `json:"allowed_dbs"`
}

// verifiedClaims are those that are checked. The old backend's others make no difference.
type verifiedClaims struct {
	jwt.RegisteredClaims
	// Type is set only by the old backend, which signed refresh tokens with the same key.
	Type string `json:"type"`
}

// Issue signs a token for the user.
func (k *Keys) Issue(user office.User) (string, error) {
	now := k.now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, issuedClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject:   user.ID.Hex(),
			ID:        tokenID(user.Session),
			IssuedAt:  jwt.NewNumericDate(now),
			NotBefore: jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(k.life)),
		},
		Role: user.Role, ArmyNumber: user.ArmyNumber, AllowedDBs: append([]office.ID{}, user.AllowedDBs...), // never null
	}).SignedString(k.current)
}

// Verify returns who a token was issued to, or ErrUnauthenticated.
func (k *Keys) Verify(raw string) (Identity, error) {
	known, _ := k.verified.Load(raw)
	c, isKnown := known.(*verifiedClaims)
	if !isKnown {
		c = k.parse(raw)
	}
	if c == nil || k.validator.Validate(c) != nil {
		return Identity{}, ErrUnauthenticated
	}
	now := k.now()
	expired := !now.Before(c.ExpiresAt.Time) || c.ExpiresAt.After(now.Add(maxLife))
	// Ours have neither: a token with either was signed for something else.
	foreign := c.Issuer != "" || len(c.Audience) > 0
	id, err := office.ParseID(c.Subject)
	if err != nil || expired || foreign || (c.Type != "" && c.Type != "access") {
		return Identity{}, ErrUnauthenticated
	}
	return Identity{UserID: id, TokenID: c.ID, Session: sessionOf(c.ID)}, nil
}

// parse returns the claims of a token with a good signature, or nil.
func (k *Keys) parse(raw string) *verifiedClaims {
	if len(raw) > maxToken {
		return nil
	}
	claims := &verifiedClaims{}
	parsed, err := k.parser.ParseWithClaims(raw, claims, func(*jwt.Token) (any, error) { return k.all, nil })
	if err != nil {
		return nil
	}
	// RFC 7515, section 4.1.11: refuse extensions that are not understood. None is.
	_, critical := parsed.Header["crit"]
	if critical || isAbsurd(claims.NotBefore) || isAbsurd(claims.IssuedAt) {
		return nil
	}
	begin, end := claims.NotBefore, claims.ExpiresAt
	if begin != nil && claims.IssuedAt != nil && end != nil && begin.Equal(claims.IssuedAt.Time) && begin.Before(end.Time) {
		// Issue writes both as one time. If it is in the future, our clock was fast and has been
		// corrected since: the user must not have to wait.
		claims.NotBefore, claims.IssuedAt = nil, nil
	}
	if claims.ID == "" {
		// It needs an id so that it stays valid when it changes the password.
		claims.ID = fmt.Sprintf("%x", sha256.Sum256([]byte(raw)))
	}
	if len(raw) <= maxCachedToken {
		if k.cached.Add(1) > maxCached {
			k.verified.Clear()
			k.cached.Store(1)
		}
		k.verified.Store(raw, claims)
	}
	return claims
}

// isAbsurd tells whether a time is before 1970: one of more than 64 bits wraps around.
func isAbsurd(d *jwt.NumericDate) bool { return d != nil && d.Before(time.Unix(0, 0)) }

// tokenID makes a unique id. The session is in it because the contract fixes the claims, and
// because the time of issue, in whole seconds, cannot tell a token from just before a
// password change from one just after it.
func tokenID(session int64) string {
	return strconv.FormatInt(session, 10) + "." + rand.Text()
}

// sessionOf reads the session from a token's id. Tokens of the old backend belong to the first, 0.
func sessionOf(tokenID string) int64 {
	digits, _, found := strings.Cut(tokenID, ".")
	session, err := strconv.ParseInt(digits, 10, 64)
	if !found || err != nil {
		return 0
	}
	return session
}
