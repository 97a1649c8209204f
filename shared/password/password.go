// Package password hashes passwords and checks them, with bcrypt, and keeps
// that costly work from starving everything else.
package password

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/crypto/bcrypt"
)

// The lengths of a password in bytes. bcrypt compares the first 72 alone, so
// a longer one is refused rather than cut.
const (
	MinLength = 6
	MaxLength = 72
)

// The costs that may be configured. Below DefaultCost is for tests; each step
// up doubles the time, and at MaxCost one login takes some seconds.
const (
	MinCost     = bcrypt.MinCost
	DefaultCost = 12
	MaxCost     = 16
)

var (
	// ErrMismatch: the password is not the one that was hashed.
	ErrMismatch = errors.New("password does not match")
	// ErrBusy: too many passwords are being worked on; later there is room.
	ErrBusy = errors.New("too many passwords at once")
)

// CheckLength tells what is wrong with a new password, for a person.
func CheckLength(password string) error {
	if len(password) < MinLength {
		return fmt.Errorf("must be at least %d characters", MinLength)
	}
	if len(password) > MaxLength {
		return fmt.Errorf("must be at most %d bytes (a letter with an accent has two or more)", MaxLength)
	}
	return nil
}

// queuePerWorker is how many callers may be in at once for each that is being
// worked on: enough for the start of a shift, few enough that the last of them
// waits some two seconds at the default cost.
const queuePerWorker = 8

// Hasher hashes and compares with one cost, on at most half of the processors
// at a time. It is safe for concurrent use.
type Hasher struct {
	cost  int
	dummy []byte        // a hash of the same cost that no password matches
	turns chan struct{} // one place per computation
	queue chan struct{} // one place per caller, working or waiting
}

// NewHasher makes a Hasher. The cost must be from MinCost to MaxCost.
func NewHasher(cost int) (*Hasher, error) {
	dummy, err := bcrypt.GenerateFromPassword([]byte("no password is this one"), cost)
	if err != nil {
		return nil, err
	}
	workers := max(1, runtime.GOMAXPROCS(0)/2)
	return &Hasher{
		cost: cost, dummy: dummy,
		turns: make(chan struct{}, workers),
		queue: make(chan struct{}, workers*queuePerWorker),
	}, nil
}

// Hash hashes a password that passed CheckLength. It returns ErrBusy when
// there is no turn for it.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	release, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), h.cost)
	return string(hash), err
}

// Compare returns nil when the password is the one that was hashed,
// ErrMismatch when it is not, and ErrBusy when there is no turn for it. An
// empty or malformed hash takes as long as any other, and never matches: so
// an unknown user cannot be told from a wrong password by the time it takes.
func (h *Hasher) Compare(ctx context.Context, hash, password string) error {
	release, err := h.enter(ctx)
	if err != nil {
		return err
	}
	defer release()
	usable := []byte(hash)
	if _, err := bcrypt.Cost(usable); err != nil {
		usable = h.dummy
	}
	// Compare even what is too long to match, for the time that it takes.
	typed := []byte(password[:min(len(password), MaxLength)])
	err = bcrypt.CompareHashAndPassword(usable, typed)
	if err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		_ = bcrypt.CompareHashAndPassword(h.dummy, typed) // the hash is malformed within
	}
	if err != nil || len(password) > MaxLength || &usable[0] == &h.dummy[0] {
		return ErrMismatch
	}
	return nil
}

// IsWeak tells whether the hash has a lower cost than this Hasher gives.
func (h *Hasher) IsWeak(hash string) bool {
	cost, err := bcrypt.Cost([]byte(hash))
	return err == nil && cost < h.cost
}

// enter waits for a turn, or returns ErrBusy at once when too many already do.
// The caller must call release when it is done.
func (h *Hasher) enter(ctx context.Context) (release func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns; <-h.queue }, nil
	case <-ctx.Done():
		<-h.queue
		return nil, ctx.Err()
	}
}
