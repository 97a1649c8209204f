package auth

import "time"

// The rule against guessing (OWASP ASVS 5.0, 6.3.1). Failures count until a whole window has
// passed without one. An attacker is slowed down at once, and the owner only when many
// addresses guess together, and then only at an address without a recent login of theirs.
// Nobody is ever locked out: each pause ends by itself. An address is everything that
// web.Request.Network calls one network.
const (
	window        = time.Minute
	ownLimit      = 10  // failures on one account from one address
	everyoneLimit = 100 // failures on one account from everywhere
	addressLimit  = 100 // failures from one address, less the logins that succeed
	firstPause    = 15 * time.Second
	longestPause  = 5 * time.Minute
	knownFor      = 30 * 24 * time.Hour // after a login from an address: until then, failures elsewhere do not count there
)

// Attempts are the recent failed attempts in one counter. The zero value is none.
type Attempts struct {
	Session      int64 // of the user: with a new password, older failures do not count
	Count        int
	Pause        time.Duration // the latest; the next is twice as long
	BlockedUntil time.Time     // zero if there was no pause
	CountUntil   time.Time     // when these failures no longer count
	KnownUntil   time.Time     // how long the owner is known at the address; zero if not at all
}

// ForgetAt is when none of this matters any longer.
func (a Attempts) ForgetAt() time.Time {
	if a.KnownUntil.After(a.CountUntil) {
		return a.KnownUntil
	}
	return a.CountUntil
}

// inSession returns the attempts that count in a session.
func (a Attempts) inSession(session int64) Attempts {
	if session > a.Session {
		return Attempts{Session: session, KnownUntil: a.KnownUntil}
	}
	return a
}

// pauseLeft is how much is left of the pause. A pause that has not begun yet was set by a
// clock that was ahead and has been corrected; it might last for years, and is ignored.
func (a Attempts) pauseLeft(now time.Time) time.Duration {
	left := a.BlockedUntil.Sub(now)
	if left > a.Pause {
		return 0
	}
	return max(0, left)
}

// add counts one more attempt, or tells how long to wait because it is one too many.
func (a Attempts) add(now time.Time, limit int) (next Attempts, wait time.Duration) {
	if wait := a.pauseLeft(now); wait > 0 {
		return a, wait
	}
	if !now.Before(a.CountUntil) {
		a = Attempts{Session: a.Session, KnownUntil: a.KnownUntil}
	}
	a.Count++
	a.CountUntil = now.Add(window)
	if a.Count >= limit {
		a.Pause = min(max(2*a.Pause, firstPause), longestPause)
		a.BlockedUntil = now.Add(a.Pause)
		a.CountUntil = a.BlockedUntil.Add(longestPause)
	}
	return a, 0
}

func (a Attempts) remove(limit int) Attempts {
	if a.Count <= 1 {
		return Attempts{KnownUntil: a.KnownUntil}
	}
	a.Count--
	if a.Count < limit && a.Pause > 0 {
		// Without its pause, the attempt counts for a window from when it was made.
		a.CountUntil = a.BlockedUntil.Add(window - a.Pause)
		a.Pause, a.BlockedUntil = 0, time.Time{}
	}
	return a
}
