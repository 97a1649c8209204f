package compose

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

// passwords are lines of a .env, and the password that each gives; if it gives none, the
// line is refused.
var passwords = map[string]string{
	`ADMIN_PASSWORD=Pay&Roll2026;touch OWNED`:   `Pay&Roll2026;touch OWNED`,
	"ADMIN_PASSWORD=`touch OWNED`*?!~":          "`touch OWNED`*?!~",
	`ADMIN_PASSWORD=back\slash%s\n`:             `back\slash%s\n`,
	`ADMIN_PASSWORD= two  words `:               `two  words`,
	`ADMIN_PASSWORD = 'two  words '`:            `two  words `,
	`ADMIN_PASSWORD=with#number # a comment`:    `with#number`,
	`ADMIN_PASSWORD='a #number' # a comment`:    `a #number`,
	`ADMIN_PASSWORD='$(touch OWNED) $$ ${x}'`:   `$(touch OWNED) $$ ${x}`,
	`ADMIN_PASSWORD='say "yes" \n \\ ü'`:        `say "yes" \n \\ ü`,
	`ADMIN_PASSWORD="it's \$5, \"no\" \\ less"`: `it's $5, "no" \ less`,
	`ADMIN_PASSWORD=it's "so"`:                  `it's "so"`,
	`export ADMIN_PASSWORD=exported`:            `exported`,
	`ADMIN_PASSWORD=Pay$Roll`:                   ``,
	`ADMIN_PASSWORD="Pay$Roll"`:                 ``,
	`ADMIN_PASSWORD="new\nline"`:                ``,
	`ADMIN_PASSWORD='open`:                      ``,
	`ADMIN_PASSWORD='two' 'parts'`:              ``,
	`ADMIN_PASSWORD='it\'s'`:                    ``,
	`ADMIN_PASSWORD=#hidden`:                    ``,
	`ADMIN_PASSWORD=Pässwort`:                   ``,
	"ADMIN_PASSWORD='a\ttab'":                   ``,
	`ADMIN_PASSWORD=generate`:                   ``,
	`ADMIN_PASSWORD: hidden`:                    ``,
}

// What is in .env is data. It is not run, and a password is shown as it takes effect, or
// its line is refused before anything starts.
func TestEnvIsData(t *testing.T) {
	for line, want := range passwords {
		for _, end := range []string{"", "\r"} {
			t.Run(line+end, func(t *testing.T) {
				t.Parallel()
				folder := newCheckout(t)
				newEnv(t, folder, line+end)
				said, ok, started := makeUp(t, folder)
				if found, _ := filepath.Glob(filepath.Join(folder, "OWNED")); found != nil {
					t.Fatal("a command in .env was run")
				}
				if ok != (want != "") || started != ok {
					t.Fatalf("it went well: %v, containers were started: %v: %s", ok, started, said)
				}
				if !ok {
					checkRefused(t, said)
					return
				}
				if !strings.Contains(said, "  password       "+want+" (") {
					t.Errorf("shown: %s", said)
				}
				if got := setting(compose(t, folder), "admin", "ADMIN_PASSWORD"); got != want {
					t.Errorf("the service has %q", got)
				}
			})
		}
	}
}

// checkRefused wants the line named, and nothing of the value.
func checkRefused(t *testing.T, said string) {
	t.Helper()
	if !strings.Contains(said, ".env, line ") || strings.Contains(said, "Roll") || strings.Contains(said, "hidden") {
		t.Errorf("said: %s", said)
	}
}

// The environment takes precedence over .env, in what takes effect and in what is shown.
func TestEnvironmentBeforeEnv(t *testing.T) {
	folder := newCheckout(t)
	newEnv(t, folder, "ADMIN_ARMY_NUMBER=N/1")
	said, _, _ := makeUp(t, folder, "ADMIN_ARMY_NUMBER=N/2")
	if got := setting(compose(t, folder, "ADMIN_ARMY_NUMBER=N/2"), "admin", "ADMIN_ARMY_NUMBER"); got != "N/2" || !strings.Contains(said, "army number    N/2\n") {
		t.Errorf("in force is %q, and shown: %s", got, said)
	}
}

