// Package password hashes passwords and checks them, with bcrypt, and keeps
// that costly work from starving everything else.
package password

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/crypto/bcrypt"

	"officepay.example/shared/limit"
)

// The costs that may be configured. Below DefaultCost is for tests; each step
// up doubles the time, and at MaxCost one login takes some seconds.
const (
	MinCost     = bcrypt.MinCost
	DefaultCost = 12
	MaxCost     = 16
)

// ErrMismatch: the password is not the one that was hashed.
var ErrMismatch = errors.New("password does not match")

// waitingPerWorker is how many callers may wait for each worker, in each lane: as many
// as log in together when a shift starts, but so few that the last of them waits some
// two seconds at the default cost.
const waitingPerWorker = 7

// workers is how many passwords are hashed at a time: on at most half of the
// processors.
func workers() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Hasher hashes and compares with one cost, for so many at a time. It is safe for
// concurrent use.
type Hasher struct {
	callers *limit.PerUser
	cost    int
	dummy   []byte                            // a hash that no login is accepted for
	compare func(hash, password []byte) error // bcrypt's, unless a test counts the work
}

// NewHasher makes a Hasher. The cost must be from MinCost to MaxCost.
func NewHasher(cost int) (*Hasher, error) {
	dummy, err := bcrypt.GenerateFromPassword([]byte("no password is this one"), cost)
	if err != nil {
		return nil, err
	}
	return &Hasher{
		callers: limit.NewLanes("passwords", lanes, workers(), workers()*waitingPerWorker),
		cost:    cost, dummy: dummy, compare: bcrypt.CompareHashAndPassword,
	}, nil
}

// Caller is whom something is hashed for: callers take turns, so that none keeps
// another waiting for more than one turn of his.
type Caller struct {
	lane int
	name string
}

const (
	strangers = iota // who log in
	members          // who are logged in
	lanes
)

// Stranger is who logs in from an address.
func Stranger(network string) Caller { return Caller{strangers, network} }

// Member is who is logged in: however many try to log in, they take turns with all
// of those, and find room.
func Member(id string) Caller { return Caller{members, id} }

// CheckRoom returns limit.ErrBusy when the caller would find no room to wait now.
func (h *Hasher) CheckRoom(c Caller) error { return h.callers.Check(c.lane, c.name) }

// Acquire waits for a turn of the caller. It returns limit.ErrBusy when too many wait.
func (h *Hasher) Acquire(ctx context.Context, c Caller) (release func(), err error) {
	return h.callers.AcquireIn(ctx, c.lane, c.name)
}

// Hash hashes a password that passed Check, in a turn that it acquires.
func (h *Hasher) Hash(ctx context.Context, c Caller, password string) (string, error) {
	release, err := h.Acquire(ctx, c)
	if err != nil {
		return "", err
	}
	defer release()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), h.cost)
	return string(hash), err
}

// Compare, in a turn of the caller's, returns nil when the password is the one that was hashed, and
// ErrMismatch when it is not. A wrong password takes as long for every hash of
// at most the configured cost, also for one that is empty, malformed or of a
// lower cost: so neither an unknown user nor one from the time of another cost
// can be told by the time it takes. So is a hash of a cost that nobody may
// configure: one of the cost 31 would take a day.
func (h *Hasher) Compare(hash, password string) error {
	// What is too long to match is compared too, to take the same time.
	typed := []byte(password[:min(len(password), MaxLength)])
	cost, malformed := bcrypt.Cost([]byte(hash))
	if malformed != nil || cost > MaxCost {
		h.work(h.cost, typed)
		return ErrMismatch
	}
	err := h.compare([]byte(hash), typed)
	switch {
	case err == nil && len(password) <= MaxLength:
		return nil
	case err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		h.work(h.cost, typed)
	default:
		// Each cost is twice the work of the one below, so these make up for
		// what a cheap hash has left.
		for ; cost < h.cost; cost++ {
			h.work(cost, typed)
		}
	}
	return ErrMismatch
}

// work takes as long as a comparison with a hash of the cost.
func (h *Hasher) work(cost int, typed []byte) {
	_ = h.compare(fmt.Appendf(nil, "$2a$%02d%s", cost, h.dummy[len("$2a$00"):]), typed)
}

// IsTooCostly tells whether the hash has a cost that nobody may configure.
func IsTooCostly(hash string) bool {
	cost, err := bcrypt.Cost([]byte(hash))
	return err == nil && cost > MaxCost
}

// IsWeak tells whether the hash has a lower cost than this Hasher gives.
func (h *Hasher) IsWeak(hash string) bool {
	cost, err := bcrypt.Cost([]byte(hash))
	return err == nil && cost < h.cost
}
