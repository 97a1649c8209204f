package auth

import "time"

// The rule against guessing (OWASP ASVS 5.0, 6.3.1). Failures count until there
// was none for a whole window. They count against the account as seen from one
// address, and with more room against the account as seen from everywhere, and against
// the address, whatever the accounts. So an attacker is slowed down at once, and the
// owner only where he has not logged in from lately, when many addresses guess
// together. Nobody is ever locked out: each pause ends by itself. An address is all of
// a network that web.Request.Network tells apart.
const (
	window        = time.Minute
	ownLimit      = 10  // failures on one account from one address
	everyoneLimit = 100 // failures on one account from everywhere
	addressLimit  = 100 // failures from one address, less the logins that succeed
	firstPause    = 15 * time.Second
	longestPause  = 5 * time.Minute
	// knownFor is how long after a login from an address its owner's attempts there
	// have nothing to do with those from elsewhere.
	knownFor = 30 * 24 * time.Hour
)

// Attempts are the failed attempts on one account lately. The zero value is
// none.
type Attempts struct {
	Count        int
	Pause        time.Duration // the latest; the next is twice as long
	BlockedUntil time.Time     // zero while there was no pause
	ForgetAt     time.Time     // when all this no longer matters
}

// wait is how much is left of the pause. One that has not begun yet is of a clock that
// was ahead and has been corrected, and is none: it might last for years.
func (a Attempts) wait(now time.Time) time.Duration {
	left := a.BlockedUntil.Sub(now)
	if left > a.Pause {
		return 0
	}
	return max(0, left)
}

// add counts one attempt more, or tells how long to wait because it is one
// too many.
func (a Attempts) add(now time.Time, limit int) (next Attempts, wait time.Duration) {
	if wait := a.wait(now); wait > 0 {
		return a, wait
	}
	if !now.Before(a.ForgetAt) {
		a = Attempts{}
	}
	a.Count++
	a.ForgetAt = now.Add(window)
	if a.Count >= limit {
		a.Pause = min(max(2*a.Pause, firstPause), longestPause)
		a.BlockedUntil = now.Add(a.Pause)
		a.ForgetAt = a.BlockedUntil.Add(longestPause)
	}
	return a, 0
}

// remove takes one attempt back.
func (a Attempts) remove(limit int) Attempts {
	if a.Count <= 1 {
		return Attempts{}
	}
	a.Count--
	if a.Count < limit && a.Pause > 0 {
		// Without its pause, the attempt is forgotten a window after it was made.
		a = Attempts{Count: a.Count, ForgetAt: a.BlockedUntil.Add(window - a.Pause)}
	}
	return a
}
