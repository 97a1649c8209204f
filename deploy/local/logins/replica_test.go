package logins

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/local/sqlitestore"
	adminstoretest "officepay.example/services/admin/storetest"
	"officepay.example/services/auth"
	"officepay.example/shared/office"
	"officepay.example/shared/office/officetest"
	"officepay.example/shared/password"
	"officepay.example/shared/token"
	"officepay.example/shared/web"
)

// fixture is an empty store, and what fills it.
type fixture = officetest.Fixture[auth.Store]

func open(t testing.TB) fixture {
	t.Helper()
	db, err := sqlitestore.Open(t.Context(), filepath.Join(t.TempDir(), "office.db"))
	officetest.Must(t, err)
	t.Cleanup(func() { officetest.Must(t, db.Close()) })
	return fixture{Store: db.Auth(), Seed: adminstoretest.Seed(db.Admin(), nil)}
}

// now is when the clock of every replica begins.
var now = time.Date(2026, time.March, 31, 12, 0, 0, 0, time.UTC)

// replica is one replica of the service, asked over HTTP, whose clock stands
// until a test moves it.
type replica struct {
	t      testing.TB
	now    time.Time
	keys   *token.Keys
	hasher *password.Hasher
	server http.Handler
}

// cost is that of the hashes of a replica: the least, since none is for real.
const cost = password.MinCost

// proxy is the one whose X-Forwarded-For a replica believes.
const proxy = "10.9.8.7"

func newReplica(t testing.TB, store auth.Store) *replica { return newReplicaOfCost(t, store, cost) }

func newReplicaOfCost(t testing.TB, store auth.Store, cost int) *replica {
	t.Helper()
	hasher := password.NewHasher(cost)
	s := &replica{t: t, now: now, hasher: hasher}
	clock := func() time.Time { return s.now }
	s.keys = token.NewKeys(strings.Repeat("0123456789abcdef", 2), "", time.Hour, clock)
	options := web.Options{
		Logger:         slog.New(slog.DiscardHandler),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix(proxy + "/32")},
		Subject:        s.keys.Subject,
	}
	s.server = web.NewServer(options, auth.Routes(auth.Deps{Store: store, Keys: s.keys, Hasher: hasher, Now: clock}))
	return s
}

// withSecret gives a user a password, hashed at a cost.
func withSecret(t testing.TB, user office.User, secret string, cost int) office.User {
	t.Helper()
	var err error
	user.PasswordHash, err = password.NewHasher(cost).Hash(t.Context(), password.Member(user.ArmyNumber), secret)
	officetest.Must(t, err)
	return user
}

// answer is what a replica says: the status and how many seconds to wait.
type answer struct{ status, wait int }

var (
	yes = answer{status: 200}
	no  = answer{status: 401}
	// busy asks to come again soon.
	busy = answer{status: 503, wait: 2}
)

func paused(seconds int) answer { return answer{429, seconds} }

// here is where most attempts come from.
const here = "192.0.2.1"

// login is an attempt from an address, with the X-Forwarded-For given.
func (s *replica) login(from, number, secret string, forwarded ...string) answer {
	r := s.request("/auth/login", map[string]string{"army_number": number, "password": secret})
	r.RemoteAddr = from + ":4711"
	r.Header["X-Forwarded-For"] = forwarded
	return s.ask(r)
}

// changePassword is an attempt from here to set another password.
func (s *replica) changePassword(user office.User, old string) answer {
	r := s.request("/auth/change-password", map[string]string{"old_password": old, "new_password": "another one"})
	signed, err := s.keys.Issue(user)
	officetest.Must(s.t, err)
	r.RemoteAddr = here + ":4711"
	r.Header.Set("Authorization", "Bearer "+signed)
	return s.ask(r)
}

func (s *replica) request(path string, body map[string]string) *http.Request {
	encoded, err := json.Marshal(body)
	officetest.Must(s.t, err)
	r := httptest.NewRequest("POST", path, strings.NewReader(string(encoded)))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func (s *replica) ask(r *http.Request) answer {
	recorder := httptest.NewRecorder()
	s.server.ServeHTTP(recorder, r)
	wait, _ := strconv.Atoi(recorder.Header().Get("Retry-After")) // 0 where there is none
	return answer{recorder.Code, wait}
}

// wants checks the answer to one attempt.
func (s *replica) wants(what string, got, want answer) {
	s.t.Helper()
	if got != want {
		s.t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

// guess makes that many wrong guesses from here, each of which must be let in.
func (s *replica) guess(number string, times int) {
	s.t.Helper()
	for n := range times {
		s.wants("guess "+strconv.Itoa(n+1), s.login(here, number, "wrong"), no)
	}
}
