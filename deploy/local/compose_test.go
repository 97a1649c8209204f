package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// madeEnv is the .env that make up writes in a fresh clone.
func madeEnv(t *testing.T) string {
	t.Helper()
	clone := t.TempDir()
	if err := os.Mkdir(filepath.Join(clone, "deploy"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"make-env.sh", ".env.example"} {
		if err := os.WriteFile(filepath.Join(clone, "deploy", name), []byte(readFile(t, "../"+name)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var first string
	for range 2 { // the second finds the file, and leaves it as it is
		if out, err := exec.Command("sh", filepath.Join(clone, "deploy", "make-env.sh")).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		path := filepath.Join(clone, ".env")
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		text := readFile(t, path)
		if first != "" && text != first {
			t.Error("a later start has other secrets")
		}
		first = text
	}
	return first
}

// Promise 15: no secret of make up is known before, or for everybody to read.
func TestComposeHasFreshSecrets(t *testing.T) {
	secret := regexp.MustCompile(`(?m)^(\w+)=([0-9a-f]{16,})$`)
	one, two := secret.FindAllStringSubmatch(madeEnv(t), -1), secret.FindAllStringSubmatch(madeEnv(t), -1)
	lengths := map[string]int{"JWT_SECRET": 64, "MONGO_ROOT_PASSWORD": 64, "MONGO_APP_PASSWORD": 64, "ADMIN_PASSWORD": 16}
	if len(one) != len(lengths) || len(two) != len(lengths) {
		t.Fatalf("secrets are %q", one)
	}
	for i, match := range one {
		if len(match[2]) != lengths[match[1]] || match[2] == two[i][2] {
			t.Errorf("%s is %q, and then %q", match[1], match[2], two[i][2])
		}
	}
}

// composed are the parts of the compose file: the text below each name.
func composed(t *testing.T) map[string]string {
	t.Helper()
	parts, name := map[string]string{}, ""
	heading := regexp.MustCompile(`^(?:  (\w+):|(x-\w+): &\w+)$`)
	for line := range strings.Lines(readFile(t, "../../docker-compose.yml")) {
		if match := heading.FindStringSubmatch(strings.TrimRight(line, "\n")); match != nil {
			name = match[1] + match[2]
		}
		parts[name] += line
	}
	return parts
}

// The proxy is the only way in, and a service that is taken over can do little.
func TestComposeConfinesTheServices(t *testing.T) {
	parts := composed(t)
	for _, name := range []string{"caddy", "mongo", "auth", "admin", "personnel", "analytics"} {
		part := parts[name]
		if part == "" {
			t.Fatalf("the compose file has no %s", name)
		}
		if published := strings.Contains(part, "ports:"); published != (name == "caddy") {
			t.Errorf("%s is published: %v", name, published)
		}
		if ours := tables()[name] != nil; ours && !strings.Contains(part, "<<: *service\n") {
			t.Errorf("%s is not confined", name)
		}
	}
	for _, setting := range []string{"read_only: true", "cap_drop: [ALL]", `security_opt: ["no-new-privileges:true"]`} {
		if !strings.Contains(parts["x-service"], "  "+setting+"\n") {
			t.Errorf("the services lack %s", setting)
		}
	}
	if lines := strings.Split(readFile(t, "../Dockerfile"), "\n"); !slices.Contains(lines, "USER 65532:65532") {
		t.Error("the services run as root")
	}
	if roles := regexp.MustCompile(`(?m)^  roles: (.*),$`).FindStringSubmatch(readFile(t, "../mongo-init.js")); roles == nil ||
		roles[1] != `[{ role: "readWrite", db: process.env.MONGO_DB }]` {
		t.Errorf("the services may do %q in MongoDB", roles)
	}
}
