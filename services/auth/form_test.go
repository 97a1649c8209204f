package auth

import (
	"strings"
	"testing"

	"officepay.example/shared/environ"
	"officepay.example/shared/password"
	"officepay.example/shared/serve"
	"officepay.example/shared/web"
)

func decode[T any](body string, read func(*web.Form) T) (T, error) {
	return web.Decode(&web.Request{Body: []byte(body)}, web.Whole, read)
}

func TestReadCredentials(t *testing.T) {
	cases := map[string]struct {
		body    string
		want    credentials
		problem string
	}{
		"both":                    {`{"army_number":"N/1","password":"secret"}`, credentials{"N/1", "secret"}, ""},
		"only the number trimmed": {`{"army_number":" N/1 ","password":" secret "}`, credentials{"N/1", " secret "}, ""},
		"password of 73 bytes":    {`{"army_number":"N/1","password":"` + strings.Repeat("a", 73) + `"}`, credentials{"N/1", strings.Repeat("a", 73)}, ""},
		"nothing":                 {`{}`, credentials{}, "The army number is required, and 1 more."},
		"no password":             {`{"army_number":"N/1"}`, credentials{}, "The password is required."},
		"empty password":          {`{"army_number":"N/1","password":""}`, credentials{}, "The password must not be blank."},
		"number for a password":   {`{"army_number":"N/1","password":123456}`, credentials{}, "The password must be text, not a number."},
		"operator for a number":   {`{"army_number":{"$ne":""},"password":"secret"}`, credentials{}, "The army number must be text, not an object."},
		"blank number":            {`{"army_number":"  ","password":"secret"}`, credentials{}, "The army number must not be blank."},
		"number in other case":    {`{"Army_Number":"N/1","password":"secret"}`, credentials{}, "The army number is required."},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := decode(test.body, readCredentials)
			checkRead(t, got == test.want, err, test.problem)
		})
	}
}

// checkRead checks that a body was read as wanted or, where there is a
// problem, refused with it.
func checkRead(t *testing.T, asWanted bool, err error, problem string) {
	t.Helper()
	if !asWanted {
		t.Error("is read as something else")
	}
	if (err != nil) != (problem != "") || err != nil && err.Error() != problem {
		t.Errorf("error %v, want %q", err, problem)
	}
}

func TestReadPasswordChange(t *testing.T) {
	long := strings.Repeat("a", 73)
	cases := map[string]struct {
		old, new string
		problem  string
	}{
		"good":             {"secret", "secret2", ""},
		"6 characters":     {"secret", "a1b2c3", ""},
		"a common one":     {"secret", "123456", "The new password is one of those that are guessed first: choose another."},
		"his number":       {"secret", "N/17000", "The new password must not be the army number."},
		"72 bytes":         {"secret", long[1:], ""},
		"5 bytes":          {"secret", "12345", "The new password must be at least 6 characters."},
		"73 bytes":         {"secret", long, "The new password must be at most 72 bytes (a letter with an accent takes two or more)."},
		"the old one":      {"secret", "secret", "The new password must differ from the old one."},
		"but for a blank":  {"secret", "secret ", ""},
		"no new one":       {"secret", "", "The new password must not be blank."},
		"no old one":       {"", "secret2", "The old password must not be blank."},
		"old one too long": {long, "secret2", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			want := passwordChange{test.old, test.new}
			if test.problem != "" {
				want = passwordChange{}
			}
			got, err := decode(`{"old_password":"`+test.old+`","new_password":"`+test.new+`"}`, readPasswordChange("N/17000"))
			checkRead(t, got == want, err, test.problem)
		})
	}
}

func TestLoadConfig(t *testing.T) {
	settings := map[string]string{"JWT_SECRET": "q3VnJ0Zk8wX2mB7tR5yL1pC9sD4fG6hN"}
	getenv := func(name string) string { return settings[name] }
	if got, err := load(getenv); err != nil || got.Port != DefaultPort || got.cost != 12 {
		t.Errorf("standard settings: %+v, %v", got, err)
	}
	for _, cost := range []string{"3", "17", "x"} {
		settings["BCRYPT_COST"] = cost
		if _, err := load(getenv); err == nil || err.Error() != "BCRYPT_COST must be a whole number from 4 to 16" {
			t.Errorf("cost %s: %v", cost, err)
		}
	}
	settings["JWT_SECRET"] = ""
	if _, err := load(getenv); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("two faults: %v", err)
	}
}

// loaded are the settings of the service.
type loaded struct {
	serve.Config
	cost int
}

func load(getenv func(string) string) (loaded, error) {
	env := environ.New(getenv)
	c := loaded{serve.LoadConfig(env, "", DefaultPort), password.LoadCost(env)}
	return c, env.Err()
}
