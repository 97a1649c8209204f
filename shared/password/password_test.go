package password

import (
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func TestCheck(t *testing.T) {
	const short, long = "must be at least 6 characters", "must be at most 72 bytes (a letter with an accent takes two or more)"
	const used = "is one of those that are guessed first: choose another"
	cases := map[string]struct{ password, problem string }{
		"empty":                   {"", short},
		"5 characters":            {"a-2-4", short},
		"5 characters of 4 bytes": {"🔑🔑🔑🔑🔑", short},
		"6 characters":            {"a-2-4-", ""},
		"6 blanks":                {"      ", ""},
		"72 bytes":                {strings.Repeat("a", 72), ""},
		"73 bytes":                {strings.Repeat("a", 73), long},
		"36 letters of two bytes": {strings.Repeat("é", 36), ""},
		"37 letters of two bytes": {strings.Repeat("é", 37), long},
		"a NUL":                   {"abc\x00defg", "must not contain a NUL character, at which other programs cut it off"},
		"the army number":         {"N/17000", "must not be the army number"},
		"in another letter case":  {"n/17000", "must not be the army number"},
		"with more":               {"N/17000!", ""},
		"the most used one":       {"123456", used},
		"one in capitals":         {"PassWord", used},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			err := Check(test.password, "N/17000")
			if (err != nil) != (test.problem != "") || err != nil && err.Error() != test.problem {
				t.Errorf("got %v, want %q", err, test.problem)
			}
		})
	}
}

// The list is of those that would pass otherwise, each once, as they are compared.
func TestCommonPasswords(t *testing.T) {
	seen := map[string]bool{}
	for _, one := range common {
		if seen[one] || len(one) < MinLength || one != strings.ToLower(one) {
			t.Errorf("%q is too short, in capitals or there twice", one)
		}
		seen[one] = true
	}
	if len(seen) < 100 {
		t.Errorf("there are %d", len(seen))
	}
}

// Promise 12: a password counts whole, as it was typed.
func TestPasswordsCountWhole(t *testing.T) {
	hasher, whole := NewHasher(MinCost), strings.Repeat("a", 72)
	cases := map[string]struct {
		set, typed string
		want       error
	}{
		"the same":               {"secret", "secret", nil},
		"72 bytes":               {whole, whole, nil},
		"a 73rd byte":            {whole, whole + "a", ErrMismatch},
		"the 72nd differs":       {whole, whole[1:] + "b", ErrMismatch},
		"71 of 72 bytes":         {whole, whole[1:], ErrMismatch},
		"blanks around":          {"  secret  ", "  secret  ", nil},
		"blanks left out":        {"  secret  ", "secret", ErrMismatch},
		"emoji":                  {"🔑🔑🔑", "🔑🔑🔑", nil},
		"NUL inside":             {"secret\x00one", "secret\x00one", nil},
		"other behind the NUL":   {"secret\x00one", "secret\x00two", ErrMismatch},
		"other letter case":      {"secret", "Secret", ErrMismatch},
		"composed in other ways": {"secr\u00e9t", "secre\u0301t", ErrMismatch},
		"empty":                  {"secret", "", ErrMismatch},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			hash, err := hasher.Hash(t.Context(), somebody, test.set)
			if err != nil {
				t.Fatal(err)
			}
			if err := hasher.Compare(hash, test.typed); err != test.want {
				t.Errorf("%q against %q: %v, want %v", test.typed, test.set, err, test.want)
			}
		})
	}
}

func TestHashRefusesWhatBcryptWouldCut(t *testing.T) {
	hash, err := NewHasher(MinCost).Hash(t.Context(), somebody, strings.Repeat("a", 73))
	if err == nil || hash != "" {
		t.Errorf("got %q, %v", hash, err)
	}
}

// vectors are hashes made by others: by OpenBSD, whose prefix the old
// backend's library writes too, and by older libraries.
var vectors = map[string]struct{ hash, password string }{
	"$2b$": {"$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm", "Kk4DQuMMfZL9o"},
	"$2a$": {"$2a$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm", "Kk4DQuMMfZL9o"},
	"$2y$": {"$2y$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm", "Kk4DQuMMfZL9o"},
}

func TestHashesOfOthers(t *testing.T) {
	hasher := NewHasher(MinCost)
	for prefix, test := range vectors {
		if err := hasher.Compare(test.hash, test.password); err != nil {
			t.Errorf("%s: %v", prefix, err)
		}
		if err := hasher.Compare(test.hash, test.password+"x"); err != ErrMismatch {
			t.Errorf("%s, wrong password: %v", prefix, err)
		}
	}
}

// Promise 9: for an unknown user there is work of the configured cost, and no
// password that ends it well, the dummy's own included.
func TestUnusableHashesNeverMatch(t *testing.T) {
	hasher := NewHasher(5)
	if err := bcrypt.CompareHashAndPassword([]byte("$2a$05"+dummy), []byte("secret")); err != bcrypt.ErrMismatchedHashAndPassword {
		t.Errorf("the dummy costs no work: %v", err)
	}
	hashes := map[string]string{
		"empty": "", "cut off": "$2b$12$short", "plain text": "no password is this one",
		"malformed salt":    "$2b$05$" + strings.Repeat("!", 53),
		"of another scheme": "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
	}
	for name, hash := range hashes {
		for _, typed := range []string{"no password is this one", "", hash, strings.Repeat("a", 100)} {
			if err := hasher.Compare(hash, typed); err != ErrMismatch {
				t.Errorf("%s with %q: %v", name, typed, err)
			}
		}
	}
}

// Promise 12: a hash of lower cost than configured is to be renewed.
func TestIsWeak(t *testing.T) {
	hasher := NewHasher(MinCost + 1)
	own, err := hasher.Hash(t.Context(), somebody, "secret")
	if err != nil {
		t.Fatal(err)
	}
	higher := strings.Replace(own, "$05$", "$06$", 1)
	for hash, want := range map[string]bool{vectors["$2b$"].hash: true, own: false, higher: false, "": false, "garbage": false} {
		if got := hasher.IsWeak(hash); got != want {
			t.Errorf("IsWeak(%q) = %v", hash, got)
		}
	}
}

func TestCost(t *testing.T) {
	hash, err := NewHasher(5).Hash(t.Context(), somebody, "secret")
	if !strings.HasPrefix(hash, "$2a$05$") || err != nil {
		t.Errorf("another cost than configured: %s, %v", hash, err)
	}
}
