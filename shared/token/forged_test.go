package token

import (
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"math"
	"strings"
	"testing"
)

// spoiled are tokens with one thing wrong, but for the signature: that is
// right, so only the one thing can refuse them.
var spoiled = map[string]func(*forgery){
	"wrong secret":          func(f *forgery) { f.secret = strings.ToUpper(secret) },
	"empty secret":          func(f *forgery) { f.secret = "" },
	"alg none":              func(f *forgery) { f.header["alg"] = "none" },
	"alg None":              func(f *forgery) { f.header["alg"] = "None" },
	"alg HS384":             func(f *forgery) { f.header["alg"], f.hash = "HS384", sha512.New384 },
	"alg HS512":             func(f *forgery) { f.header["alg"], f.hash = "HS512", sha512.New },
	"alg RS256":             func(f *forgery) { f.header["alg"] = "RS256" },
	"alg hs256":             func(f *forgery) { f.header["alg"] = "hs256" },
	"alg of no kind":        func(f *forgery) { f.header["alg"] = "XX" },
	"alg a number":          func(f *forgery) { f.header["alg"] = 256 },
	"alg missing":           func(f *forgery) { delete(f.header, "alg") },
	"crit unknown":          func(f *forgery) { f.header["crit"] = []string{"x"}; f.header["x"] = 1 },
	"crit empty":            func(f *forgery) { f.header["crit"] = []string{} },
	"crit null":             func(f *forgery) { f.header["crit"] = nil },
	"exp missing":           func(f *forgery) { delete(f.claims, "exp") },
	"exp null":              func(f *forgery) { f.claims["exp"] = nil },
	"exp a word":            func(f *forgery) { f.claims["exp"] = "never" },
	"exp an object":         func(f *forgery) { f.claims["exp"] = map[string]int{"$gt": 0} },
	"exp now":               func(f *forgery) { f.claims["exp"] = now.Unix() },
	"exp a second ago":      func(f *forgery) { f.claims["exp"] = now.Unix() - 1 },
	"exp zero":              func(f *forgery) { f.claims["exp"] = 0 },
	"exp negative":          func(f *forgery) { f.claims["exp"] = -1 },
	"exp in 11 years":       func(f *forgery) { f.claims["exp"] = now.AddDate(11, 0, 0).Unix() },
	"exp in milliseconds":   func(f *forgery) { f.claims["exp"] = now.UnixMilli() },
	"exp of 64 bits":        func(f *forgery) { f.claims["exp"] = int64(math.MaxInt64) },
	"exp beyond 64 bits":    func(f *forgery) { f.claims["exp"] = uint64(math.MaxUint64) },
	"exp absurd":            func(f *forgery) { f.claims["exp"] = 1e300 },
	"exp absurdly negative": func(f *forgery) { f.claims["exp"] = -1e300 },
	"nbf ahead":             func(f *forgery) { f.claims["nbf"] = now.Unix() + 7 },
	"both ahead, apart":     func(f *forgery) { f.claims["nbf"], f.claims["iat"] = now.Unix()+7, now.Unix()+8 },
	"both behind exp":       func(f *forgery) { f.claims["nbf"], f.claims["iat"] = now.Unix()+99, now.Unix()+99 },
	"both of 64 bits":       func(f *forgery) { f.claims["nbf"], f.claims["iat"] = int64(math.MaxInt64), int64(math.MaxInt64) },
	"nbf of 64 bits":        func(f *forgery) { f.claims["nbf"] = int64(math.MaxInt64) },
	"nbf absurd":            func(f *forgery) { f.claims["nbf"] = 1e300 },
	"nbf a word":            func(f *forgery) { f.claims["nbf"] = "now" },
	"iat ahead":             func(f *forgery) { f.claims["iat"] = now.Unix() + 7 },
	"iat absurd":            func(f *forgery) { f.claims["iat"] = 1e300 },
	"iat a word":            func(f *forgery) { f.claims["iat"] = "now" },
	"iss of another":        func(f *forgery) { f.claims["iss"] = "https://elsewhere.example" },
	"aud of another":        func(f *forgery) { f.claims["aud"] = "elsewhere" },
	"aud of several":        func(f *forgery) { f.claims["aud"] = []string{"elsewhere", "here"} },
	"sub missing":           func(f *forgery) { delete(f.claims, "sub") },
	"sub null":              func(f *forgery) { f.claims["sub"] = nil },
	"sub empty":             func(f *forgery) { f.claims["sub"] = "" },
	"sub a number":          func(f *forgery) { f.claims["sub"] = 1 },
	"sub an object":         func(f *forgery) { f.claims["sub"] = map[string]string{"$ne": ""} },
	"sub too short":         func(f *forgery) { f.claims["sub"] = userID[1:] },
	"sub too long":          func(f *forgery) { f.claims["sub"] = userID + "0" },
	"sub no hex":            func(f *forgery) { f.claims["sub"] = "g" + userID[1:] },
	"sub with a blank":      func(f *forgery) { f.claims["sub"] = " " + userID },
	"type refresh":          func(f *forgery) { f.claims["type"] = "refresh" },
	"type Access":           func(f *forgery) { f.claims["type"] = "Access" },
	"type a number":         func(f *forgery) { f.claims["type"] = 1 },
	"jti a number":          func(f *forgery) { f.claims["jti"] = 7 },
	"long":                  func(f *forgery) { f.claims["x"] = strings.Repeat("x", maxToken) },
}

