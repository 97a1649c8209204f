package token

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/office"
)

// FuzzVerify holds promise 14 against whatever stands in a token: no panic,
// never another error than ErrUnauthenticated, nothing accepted that the secret did
// not sign, and of that only what names a user and a time to come.
func FuzzVerify(f *testing.F) {
	f.Add(plainHeader, plainClaims, "", "")
	for _, test := range odd {
		f.Add(test.header, test.claims, "", "")
	}
	for _, spoil := range spoiled {
		forged := genuine()
		spoil(forged)
		header, _ := json.Marshal(forged.header)
		claims, _ := json.Marshal(forged.claims)
		f.Add(string(header), string(claims), "", "")
	}
	f.Add(plainHeader, plainClaims, ".", "=")
	keys := keysAt(now)
	f.Fuzz(func(t *testing.T, header, claims, before, after string) {
		whole := signed([]byte(header), []byte(claims), secret, sha256.New)
		got, err := keys.Verify(whole)
		if err != nil && err != ErrUnauthenticated {
			t.Errorf("error %v", err)
		}
		if err == nil {
			checkAccepted(t, header, claims, got)
		}
		checkUnsigned(t, keys, header+"."+claims+"."+before)
		checkUnsigned(t, keys, signed([]byte(header), []byte(claims), "another secret", sha256.New))
		// Base64 skips line breaks; no header can hold one.
		if altered := strings.TrimLeft(before, "\r\n") + whole + strings.TrimRight(after, "\r\n"); altered != whole {
			checkUnsigned(t, keys, altered)
		}
	})
}

// checkUnsigned checks that a text which the secret did not sign is refused.
func checkUnsigned(t *testing.T, keys *Keys, text string) {
	t.Helper()
	if got, err := keys.Verify(text); err != ErrUnauthenticated {
		t.Errorf("%q is taken: %+v, %v", text, got, err)
	}
}

// checkAccepted looks at an accepted token with encoding/json alone.
func checkAccepted(t *testing.T, header, claims string, got Identity) {
	t.Helper()
	var head, body map[string]any
	for text, object := range map[string]*map[string]any{header: &head, claims: &body} {
		var beyond *json.UnmarshalTypeError // a number that no float can hold, which is read as nothing
		if err := json.Unmarshal([]byte(text), object); err != nil && !errors.As(err, &beyond) {
			t.Fatalf("%q is not JSON: %v", text, err)
		}
	}
	if _, critical := head["crit"]; critical || head["alg"] != "HS256" {
		t.Errorf("header %q is taken", header)
	}
	if sub, ok := unambiguous(body, "sub").(string); ok && !strings.EqualFold(sub, got.UserID.Hex()) {
		t.Errorf("claims %q are taken for %v", claims, got.UserID)
	}
	if exp, ok := unambiguous(body, "exp").(float64); ok && exp <= float64(now.Unix()) {
		t.Errorf("claims %q are taken, expired", claims)
	}
	latest := float64(now.Add(clockSkew + time.Second).Unix())
	if body["nbf"] != nil && body["nbf"] == body["iat"] {
		return // so a clock that was ahead has issued it
	}
	for _, name := range []string{"nbf", "iat"} {
		if at, ok := unambiguous(body, name).(float64); ok && at >= latest {
			t.Errorf("claims %q are taken, before their time", claims)
		}
	}
}

// unambiguous is the claim of a name, unless there are others whose names differ in
// letter case: which of them encoding/json takes depends on their order.
func unambiguous(claims map[string]any, name string) any {
	for other := range claims {
		if other != name && office.Fold(other) == name {
			return nil
		}
	}
	return claims[name]
}
