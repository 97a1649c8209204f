package limit

import "slices"

// lane is a separate queue for the same slots.
type lane struct {
	users   map[string]*user // who have slots or wait
	turns   []*user          // who wait, in the order of their turns
	waiting int              // calls
}

type user struct {
	lane  *lane
	name  string
	slots int
	calls []call // that wait, in order of arrival
}

type call struct {
	slots int
	ended chan error // told once how the wait ends
}

// user returns the user with a name, a new one if need be.
func (l *lane) user(name string) *user {
	u := l.users[name]
	if u == nil {
		u = &user{lane: l, name: name}
		l.users[name] = u
	}
	return u
}

// hasRoom tells whether one more call of the user may wait.
func (l *Limiter) hasRoom(u *user) bool {
	return u.lane.waiting < l.maxWaiting || len(u.lane.turns) > 0 && len(u.lane.longest().calls) > len(u.calls)+1
}

// longest is the user with the most waiting calls.
func (l *lane) longest() *user {
	return slices.MaxFunc(l.turns, func(a, b *user) int { return len(a.calls) - len(b.calls) })
}

func (u *user) endCall(i int, how error) {
	u.calls[i].ended <- how
	u.calls = slices.Delete(u.calls, i, i+1)
	u.lane.waiting--
	if len(u.calls) == 0 {
		u.lane.turns = slices.DeleteFunc(u.lane.turns, func(other *user) bool { return other == u })
	}
	u.forgetIfGone()
}

func (u *user) forgetIfGone() {
	if u.slots == 0 && len(u.calls) == 0 {
		delete(u.lane.users, u.name)
	}
}

// handOver gives what is free to those whose turn it is.
func (l *Limiter) handOver() {
	for {
		next := l.nextInTurn()
		if next == nil || !l.mayGive(next.calls[0].slots) {
			return
		}
		l.next = (l.next + 1) % len(l.lanes)
		l.free -= next.calls[0].slots
		next.slots += next.calls[0].slots
		next.endCall(0, nil)
		if len(next.calls) > 0 { // to the end of the turns
			turns := next.lane.turns
			i := slices.Index(turns, next)
			next.lane.turns = append(slices.Delete(turns, i, i+1), next)
		}
	}
}

// nextInTurn is the first user, lane by lane, who may have the slots of their first waiting
// call, or nil. It makes that user's lane the next.
func (l *Limiter) nextInTurn() *user {
	for range l.lanes {
		for _, u := range l.lanes[l.next].turns {
			if u.slots+u.calls[0].slots <= l.maxPerUser {
				return u
			}
		}
		l.next = (l.next + 1) % len(l.lanes)
	}
	return nil
}
