package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/office"
)

const (
	secret   = "0123456789abcdef0123456789abcdef"
	previous = "fedcba9876543210fedcba9876543210"
	userID   = "69296490ca9b5b97c8b23c01"
)

// now is a time in the middle of a second, as most are.
var now = time.Date(2026, 3, 31, 12, 0, 0, 900e6, time.UTC)

// keysAt are keys whose clock stands.
func keysAt(at time.Time) *Keys {
	return NewKeys(secret, previous, time.Hour, func() time.Time { return at })
}

// forgery is a token made without the code that is tested.
type forgery struct {
	header, claims map[string]any
	secret         string
	hash           func() hash.Hash
}

// genuine is a token that is accepted at now. Tests spoil it.
func genuine() *forgery {
	return &forgery{
		header: map[string]any{"alg": "HS256", "typ": "JWT"},
		claims: map[string]any{
			"sub": userID, "jti": "0.x", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Unix() + 60,
			"role": "user", "army_number": "N/17001", "allowed_dbs": []string{userID},
		},
		secret: secret,
		hash:   sha256.New,
	}
}

func (f *forgery) sign() string {
	header, _ := json.Marshal(f.header)
	claims, _ := json.Marshal(f.claims)
	return signed(header, claims, f.secret, f.hash)
}

func signed(header, claims []byte, secret string, hash func() hash.Hash) string {
	text := encode(header) + "." + encode(claims)
	mac := hmac.New(hash, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// decodePart is a part of a token, decoded.
func decodePart(t *testing.T, token string, part int) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[part])
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func testUser() office.User {
	id, _ := office.ParseID(userID)
	return office.User{ID: id, ArmyNumber: "N/17001", Role: office.RoleUser, Session: 3, PasswordHash: "hash"}
}

func issue(t *testing.T, user office.User) string {
	t.Helper()
	token, err := keysAt(now).Issue(user)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestIssuedTokenNamesItsUser(t *testing.T) {
	token := issue(t, testUser())
	got, err := keysAt(now).Verify(token)
	if err != nil || got.UserID.Hex() != userID || got.Session != 3 || got.TokenID == "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	again, err := keysAt(now).Verify(issue(t, testUser()))
	if err != nil || again.TokenID == got.TokenID {
		t.Errorf("two tokens have the id %q, %v", again.TokenID, err)
	}
}

// The claims are the contract's, and none beside them.
func TestIssuedClaims(t *testing.T) {
	user := testUser()
	claims := decodePart(t, issue(t, user), 1)
	want := map[string]any{
		"sub": userID, "role": "user", "army_number": "N/17001",
		"iat": float64(now.Unix()), "nbf": float64(now.Unix()), "exp": float64(now.Unix() + 3600),
	}
	for name, value := range want {
		if claims[name] != value {
			t.Errorf("%s is %v, want %v", name, claims[name], value)
		}
	}
	if dbs, ok := claims["allowed_dbs"].([]any); !ok || len(dbs) != 0 || len(claims) != len(want)+2 {
		t.Errorf("claims %v", claims) // those wanted, jti and an empty allowed_dbs
	}
	user.AllowedDBs = []office.ID{user.ID}
	dbs := decodePart(t, issue(t, user), 1)["allowed_dbs"].([]any)
	if len(dbs) != 1 || dbs[0] != userID {
		t.Errorf("allowed_dbs %v", dbs)
	}
	if header := decodePart(t, issue(t, user), 0); header["alg"] != "HS256" {
		t.Errorf("header %v", header)
	}
}

// A token lives until the second that its exp names, and not a moment longer:
// the tolerance for clocks never prolongs it.
func TestTokenExpiresToTheSecond(t *testing.T) {
	token := issue(t, testUser())
	exp := time.Unix(now.Unix()+3600, 0)
	for offset, valid := range map[time.Duration]bool{
		-time.Millisecond: true, 0: false, time.Millisecond: false, clockSkew: false, time.Hour: false,
	} {
		if _, err := keysAt(exp.Add(offset)).Verify(token); (err == nil) != valid {
			t.Errorf("%v from exp: %v", offset, err)
		}
	}
}

// For rotation, what the previous secret signed is accepted; nothing is signed
// with it, and without a previous secret the empty one is none.
func TestRotation(t *testing.T) {
	at := func() time.Time { return now }
	byPrevious := genuine()
	byPrevious.secret = previous
	if _, err := keysAt(now).Verify(byPrevious.sign()); err != nil {
		t.Errorf("a token of the previous secret: %v", err)
	}
	alone := NewKeys(secret, "", time.Hour, at)
	if _, err := alone.Verify(issue(t, testUser())); err != nil {
		t.Errorf("a new token is not signed with the current secret: %v", err)
	}
	byNothing := genuine()
	byNothing.secret = ""
	for name, token := range map[string]string{"previous": byPrevious.sign(), "empty": byNothing.sign()} {
		if _, err := alone.Verify(token); err != ErrUnauthenticated {
			t.Errorf("signed with the %s secret: %v", name, err)
		}
	}
}

// On the day of the switch nobody is logged out: a token of the old backend
// has claims of its own, an id of another form, and no issuer.
func TestLegacyToken(t *testing.T) {
	legacy := genuine()
	legacy.claims["type"], legacy.claims["fresh"] = "access", false
	legacy.claims["jti"], legacy.claims["csrf"] = "3fa85f64-5717-4562-b3fc-2c963f66afa6", "c7"
	got, err := keysAt(now).Verify(legacy.sign())
	if err != nil || got.UserID.Hex() != userID || got.Session != 0 || got.TokenID != legacy.claims["jti"] {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, claims := range map[string]map[string]any{
		"fresh":              {"fresh": true},
		"fresh until":        {"fresh": now.Unix()},
		"no role":            {"role": nil},
		"no databases":       {"allowed_dbs": nil},
		"times in fractions": {"iat": float64(now.Unix()) + 0.25, "nbf": float64(now.Unix()) + 0.25, "exp": float64(now.Unix()) + 60.25},
	} {
		varied := genuine()
		varied.claims["type"] = "access"
		for claim, value := range claims {
			varied.claims[claim] = value
		}
		if _, err := keysAt(now).Verify(varied.sign()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Promise 39: after a clock that was ahead is corrected, the tokens that it issued count;
// so do those of a service whose clock is ahead.
func TestClockCorrectedBackwards(t *testing.T) {
	for _, ahead := range []time.Duration{time.Second, time.Minute, 14 * time.Hour, 365 * 24 * time.Hour} {
		user := office.User{ID: office.NewID()}
		token, err := keysAt(now.Add(ahead)).Issue(user)
		if err != nil {
			t.Fatal(err)
		}
		keys := keysAt(now)
		for range 2 { // the second time from the cache
			if got, err := keys.Verify(token); err != nil || got.UserID != user.ID {
				t.Errorf("%v ahead: %+v, %v", ahead, got, err)
			}
		}
	}
}

func TestSessionOf(t *testing.T) {
	for id, want := range map[string]int64{
		"0.X": 0, "3.X": 3, "12": 0, "": 0, ".X": 0, "x.3": 0, "9223372036854775807.X": 1<<63 - 1,
		"9223372036854775808.X": 0, "3fa85f64-5717-4562-b3fc-2c963f66afa6": 0,
	} {
		if got := sessionOf(id); got != want {
			t.Errorf("session of %q is %d, want %d", id, got, want)
		}
	}
	if got := sessionOf(tokenID(41)); got != 41 {
		t.Errorf("session 41 comes back as %d", got)
	}
}
