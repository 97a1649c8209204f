// Package moving tests that an office can move from the all-in-one to MongoDB
// and back: what the API answers stays the same.
package moving

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
)

const (
	secret   = "a secret that all installations share, so that ids are all that matters"
	database = "moved"
	legacy   = "../../local/testdata/legacy"
)

// program is the path of a program that make has built.
func program(t *testing.T, name string) string {
	t.Helper()
	bin := os.Getenv("STACK_BIN")
	if bin == "" {
		t.Skip("needs the programs that make test builds; STACK_BIN names their folder")
	}
	return filepath.Join(bin, name)
}

// do runs a program to its end.
func do(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(program(t, name), args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// start starts a program that is ended when the test is.
func start(t *testing.T, env []string, name string, args ...string) *bufio.Reader {
	t.Helper()
	cmd := exec.Command(program(t, name), args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
	return bufio.NewReader(out)
}

// serve starts a program that serves the API, and returns where.
func serve(t *testing.T, name, dir string, more ...string) string {
	t.Helper()
	port := freePort(t)
	env := append([]string{"DATA_DIR=" + dir, "JWT_SECRET=" + secret, "HOST=127.0.0.1", "PORT=" + port, "LOG_LEVEL=warn",
		"STACK_CADDYFILE=../../Caddyfile"}, more...)
	start(t, env, name)
	origin := "http://127.0.0.1:" + port
	for range 600 {
		if response, err := http.Get(origin + "/readyz"); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return origin
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s does not become ready", name)
	return ""
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

// answers are the data that the API has for an admin and for a user.
func answers(t *testing.T, origin string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for number, password := range map[string]string{"N/17000": "LegacyAdmin#1", "N/17001": "LegacyUser#1"} {
		caller, _, err := client.New(origin).Login(context.Background(), number, password)
		if err != nil {
			t.Fatalf("%s cannot log in at %s: %v", number, origin, err)
		}
		for _, path := range questions(t, caller) {
			all[number+" "+path] = ask(t, caller, path)
		}
	}
	return all
}

// questions are every list and figure that the caller can ask for.
func questions(t *testing.T, caller *client.Client) []string {
	t.Helper()
	paths := []string{"/auth/me", "/admin/dbs?limit=100", "/admin/users?role=all&limit=100", "/personnels", "/analytics/dashboard"}
	var dbs struct {
		Data []struct{ ID string }
	}
	if err := json.Unmarshal([]byte(ask(t, caller, "/admin/dbs?limit=100")), &dbs); err != nil || len(dbs.Data) == 0 {
		t.Fatalf("no databases are listed: %v", err)
	}
	for _, db := range dbs.Data {
		list := "/personnels/db/" + db.ID + "?limit=10000"
		paths = append(paths, list, list+"&filter=awol", list+"&search=ola", "/analytics/personnels/db/"+db.ID)
	}
	return paths
}

func ask(t *testing.T, caller *client.Client, path string) string {
	t.Helper()
	response, err := caller.Call(context.Background(), "GET", path, nil)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return string(response.Data)
}

func compare(t *testing.T, where string, got, want map[string]string) {
	t.Helper()
	for question, answer := range want {
		if got[question] != answer {
			t.Errorf("%s: %s\nwas %.300s\nis  %.300s", where, question, answer, got[question])
		}
	}
}

func TestMovingToMongoDBAndBack(t *testing.T) {
	here, files, there, back := t.TempDir(), filepath.Join(t.TempDir(), "out"), t.TempDir(), t.TempDir()
	do(t, []string{"DATA_DIR=" + here}, "office-payment", "import", legacy)
	before := answers(t, serve(t, "office-payment", here))

	do(t, []string{"DATA_DIR=" + here}, "office-payment", "export", files)
	line, err := start(t, nil, "testdb", "-dir", t.TempDir()).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	uri := strings.TrimSpace(line)
	do(t, nil, "mongofiles", "load", uri, database, files)
	compare(t, "on MongoDB", answers(t, serve(t, "stack", there, "MONGO_URI="+uri, "MONGO_DB="+database)), before)

	do(t, nil, "mongofiles", "dump", uri, database, back)
	again := t.TempDir()
	do(t, []string{"DATA_DIR=" + again}, "office-payment", "import", back)
	compare(t, "back on SQLite", answers(t, serve(t, "office-payment", again)), before)
}

// The former backend's dump, put into MongoDB as it is, is served as the
// all-in-one serves it after an import (promise 27).
func TestLegacyDatabaseIsTakenOverAsItIs(t *testing.T) {
	here := t.TempDir()
	do(t, []string{"DATA_DIR=" + here}, "office-payment", "import", legacy)
	imported := answers(t, serve(t, "office-payment", here))
	line, err := start(t, nil, "testdb", "-dir", t.TempDir()).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	uri := strings.TrimSpace(line)
	do(t, nil, "mongofiles", "load", uri, database, legacy)
	compare(t, "taken over", answers(t, serve(t, "stack", t.TempDir(), "MONGO_URI="+uri, "MONGO_DB="+database)), imported)
}