// Promise 14: only whole, unexpired HS256 tokens.
func TestForgedTokens(t *testing.T) {
	if _, err := keysAt(now).Verify(genuine().sign()); err != nil {
		t.Fatalf("the genuine token: %v", err)
	}
	for name, spoil := range spoiled {
		t.Run(name, func(t *testing.T) {
			forged := genuine()
			spoil(forged)
			if got, err := keysAt(now).Verify(forged.sign()); err != ErrUnauthenticated || got != (Identity{}) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// mangled are tokens whose text was changed after they were signed.
var mangled = map[string]func(head, claims, signature string) string{
	"empty":              func(h, c, s string) string { return "" },
	"1 part":             func(h, c, s string) string { return h },
	"2 parts":            func(h, c, s string) string { return h + "." + c },
	"4 parts":            func(h, c, s string) string { return h + "." + c + "." + s + "." + s },
	"a dot at the end":   func(h, c, s string) string { return h + "." + c + "." + s + "." },
	"no signature":       func(h, c, s string) string { return h + "." + c + "." },
	"no header":          func(h, c, s string) string { return "." + c + "." + s },
	"no claims":          func(h, c, s string) string { return h + ".." + s },
	"only dots":          func(h, c, s string) string { return ".." },
	"parts swapped":      func(h, c, s string) string { return c + "." + h + "." + s },
	"alg none, unsigned": func(h, c, s string) string { return encode([]byte(`{"alg":"none"}`)) + "." + c + "." },
	"alg none, signed":   func(h, c, s string) string { return encode([]byte(`{"alg":"none"}`)) + "." + c + "." + s },
	"other claims": func(h, c, s string) string {
		return h + "." + encode([]byte(`{"sub":"`+userID+`","exp":9e9}`)) + "." + s
	},
	"padded":           func(h, c, s string) string { return h + "." + c + "." + s + "=" },
	"standard base64":  func(h, c, s string) string { return h + "." + c + "." + toStandard(s) },
	"signature cut":    func(h, c, s string) string { return h + "." + c + "." + s[:len(s)-2] },
	"signature longer": func(h, c, s string) string { return h + "." + c + "." + s + "AA" },
	"with the scheme":  func(h, c, s string) string { return "Bearer " + h + "." + c + "." + s },
	"a blank inside":   func(h, c, s string) string { return h + ". " + c + "." + s },
	"1 MB":             func(h, c, s string) string { return h + "." + strings.Repeat("A", 1<<20) + "." + s },
	"1 MB of dots":     func(h, c, s string) string { return strings.Repeat(".", 1<<20) },
}

const plainHeader = `{"alg":"HS256"}`

var plainClaims = fmt.Sprintf(`{"sub":"%s","exp":%d}`, userID, now.Unix()+60)

// odd are tokens whose header or claims are not what they should be, as JSON.
var odd = map[string]struct{ header, claims string }{
	"claims null":        {plainHeader, "null"},
	"claims a list":      {plainHeader, "[" + plainClaims + "]"},
	"claims a text":      {plainHeader, `"` + userID + `"`},
	"claims cut off":     {plainHeader, plainClaims[:len(plainClaims)-1]},
	"claims twice":       {plainHeader, plainClaims + plainClaims},
	"claims empty":       {plainHeader, ""},
	"two times of exp":   {plainHeader, strings.Replace(plainClaims, "}", `,"exp":1}`, 1)},
	"exp of 400 digits":  {plainHeader, strings.Replace(plainClaims, "}", strings.Repeat("0", 400)+"}", 1)},
	"exp with exponent":  {plainHeader, strings.Replace(plainClaims, "}", "e999}", 1)},
	"header null":        {"null", plainClaims},
	"header a list":      {"[" + plainHeader + "]", plainClaims},
	"header cut off":     {plainHeader[:len(plainHeader)-1], plainClaims},
	"header twice":       {plainHeader + plainHeader, plainClaims},
	"header empty":       {"", plainClaims},
	"two algs in header": {`{"alg":"HS256","alg":"none"}`, plainClaims},
}

func TestOddTokens(t *testing.T) {
	if _, err := keysAt(now).Verify(resign(plainHeader, plainClaims)); err != nil {
		t.Fatalf("the plain token: %v", err)
	}
	for name, test := range odd {
		t.Run(name, func(t *testing.T) {
			if got, err := keysAt(now).Verify(resign(test.header, test.claims)); err != ErrUnauthenticated {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// resign signs with the true secret.
func resign(header, claims string) string {
	return signed([]byte(header), []byte(claims), secret, sha256.New)
}

// toStandard writes base64 in the alphabet that URLs do not use.
func toStandard(s string) string {
	if strings.ContainsAny(s, "-_") {
		return strings.NewReplacer("-", "+", "_", "/").Replace(s)
	}
	return "+" + s[1:]
}

func TestMangledTokens(t *testing.T) {
	parts := strings.Split(genuine().sign(), ".")
	for name, mangle := range mangled {
		t.Run(name, func(t *testing.T) {
			if got, err := keysAt(now).Verify(mangle(parts[0], parts[1], parts[2])); err != ErrUnauthenticated {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// Not one bit of a token may differ, in any part.
func TestFlippedBits(t *testing.T) {
	keys, token := keysAt(now), genuine().sign()
	for i := range len(token) {
		for bit := range 8 {
			flipped := []byte(token)
			flipped[i] ^= 1 << bit
			if _, err := keys.Verify(string(flipped)); err != ErrUnauthenticated {
				t.Errorf("bit %d of byte %d (%q): %v", bit, i, token[i], err)
			}
		}
	}
}

// The last character of a part may carry bits that decode to nothing; lenient
// base64 takes four or sixteen spellings of one signature.
func TestAlteredTail(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	keys, parts := keysAt(now), strings.Split(genuine().sign(), ".")
	for part := range parts {
		accepted := 0
		for _, last := range alphabet {
			altered := append([]string{}, parts...)
			altered[part] = parts[part][:len(parts[part])-1] + string(last)
			if _, err := keys.Verify(strings.Join(altered, ".")); err == nil {
				accepted++
			}
		}
		if accepted != 1 {
			t.Errorf("%d spellings of part %d are accepted", accepted, part)
		}
	}
}
