// Package password hashes passwords and checks them, with bcrypt, and keeps
// that costly work from starving everything else.
package password

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/crypto/bcrypt"

	"officepay.example/shared/gate"
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
	ErrBusy = errors.New("no place in the queue")
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

// waitingPerWorker is how many callers may wait for each that is being worked
// on: enough for the start of a shift, few enough that the last of them waits
// some two seconds at the default cost.
const waitingPerWorker = 7

// Hasher hashes and compares with one cost, on at most half of the processors
// at a time. It is safe for concurrent use.
type Hasher struct {
	cost    int
	dummy   []byte                            // a hash; what matches it is refused all the same
	compare func(hash, password []byte) error // bcrypt's, but where a test counts the work
	turns   *gate.Gate
}

// NewHasher makes a Hasher. The cost must be from MinCost to MaxCost.
func NewHasher(cost int) (*Hasher, error) {
	dummy, err := bcrypt.GenerateFromPassword([]byte("no password is this one"), cost)
	if err != nil {
		return nil, err
	}
	workers := max(1, runtime.GOMAXPROCS(0)/2)
	return &Hasher{
		cost: cost, dummy: dummy, compare: bcrypt.CompareHashAndPassword,
		turns: gate.New("passwords", workers, workers*waitingPerWorker),
	}, nil
}

// Hash hashes a password that passed CheckLength. It returns ErrBusy when
// there is no turn for it.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	turn, err := h.Queue()
	if err != nil {
		return "", err
	}
	defer turn.Leave()
	if err := turn.Await(ctx); err != nil {
		return "", err
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), h.cost)
	return string(hash), err
}

// Turn is somebody's turn to have a password compared, or his place in the
// queue for one. It must be given back with Leave.
type Turn struct {
	hasher *Hasher
	place  *gate.Place
}

// Queue takes a place in the queue. It never waits itself: it returns ErrBusy
// when the queue is full.
func (h *Hasher) Queue() (Turn, error) {
	place, err := h.turns.Queue()
	if err != nil {
		return Turn{}, fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return Turn{h, place}, nil
}

// Await waits for the turn.
func (t Turn) Await(ctx context.Context) error { return t.place.Work(ctx) }

// Leave gives the turn to the next.
func (t Turn) Leave() { t.place.Leave() }

// Compare returns nil when the password is the one that was hashed, and
// ErrMismatch when it is not. A wrong password takes as long for every hash of
// at most the configured cost, also for one that is empty, malformed or of a
// lower cost: so neither an unknown user nor one from the time of another cost
// can be told by the time it takes.
func (t Turn) Compare(hash, password string) error {
	// Compare even what is too long to match, for the time that it takes.
	typed := []byte(password[:min(len(password), MaxLength)])
	err := t.hasher.compare([]byte(hash), typed)
	switch cost, malformed := bcrypt.Cost([]byte(hash)); {
	case err == nil && len(password) <= MaxLength:
		return nil
	case malformed != nil || err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		t.hasher.work(t.hasher.cost, typed)
	default:
		// Each cost is twice the work of the one below, so these make up for
		// what a cheap hash has left.
		for ; cost < t.hasher.cost; cost++ {
			t.hasher.work(cost, typed)
		}
	}
	return ErrMismatch
}

// work takes as long as a comparison with a hash of the cost.
func (h *Hasher) work(cost int, typed []byte) {
	_ = h.compare(fmt.Appendf(nil, "$2a$%02d%s", cost, h.dummy[len("$2a$00"):]), typed)
}

// Compare is Turn.Compare with a turn of its own. It returns ErrBusy when there
// is none for it.
func (h *Hasher) Compare(ctx context.Context, hash, password string) error {
	turn, err := h.Queue()
	if err != nil {
		return err
	}
	defer turn.Leave()
	if err := turn.Await(ctx); err != nil {
		return err
	}
	return turn.Compare(hash, password)
}

// IsWeak tells whether the hash has a lower cost than this Hasher gives.
func (h *Hasher) IsWeak(hash string) bool {
	cost, err := bcrypt.Cost([]byte(hash))
	return err == nil && cost < h.cost
}
