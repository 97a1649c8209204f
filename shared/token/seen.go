package token

import "sync"

// seen are the claims of tokens whose signature was good, by the token as it
// was sent. The same bytes have the same signature and claims for ever; whether
// they are valid by now is asked each time. To check a signature anew for each
// request would be a sixth of the work of a short one.
type seen struct {
	mu     sync.RWMutex
	claims map[string]*verified
}

// What is remembered: tokens of the usual length, as many as a busy office has.
const (
	maxSeen      = 2000
	maxSeenToken = 1024 // bytes
)

func (s *seen) get(raw string) *verified {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.claims[raw]
}

// add forgets all others when there are too many.
func (s *seen) add(raw string, claims *verified) {
	if len(raw) > maxSeenToken {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.claims == nil || len(s.claims) >= maxSeen {
		s.claims = map[string]*verified{}
	}
	s.claims[raw] = claims
}
