package main

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"officepay.example/services/admin"
	"officepay.example/services/analytics"
	"officepay.example/services/auth"
	"officepay.example/services/personnel"
	"officepay.example/shared/environ"
	"officepay.example/shared/password"
	"officepay.example/shared/serve"
)

// setting is a row of deploy/SETTINGS.md.
type setting struct {
	allInOne, stack string // defaults: of the all-in-one; of the services, Caddy and compose
	meaning         string
}

var (
	settingRow  = regexp.MustCompile("(?m)^\\| (`[A-Z][^|]*)\\|(.*)\\|$")
	settingName = regexp.MustCompile("`([A-Z_]+)`")
)

// settings are the rows, by variable.
func settings(t *testing.T) map[string]setting {
	t.Helper()
	table := map[string]setting{}
	for _, row := range settingRow.FindAllStringSubmatch(readFile(t, "../SETTINGS.md"), -1) {
		cells := strings.Split(row[2], "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		for _, name := range settingName.FindAllStringSubmatch(row[1], -1) {
			s := table[name[1]]
			s.stack, s.meaning = cells[len(cells)-2], cells[len(cells)-1]
			if len(cells) == 3 {
				s.allInOne = cells[0]
			}
			table[name[1]] = s
		}
	}
	return table
}

// reading is where a setting is read: a call in Go, Caddy's way, and compose's.
var reading = map[string]*regexp.Regexp{
	".go":                regexp.MustCompile(`\b(?:env|settings|e|getenv|env\.getenv)(?:\.\w+)?\("([A-Z][A-Z_]+)"`),
	"deploy/Caddyfile":   regexp.MustCompile(`\{\$([A-Z_]+)`),
	"docker-compose.yml": regexp.MustCompile(`\$\{([A-Z_]+)`),
}

// SETTINGS.md has what is read, and nothing else. An empty variable is as one that
// is unset: os.Getenv does not tell them apart, and nothing else may read one.
func TestSettingsAreThoseThatAreRead(t *testing.T) {
	table, read := settings(t), map[string]bool{}
	for path, text := range texts(t) {
		isProduct := strings.HasPrefix(path, "shared/") || strings.HasPrefix(path, "services/") || strings.HasPrefix(path, "deploy/local/")
		expression := reading[path]
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && isProduct && !strings.Contains(path, "test/") {
			expression = reading[".go"]
		}
		if expression == nil {
			continue
		}
		if strings.Contains(text, "os.LookupEnv") {
			t.Errorf("%s tells an empty variable from one that is unset", path)
		}
		for _, match := range expression.FindAllStringSubmatch(text, -1) {
			name := match[1]
			read[name] = true
			isUpstream := regexp.MustCompile(`^(AUTH|ADMIN|PERSONNEL|ANALYTICS)_(HOST|PORT)$`).MatchString(name)
			if _, listed := table[name]; !listed && !isUpstream && !strings.HasPrefix(name, "GO") { // Go's own
				t.Errorf("%s reads %s, which is not in SETTINGS.md", path, name)
			}
		}
	}
	for name := range table {
		if !read[name] {
			t.Errorf("nothing reads %s", name)
		}
	}
}

// value is a default that is given as a value.
func value(cell string) (string, bool) {
	match := regexp.MustCompile("^`([^`]*)`(;.*)?$").FindStringSubmatch(cell)
	if match == nil {
		return "", false
	}
	return match[1], true
}

func with(load func(*environ.Env) any) func(getenv func(string) string) (any, error) {
	return func(getenv func(string) string) (any, error) {
		env := environ.New(getenv)
		config := load(env)
		return config, env.Err()
	}
}

