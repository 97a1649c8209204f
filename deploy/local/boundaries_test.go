package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const prefix = "officepay.example/"

// allowed are the modules beside the standard library and our own that each
// module may link, itself and what it brings along.
var allowed = map[string][]string{
	"../../shared":             {"go.mongodb.org/mongo-driver/v2", "golang.org/x/crypto", "golang.org/x/text", "github.com/golang-jwt/jwt/v5"},
	"../../services/auth":      {"go.mongodb.org/mongo-driver/v2", "golang.org/x/crypto", "golang.org/x/text", "github.com/golang-jwt/jwt/v5"},
	"../../services/admin":     {"go.mongodb.org/mongo-driver/v2", "golang.org/x/crypto", "golang.org/x/text", "github.com/golang-jwt/jwt/v5"},
	"../../services/personnel": {"go.mongodb.org/mongo-driver/v2", "golang.org/x/crypto", "golang.org/x/text", "github.com/golang-jwt/jwt/v5"},
	"../../services/analytics": {"go.mongodb.org/mongo-driver/v2", "golang.org/x/crypto", "golang.org/x/text", "github.com/golang-jwt/jwt/v5"},
}

// list runs go list in a module, alone, and returns its lines.
func list(t *testing.T, dir string, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list in %s: %v", dir, err)
	}
	return strings.Fields(string(out))
}

// Rule 1: what each module asks for by name is on its list.
func TestDirectDependenciesAreTheAllowedOnes(t *testing.T) {
	for dir, modules := range allowed {
		for _, module := range list(t, dir, "-m", "-f", "{{if not (or .Main .Indirect)}}{{.Path}}{{end}}", "all") {
			if !strings.HasPrefix(module, prefix) && !slices.Contains(modules, module) {
				t.Errorf("%s depends on %s", dir, module)
			}
		}
		for _, pkg := range list(t, dir, "-f", `{{join .Imports "\n"}}`, "./...") {
			if strings.HasPrefix(pkg, "golang.org/x/text/") && pkg != "golang.org/x/text/unicode/norm" {
				t.Errorf("%s imports %s", dir, pkg)
			}
		}
	}
}

// Rule 2: no service imports another, and shared imports none.
func TestNoServiceImportsAnother(t *testing.T) {
	for dir := range allowed {
		own := prefix + strings.TrimPrefix(dir, "../../")
		for _, pkg := range list(t, dir, "-deps", "-test", "./...") {
			if strings.HasPrefix(pkg, prefix+"services/") && !strings.HasPrefix(pkg, own) {
				t.Errorf("%s imports %s", own, pkg)
			}
		}
	}
}

// Rule 2: the all-in-one links no MongoDB client.
func TestAllInOneLinksNoMongoDBClient(t *testing.T) {
	for _, pkg := range list(t, ".", "-deps", ".") {
		if strings.HasPrefix(pkg, "go.mongodb.org/mongo-driver/v2/mongo") {
			t.Errorf("the all-in-one links %s", pkg)
		}
	}
}

// Rule 3: a store knows no HTTP and hashes nothing.
func TestStoresKnowNoHTTP(t *testing.T) {
	for _, pkg := range list(t, ".", "-f", `{{join .Imports "\n"}}`, "./sqlitestore/...") {
		switch pkg {
		case "net/http", prefix + "shared/web", prefix + "shared/token", prefix + "shared/password":
			t.Errorf("sqlitestore imports %s", pkg)
		}
	}
}

// layers are the packages of shared, each above all that it may import.
var layers = [][]string{
	{"metrics"},
	{"office", "limit", "environ", "serve/version"},
	{"document", "token", "password"},
	{"web", "mongodb/legacy"},
	{"serve", "mongodb"},
}

// No arrow of the imports runs up, or from one side to the other.
func TestSharedStandsInLayers(t *testing.T) {
	layer := map[string]int{}
	for i, packages := range layers {
		for _, pkg := range packages {
			layer[prefix+"shared/"+pkg] = i
		}
	}
	for pkg, own := range layer {
		for _, imported := range list(t, "../../shared", "-f", `{{join .Imports "\n"}}`, pkg) {
			if below, ours := layer[imported]; ours && below >= own {
				t.Errorf("%s imports %s, which is not below it", pkg, imported)
			}
		}
	}
}
