// Package password hashes and compares passwords with bcrypt, without starving anything else.
package password

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"

	"officepay.example/shared/environ"
	"officepay.example/shared/limit"
)

// The costs that may be configured. Those below DefaultCost are for tests. Each step
// doubles the time; at MaxCost, a login takes some seconds.
const (
	MinCost     = bcrypt.MinCost
	DefaultCost = 12
	MaxCost     = 16
)

// LoadCost reads the cost to configure, noting a fault in env.
func LoadCost(env *environ.Env) int {
	return env.Int("BCRYPT_COST", DefaultCost, MinCost, MaxCost)
}

// ErrMismatch: the password is wrong.
var ErrMismatch = errors.New("password does not match")

// dummy is what follows the cost in a hash that takes the place of a missing one. It is of
// no known password, but well formed: bcrypt does no work for a malformed one.
const dummy = "$UEjz3NaQ3bxohdeUY5l5CeJBb8hdtoG17D.clhs.leFitYnJ81iY2"

// waitingPerProcessor is how many calls may wait for each processor in each lane: as many
// as come together when a shift starts, but so few that at the default cost the last of
// them waits about two seconds, or three while others work.
const waitingPerProcessor = 7

// Hasher hashes and compares passwords, a few at a time. It is safe for concurrent use.
type Hasher struct {
	limiter *limit.Limiter
	cost    int
	compare func(hash, password []byte) error // bcrypt's, unless a test counts the calls
}

// NewHasher returns a Hasher that uses half of the processors. The cost is from MinCost to MaxCost.
func NewHasher(cost int) *Hasher {
	return &Hasher{
		limiter: limit.New("passwords", limit.Size{
			Slots: limit.HalfOfProcessors(), PerUser: limit.HalfOfProcessors(),
			Waiting: runtime.GOMAXPROCS(0) * waitingPerProcessor, Lanes: lanes,
		}),
		cost: cost, compare: bcrypt.CompareHashAndPassword,
	}
}

// UseAllWhileQuiet lets it use all processors while nobody else has work.
func (h *Hasher) UseAllWhileQuiet(others *limit.Activity) {
	h.limiter.WhileQuiet(runtime.GOMAXPROCS(0)-limit.HalfOfProcessors(), others.IsQuiet)
}

// Requester is for whom a password is hashed or compared. Requesters take turns.
type Requester struct {
	lane int
	name string
}

const (
	strangers = iota // those who log in
	members          // those who are logged in
	lanes
)

// Stranger is everybody who logs in from one address.
func Stranger(network string) Requester { return Requester{strangers, network} }

// Member is a user who is logged in. However many others try to log in, members take
// turns with all of them together, and find room to wait.
func Member(id string) Requester { return Requester{members, id} }

// CheckRoom returns limit.ErrBusy if there is no room for the requester to wait now.
func (h *Hasher) CheckRoom(r Requester) error { return h.limiter.Check(r.lane, r.name) }

// Acquire waits for the requester's turn. It returns limit.ErrBusy if too many wait, or ctx's error.
func (h *Hasher) Acquire(ctx context.Context, r Requester) (release func(), err error) {
	return h.limiter.AcquireIn(ctx, r.lane, r.name, 1)
}

// Hash waits for the requester's turn and hashes a password that passed Check.
func (h *Hasher) Hash(ctx context.Context, r Requester, password string) (string, error) {
	release, err := h.Acquire(ctx, r)
	if err != nil {
		return "", err
	}
	defer release()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), h.cost)
	return string(hash), err
}

// Compare returns nil if the password is the one that was hashed, and ErrMismatch if it
// is not. The caller must have acquired a turn.
//
// A wrong password takes equally long with every hash, so that the time does not tell
// whether the user exists or when the password was set: also with a hash that is empty,
// malformed or of a lower cost than configured, or of a cost above MaxCost (with 31,
// comparing would take a day). Only a higher cost up to MaxCost takes longer.
func (h *Hasher) Compare(hash, password string) error {
	// A password that is too long to match is compared too, to take the same time.
	typed := []byte(password[:min(len(password), MaxLength)])
	cost, err := bcrypt.Cost([]byte(hash))
	if err == nil && cost <= MaxCost {
		err = h.compare([]byte(hash), typed)
	}
	switch {
	case cost > MaxCost || err != nil && !errors.Is(err, bcrypt.ErrMismatchedHashAndPassword):
		h.compareDummy(h.cost, typed) // nothing was compared
	case err == nil && len(password) <= MaxLength:
		return nil
	default:
		// Each cost is twice the work of the one below: these add up to the difference.
		for ; cost < h.cost; cost++ {
			h.compareDummy(cost, typed)
		}
	}
	return ErrMismatch
}

// compareDummy takes as long as a comparison with a hash of that cost.
func (h *Hasher) compareDummy(cost int, typed []byte) {
	_ = h.compare(fmt.Appendf(nil, "$2a$%02d%s", cost, dummy), typed)
}

// IsTooCostly tells whether the hash has a higher cost than may be configured.
func IsTooCostly(hash string) bool {
	cost, err := bcrypt.Cost([]byte(hash))
	return err == nil && cost > MaxCost
}

// IsWeak tells whether the hash has a lower cost than those of this Hasher.
func (h *Hasher) IsWeak(hash string) bool {
	cost, err := bcrypt.Cost([]byte(hash))
	return err == nil && cost < h.cost
}

// The least length of a password is in characters, the greatest in bytes: bcrypt ignores
// everything after the first 72, so a longer password is refused rather than cut.
const (
	MinLength = 6
	MaxLength = 72
)

//go:embed common.txt
var commonText string

// common are the most used passwords of MinLength or more, in lower case.
var common = strings.Fields(commonText)

// Check says, in words for a person, what is wrong with a new password of the user with
// this army number, which is empty if it is not known.
func Check(password, armyNumber string) error {
	switch {
	case utf8.RuneCountInString(password) < MinLength:
		return fmt.Errorf("must be at least %d characters", MinLength)
	case len(password) > MaxLength:
		return fmt.Errorf("must be at most %d bytes (a letter with an accent takes two or more)", MaxLength)
	case strings.Contains(password, "\x00"):
		return errors.New("must not contain a NUL character, at which other programs cut it off")
	case strings.EqualFold(password, armyNumber):
		return errors.New("must not be the army number")
	case slices.Contains(common, strings.ToLower(password)):
		return errors.New("is one of those that are guessed first: choose another")
	}
	return nil
}
