package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/serve/version"
)

func readFile(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// firstSession are the commands of README.md under that heading.
func firstSession(t *testing.T) string {
	t.Helper()
	_, rest, found := strings.Cut(readFile(t, "../../README.md"), "\n## A first session\n")
	_, rest, opened := strings.Cut(rest, "\n```sh\n")
	block, _, closed := strings.Cut(rest, "\n```\n")
	if !found || !opened || !closed {
		t.Fatal("README.md has no commands under ## A first session")
	}
	return block
}

// TestREADMEsFirstSession runs those commands as they stand, but for the
// address, against a server whose first password is the one that stands there.
func TestREADMEsFirstSession(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl")
	}
	o := newInstallation(t)
	o.settings["ADMIN_PASSWORD"] = "the password that was shown"
	origin := serveUntilTheEnd(t, o)
	commands := strings.ReplaceAll(firstSession(t), "http://127.0.0.1:8080", origin)
	cmd := exec.Command("sh", "-eu")
	cmd.Stdin = strings.NewReader(commands)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	statuses := regexp.MustCompile(`"statusCode":(\d+)`).FindAllStringSubmatch(string(out), -1)
	if len(statuses) < 4 {
		t.Fatalf("only %d answers are shown:\n%s", len(statuses), out)
	}
	for _, status := range statuses {
		if !strings.HasPrefix(status[1], "2") {
			t.Errorf("an answer is %s:\n%s", status[1], out)
		}
	}
	if !strings.Contains(string(out), `"meta":{"total":1,`) {
		t.Errorf("the record is not found:\n%s", out)
	}
}

// serveUntilTheEnd starts the server, waits for it, and stops it with the test.
func serveUntilTheEnd(t *testing.T, o *installation) (origin string) {
	t.Helper()
	port := strconv.Itoa(freePort(t))
	o.settings["PORT"] = port
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := o.run(ctx, "", "serve")
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
			break
		}
		if time.Since(begin) > patience {
			t.Fatal(err)
		}
	}
	return "http://127.0.0.1:" + port
}

// The release stands in one place; the documents repeat it.
func TestDocumentsNameTheRelease(t *testing.T) {
	if !strings.Contains(readFile(t, "../openapi.yaml"), "\n  version: "+version.Number+"\n") {
		t.Errorf("deploy/openapi.yaml is not of release %s", version.Number)
	}
	releases := regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$`).FindAllStringSubmatch(readFile(t, "../../.github/CHANGELOG.md"), -1)
	if len(releases) == 0 || releases[0][1] != version.Number {
		t.Errorf("the latest release of .github/CHANGELOG.md is not %s: %q", version.Number, releases)
	}
}

// patience is how long a server may take to come up.
const patience = time.Minute
