package e2e

import (
	"os"
	"strconv"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// TestGuessingPausesEnd is promise 11 by a real clock: each pause is
// longer than the one before, and after it the right password works.
func TestGuessingPausesEnd(t *testing.T) {
	if !rig.IsSoak() {
		t.Skip("SOAK=1 waits for the pauses")
	}
	t.Parallel()
	user := newPerson(t, userFields())
	wrong := fields{"army_number": user.number, "password": newPassword()}
	for range 10 {
		anyone(t).want(401, "POST", "/auth/login", wrong)
	}
	first := waitOut(t, anyone(t).want(429, "POST", "/auth/login", user.credentials()))
	anyone(t).want(401, "POST", "/auth/login", wrong)
	second := waitOut(t, anyone(t).want(429, "POST", "/auth/login", user.credentials()))
	if second <= first {
		t.Errorf("a pause of %v follows one of %v", second, first)
	}
	user.login(t)
	t.Logf("promise 11: the right password works after pauses of %v and %v", first, second)
}

// waitOut waits as long as the answer says.
func waitOut(t *testing.T, res client.Response) time.Duration {
	t.Helper()
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err != nil {
		t.Fatal(err)
	}
	wait := time.Duration(seconds) * time.Second
	time.Sleep(wait)
	return wait
}

// TestNoAccountToGuess is promise 15: nothing that everybody would try first gets in. The
// suite's own admin is left out: these failures would be counted with those of other
// tests. On an origin that was tried a moment ago an account may be paused.
func TestNoAccountToGuess(t *testing.T) {
	t.Parallel()
	numbers := []string{"ADMIN001", "admin001", "admin", "ADMIN", "root", "user", "test", "1", "00001"}
	passwords := []string{"admin", "password", "123456", "admin123", "ADMIN001", "changeme", "supersecret", "secret"}
	for _, number := range numbers {
		if number == os.Getenv("E2E_ADMIN_ARMY_NUMBER") {
			continue
		}
		for _, password := range passwords {
			res := anyone(t).send("POST", "/auth/login", fields{"army_number": number, "password": password})
			if res.Status != 401 && res.Status != 429 {
				t.Errorf("%s with %s: got %d, want 401 or 429", number, password, res.Status)
			}
		}
	}
}
