// Package compose tests what make up makes of a checkout and its .env, with the
// code by which docker compose itself reads them. No test starts a container.
package compose

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// used are the files of a checkout that make up works with.
var used = []string{"Makefile", "docker-compose.yml", "deploy/Caddyfile", "deploy/mongo-init.js", "deploy/.env.example",
	"deploy/env.awk", "deploy/make-env.sh", "deploy/up.sh", "deploy/frontend/README.md"}

// docker stands in for the program: it notes how it was called.
const docker = `#!/bin/sh
echo "$*" >>called
case "$*" in "compose port caddy 8080") echo "${PUBLISHED:-127.0.0.1:8080}" ;; esac
case "$*" in "compose up"*) exit "${FAILS:-0}" ;; esac
`

// newCheckout is a folder with what make up works with, as the strictest umask
// leaves it.
func newCheckout(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for _, name := range used {
		content, err := os.ReadFile(filepath.Join("../../..", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(folder, name), string(content))
	}
	write(t, filepath.Join(folder, "stub/docker"), docker)
	return folder
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// makeUp is make up with more environment: what it says, whether it ended well,
// and whether it came to the containers.
func makeUp(t *testing.T, folder string, env ...string) (said string, ok, started bool) {
	t.Helper()
	said, err := run(t, folder, env, "make", "-s", "up")
	_, noted := os.Stat(filepath.Join(folder, "called"))
	return said, err == nil, noted == nil
}

func run(t *testing.T, folder string, env []string, program string, args ...string) (said string, err error) {
	t.Helper()
	command := exec.Command(program, args...)
	command.Dir = folder
	command.Env = append(os.Environ(), append(env, "PATH="+filepath.Join(folder, "stub")+":"+os.Getenv("PATH"))...)
	out, err := command.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), err
}

// newEnv is the .env that make up writes, with other lines for some settings.
func newEnv(t *testing.T, folder string, lines ...string) {
	t.Helper()
	if said, err := run(t, folder, nil, "deploy/make-env.sh"); err != nil {
		t.Fatal(said)
	}
	path := filepath.Join(folder, ".env")
	text := read(t, path)
	for _, line := range lines {
		name, _, _ := strings.Cut(line, "=")
		before, rest, _ := strings.Cut(text, "\n"+name+"=")
		_, after, _ := strings.Cut(rest, "\n")
		text = before + "\n" + line + "\n" + after
	}
	write(t, path, text)
}

// compose is what docker compose makes of the checkout.
func compose(t *testing.T, folder string, env ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(folder, "docker-compose.yml")},
		cli.WithWorkingDirectory(folder), cli.WithEnv(env), cli.WithEnvFiles(), cli.WithDotEnv, cli.WithResolvedPaths(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// setting is an environment variable of a service.
func setting(project *types.Project, service, name string) string {
	if value := project.Services[service].Environment[name]; value != nil {
		return *value
	}
	return ""
}
