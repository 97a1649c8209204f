package token

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Promise 14: a token that was good before is checked again each time: it
// expires, and what differs from it in one bit is another one.
func TestCachedTokensAreJudgedAnew(t *testing.T) {
	clock := now
	keys := NewKeys(secret, previous, time.Hour, func() time.Time { return clock })
	token := genuine().sign()
	for _, step := range []struct {
		name  string
		at    time.Time
		token string
		good  bool
	}{
		{"first", now, token, true},
		{"again", now, token, true},
		{"just before its end", now.Add(59 * time.Second), token, true},
		{"just after its end", now.Add(60 * time.Second), token, false},
		{"before it began, the clock having been set back", now.Add(-time.Minute), token, true},
		{"good again", now, token, true},
		{"another signature", now, token[:len(token)-2] + flipped(token[len(token)-2:]), false},
		{"other claims", now, strings.Replace(token, ".", ".A", 1), false},
	} {
		clock = step.at
		if _, err := keys.Verify(step.token); (err == nil) != step.good {
			t.Errorf("%s: %v, want it to be good: %v", step.name, err, step.good)
		}
	}
}

// flipped is other base64.
func flipped(s string) string {
	if s[0] == 'A' {
		return "B" + s[1:]
	}
	return "A" + s[1:]
}

// The cache stays small, and says of each token what is true of it.
func TestCachedTokensAreFew(t *testing.T) {
	keys := keysAt(now)
	for n := range maxCached + 10 {
		forged := genuine()
		forged.claims["jti"] = fmt.Sprintf("0.%d", n)
		token := forged.sign()
		for range 2 {
			identity, err := keys.Verify(token)
			if want := fmt.Sprintf("0.%d", n); err != nil || identity.TokenID != want {
				t.Fatalf("%+v (%v), want %s", identity, err, want)
			}
		}
	}
	cached := 0
	for range keys.verified.Range {
		cached++
	}
	if cached > maxCached {
		t.Errorf("%d tokens are cached", cached)
	}
	large := genuine()
	large.claims["padding"] = strings.Repeat("x", maxCachedToken)
	token := large.sign()
	_, err := keys.Verify(token)
	if _, isCached := keys.verified.Load(token); err != nil || isCached {
		t.Errorf("a large token: %v; it is cached: %v", err, isCached)
	}
}
