package token

import "sync"

// verifiedCache holds the claims of tokens whose signature was good, by the
// token as it was sent. The same bytes have the same signature and claims for
// ever; whether they are valid by now is asked each time. Checking the signature
// again for every request would be a sixth of the work of a short one.
type verifiedCache struct {
	mu     sync.RWMutex
	claims map[string]*verified
}

// What is cached: tokens of the usual length, as many as a busy office has.
const (
	maxCached      = 2000
	maxCachedToken = 1024 // bytes
)

func (c *verifiedCache) get(raw string) *verified {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.claims[raw]
}

// add drops all others when there are too many.
func (c *verifiedCache) add(raw string, claims *verified) {
	if len(raw) > maxCachedToken {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.claims == nil || len(c.claims) >= maxCached {
		c.claims = map[string]*verified{}
	}
	c.claims[raw] = claims
}