// A default that SETTINGS.md gives is what a program takes for nothing.
func TestSettingsHaveTheirDefaults(t *testing.T) {
	given := func(more ...string) func(string) string {
		env := map[string]string{"JWT_SECRET": strings.Repeat("s", 32), "ADMIN_PASSWORD": "a password", "DATA_DIR": t.TempDir()}
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return func(name string) string { return env[name] }
	}
	load := map[string]func(getenv func(string) string) (any, error){
		"all-in-one": func(getenv func(string) string) (any, error) {
			env := environment{getenv: getenv}
			return loadConfig(env, dataDirOf(env))
		},
		"auth": with(func(env *environ.Env) any {
			return []any{serve.LoadConfig(env, "", auth.DefaultPort), password.LoadCost(env)}
		}),
		"admin": with(func(env *environ.Env) any {
			return []any{serve.LoadConfig(env, "", admin.DefaultPort), password.LoadCost(env), admin.LoadFirstAdmin(env)}
		}),
		"personnel": with(func(env *environ.Env) any { return serve.LoadConfig(env, "", personnel.DefaultPort) }),
		"analytics": with(func(env *environ.Env) any { return serve.LoadConfig(env, "", analytics.DefaultPort) }),
	}
	for program, load := range load {
		want, err := load(given())
		if err != nil {
			t.Fatal(err)
		}
		for name, s := range settings(t) {
			text, isValue := value(s.stack)
			if program == "all-in-one" {
				text, isValue = value(s.allInOne)
			}
			if !isValue || name == "DATA_DIR" {
				continue
			}
			if got, err := load(given(name, text)); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %s=%s is not the default: %+v, %v", program, name, text, got, err)
			}
		}
	}
}

// The compose file and .env.example repeat the defaults, and the latter says of
// each setting what SETTINGS.md says.
func TestComposeRepeatsTheSettings(t *testing.T) {
	table := settings(t)
	composed := map[string]bool{}
	for _, use := range regexp.MustCompile(`\$\{([A-Z_]+)(?::-([^}]*))?`).FindAllStringSubmatch(readFile(t, "../../docker-compose.yml"), -1) {
		composed[use[1]] = true
		if want, isValue := value(table[use[1]].stack); isValue && use[2] != want {
			t.Errorf("the compose file takes %q for no %s, want %q", use[2], use[1], want)
		}
	}
	var comment []string
	for line := range strings.Lines(readFile(t, "../.env.example")) {
		line = strings.TrimSpace(line)
		name, text, isSetting := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, "#"):
			comment = append(comment, strings.TrimPrefix(strings.TrimPrefix(line, "#"), " "))
			continue
		case isSetting && !composed[name]:
			t.Errorf(".env.example sets %s, which the compose file does not read", name)
		case isSetting:
			if want := strings.ReplaceAll(table[name].meaning, "`", ""); strings.Join(comment, " ") != want {
				t.Errorf(".env.example says of %s %q, want %q", name, strings.Join(comment, " "), want)
			}
			if want, isValue := value(table[name].stack); isValue && text != want || !isValue && !slices.Contains([]string{"", "generate"}, text) {
				t.Errorf(".env.example sets %s to %q, want %q", name, text, want)
			}
		}
		comment = nil
	}
}

// The options of MONGO_URI have the defaults that the client gives them.
func TestOptionsOfMongoURI(t *testing.T) {
	written, set := map[string]string{}, map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]\\w+)` \\| `(\\d+)` \\|").FindAllStringSubmatch(readFile(t, "../SETTINGS.md"), -1) {
		written[row[1]] = row[2]
	}
	constant := regexp.MustCompile(`(?m)^\t\w+ += (\d+)(?: \* time\.(\w+))? +// (\w+)`)
	source := readFile(t, "../../shared/mongodb/mongodb.go")
	for _, c := range constant.FindAllStringSubmatch(source, -1) {
		set[c[3]] = c[1]
		if c[2] == "Second" {
			set[c[3]] += "000"
		}
	}
	set["maxPoolSize"] = regexp.MustCompile(`poolSize = (\d+)`).FindStringSubmatch(source)[1]
	if !maps.Equal(written, set) {
		t.Errorf("SETTINGS.md has %v, the client %v", written, set)
	}
}
