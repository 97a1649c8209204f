package proxy

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEmptySettingIsUnset: what the shell or .env sets to nothing has its default. Only
// Caddy and compose can tell the two apart: each of their variables is tried.
func TestEmptySettingIsUnset(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(service.Close)
	var empty []string
	for _, name := range variables(t, "../../Caddyfile", `\{\$(\w+)`) {
		if !regexp.MustCompile(`_(ADDRESS|HOST|PORT)$`).MatchString(name) { // those the test needs itself
			empty = append(empty, name+"=")
		}
	}
	if len(empty) == 0 {
		t.Fatal("the Caddyfile reads nothing")
	}
	if res := ask(t, "GET", startCaddy(t, service, empty...)+"/personnels", "Accept", page); res.Status != 200 {
		t.Errorf("with %v, Caddy answers %d", empty, res.Status)
	}

	defaults := regexp.MustCompile(`^:[-?]`)
	for _, use := range variables(t, "../../../docker-compose.yml", `\$\{(\w+[^\w}]?[^\w}]?)`) {
		name := strings.TrimRight(use, ":-?")
		if !defaults.MatchString(use[len(name):]) {
			t.Errorf("the compose file takes an empty %s", name)
		}
	}
}

// variables are what a file names, by a pattern with one group.
func variables(t *testing.T, path, pattern string) (names []string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(content), -1) {
		names = append(names, match[1])
	}
	return names
}
