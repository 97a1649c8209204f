package token

import "sync"

// verifiedCache holds the claims of tokens with a good signature, by the token as it was
// sent. Whether the claims are still valid is checked each time. Checking the signature
// for every request would be a sixth of the work of a short one.
type verifiedCache struct {
	mu     sync.RWMutex
	claims map[string]*verifiedClaims
}

// The cache has room for the tokens of a busy office, of the usual length.
const (
	maxCached      = 2000
	maxCachedToken = 1024 // bytes
)

func (c *verifiedCache) get(raw string) *verifiedClaims {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.claims[raw]
}

// add drops all other tokens when there are too many.
func (c *verifiedCache) add(raw string, claims *verifiedClaims) {
	if len(raw) > maxCachedToken {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.claims == nil || len(c.claims) >= maxCached {
		c.claims = map[string]*verifiedClaims{}
	}
	c.claims[raw] = claims
}
