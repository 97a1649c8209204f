package password

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// failing are the logins that fail: the hash that is kept, and what is typed.
// An unknown user has none.
func failing(t *testing.T, hasher *Hasher) map[string]struct{ hash, typed string } {
	t.Helper()
	of := func(hasher *Hasher) string {
		hash, err := hasher.Hash(t.Context(), somebody, "the password")
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	own, cheap := of(hasher), of(NewHasher(hasher.cost-2))
	return map[string]struct{ hash, typed string }{
		"unknown":             {"", "the passwork"},
		"unknown, 73 bytes":   {"", strings.Repeat("a", 73)},
		"wrong":               {own, "the passwork"},
		"73 bytes":            {own, strings.Repeat("a", 73)},
		"of the old backend":  {"$2b$" + own[4:], "the passwork"},
		"of a lower cost":     {cheap, "the passwork"},
		"of a cost of 31":     {"$2b$31" + own[6:], "the password"},
		"cut off":             {own[:30], "the password"},
		"no bcrypt":           {"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub", "the password"},
		"a salt that is none": {own[:7] + strings.Repeat("!", 53), "the password"},
	}
}

// Promise 9: whatever is wrong, the work is that of one hash of the configured
// cost, no more and no less.
func TestEveryFailureIsTheSameWork(t *testing.T) {
	hasher := NewHasher(MinCost + 3)
	work := 0
	hasher.compare = func(hash, password []byte) error {
		err := bcrypt.CompareHashAndPassword(hash, password)
		if cost, _ := bcrypt.Cost(hash); err == nil || errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			work += 1 << cost // any other error comes before the work
		}
		return err
	}
	for name, login := range failing(t, hasher) {
		work = 0
		if err := hasher.Compare(login.hash, login.typed); err != ErrMismatch {
			t.Errorf("%s: %v", name, err)
		}
		if want := 1 << hasher.cost; work != want {
			t.Errorf("%s: %d rounds, want %d", name, work, want)
		}
	}
}

// Promise 9, measured: the times lie within 10 %. The logins take turns, so that
// what else the machine does befalls all alike. What it spoiled all the same, both
// the fastest of each and the medians, is measured anew.
func TestMeasuredFailures(t *testing.T) {
	const cost, samples, attempts = MinCost + 2, 100, 10 // so short that many are not interrupted
	hasher := NewHasher(cost)
	logins := failing(t, hasher)
	for attempt := range attempts {
		fastest, median := measure(t, hasher, logins, samples)
		t.Logf("promise 9: the fastest refusals differ by %.1f %%, the medians by %.1f %%", 100*spread(fastest), 100*spread(median))
		if min(spread(fastest), spread(median)) <= 0.1 {
			return
		}
		if attempt == attempts-1 {
			t.Errorf("the fastest are %v, the medians %v", fastest, median)
		}
	}
}

// spread is by how much the longest time is longer than the shortest.
func spread(times map[string]time.Duration) float64 {
	all := slices.Collect(maps.Values(times))
	return float64(slices.Max(all))/float64(slices.Min(all)) - 1
}

// measure is the least time of each login, and the median.
func measure(t *testing.T, hasher *Hasher, logins map[string]struct{ hash, typed string }, samples int) (fastest, median map[string]time.Duration) {
	t.Helper()
	times := map[string][]time.Duration{}
	for range samples {
		for name, login := range logins {
			begin := time.Now()
			if err := hasher.Compare(login.hash, login.typed); err != ErrMismatch {
				t.Fatalf("%s: %v", name, err)
			}
			times[name] = append(times[name], time.Since(begin))
		}
	}
	fastest, median = map[string]time.Duration{}, map[string]time.Duration{}
	for name, taken := range times {
		slices.Sort(taken)
		fastest[name], median[name] = taken[0], taken[len(taken)/2]
	}
	return fastest, median
}