// The name of the database becomes a part of a URI: one that would change that is
// refused, from wherever it comes, before anything starts.
func TestNameOfDatabase(t *testing.T) {
	for name, want := range map[string]bool{
		"": true, "pay": true, "Pay_2-b": true, "pay&tls=true": false, "pay%2f": false, "a b": false, "a/b": false, "a?b": false, "a#b": false, "gehälter": false,
	} {
		folder := newCheckout(t)
		newEnv(t, folder, "MONGO_DB='"+name+"'")
		if said, ok, started := makeUp(t, folder); ok != want || started != want || strings.Contains(said, "MONGO_DB must") == want {
			t.Errorf("%q in .env: it went well: %v, containers were started: %v: %s", name, ok, started, said)
		}
	}
	if said, ok, _ := makeUp(t, newCheckout(t), "MONGO_DB=a&b"); ok {
		t.Errorf("in the environment: %s", said)
	}
}

// Whatever is read from a .env, docker compose reads in the same way. The lines consist
// of characters that mean something to it.
func TestEnvIsReadAsComposeDoes(t *testing.T) {
	signs := []string{"'", `"`, `\`, "$", "#", " ", " #", "\t", "=", "a", "{", "}", "ü", "\u00a0", "\x85", "\r", ":", "n", "0"}
	const lines = 5000
	var text strings.Builder
	written := make([]string, lines)
	for i := range written {
		line := fmt.Sprintf("N%d=", i)
		for range rand.N(8) {
			line += signs[rand.N(len(signs))]
		}
		written[i] = line
		text.WriteString(line + "\n")
	}
	folder := newCheckout(t)
	write(t, filepath.Join(folder, "lines"), text.String())
	out, _ := run(t, folder, []string{"LC_ALL=C"}, "sh", "-c", "awk -f deploy/env.awk lines 2>/dev/null")
	taken := 0
	for printed := range strings.Lines(out) {
		var i int
		name, value, _ := strings.Cut(strings.TrimSuffix(printed, "\n"), "=")
		if _, err := fmt.Sscanf(name, "N%d", &i); err != nil {
			t.Fatal(printed)
		}
		taken++
		if got, err := dotenv.UnmarshalBytesWithLookup([]byte(written[i]+"\nNEXT=1\n"), nil); err != nil || got[name] != value || len(got) != 2 {
			t.Errorf("%q is taken for %q, and by compose for %q (%v)", written[i], value, got, err)
		}
	}
	if taken < lines/20 {
		t.Errorf("%d of %d lines were taken", taken, lines)
	}
}

// Promise 15: no secret of make up is known before, or for everybody to read,
// whatever line ends the example has.
func TestFreshSecrets(t *testing.T) {
	var made [2]map[string]string
	for i := range made {
		folder := newCheckout(t)
		if example := filepath.Join(folder, "deploy/.env.example"); i == 1 {
			write(t, example, strings.ReplaceAll(read(t, example), "\n", "\r\n"))
		}
		if said, ok, _ := makeUp(t, folder); !ok {
			t.Fatal(said)
		}
		first := read(t, filepath.Join(folder, ".env"))
		if mode := modeOf(t, filepath.Join(folder, ".env")); mode != 0o600 {
			t.Errorf("the mode of .env is %v", mode)
		}
		if makeUp(t, folder); read(t, filepath.Join(folder, ".env")) != first {
			t.Error("a later start has other secrets")
		}
		var err error
		if made[i], err = dotenv.UnmarshalBytesWithLookup([]byte(first), nil); err != nil {
			t.Fatal(err)
		}
	}
	for name, length := range map[string]int{"JWT_SECRET": 64, "MONGO_ROOT_PASSWORD": 64, "MONGO_APP_PASSWORD": 64, "ADMIN_PASSWORD": 16} {
		one, other := made[0][name], made[1][name]
		if len(one) != length || len(other) != length || one == other || strings.Trim(one+other, "0123456789abcdef") != "" {
			t.Errorf("%s is %q, and then %q", name, one, other)
		}
	}
}
