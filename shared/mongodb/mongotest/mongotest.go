// Package mongotest gives tests a database of their own on MongoDB: on the
// server that MONGO_URI names, or else on the embedded one of deploy/testdb,
// which it starts once for each test binary: the program in the folder that
// STACK_BIN names, or else one that it builds.
//
// Where there is neither, the tests are skipped; with REQUIRE_MONGO=1 they
// fail.
package mongotest

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"officepay.example/shared/mongodb"
)

// Main is TestMain of every package that uses this one: it ends the embedded
// server when the tests have ended.
func Main(m *testing.M) {
	code := m.Run()
	stop()
	os.Exit(code)
}

// Config names a database that is there for one test alone.
func Config(t testing.TB) mongodb.Config {
	t.Helper()
	config := mongodb.Config{URI: uri(t), Database: "test-" + bson.NewObjectID().Hex()}
	t.Cleanup(func() {
		if err := Raw(t, config).Drop(context.Background()); err != nil {
			t.Errorf("dropping the database: %v", err)
		}
	})
	return config
}

// Open connects to a database of its own and prepares it.
func Open(t testing.TB) *mongodb.Client {
	t.Helper()
	client := Connect(t, Config(t))
	Prepare(t, client)
	return client
}

// Connect connects as a service does.
func Connect(t testing.TB, config mongodb.Config) *mongodb.Client {
	t.Helper()
	client, err := mongodb.Connect(config, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// Prepare does what a start of a service does.
func Prepare(t testing.TB, client *mongodb.Client) {
	t.Helper()
	if err := client.Prepare(context.Background(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatalf("preparing the database: %v", err)
	}
}

// Raw is the database as the driver alone sees it.
func Raw(t testing.TB, config mongodb.Config) *mongo.Database {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(config.URI).SetTimeout(time.Minute).SetServerSelectionTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Disconnect(context.Background()) })
	return client.Database(config.Database)
}

func uri(t testing.TB) string {
	t.Helper()
	if named := os.Getenv("MONGO_URI"); named != "" {
		return named
	}
	started, err := embedded()
	switch {
	case err == nil:
		return started
	case os.Getenv("REQUIRE_MONGO") == "1":
		t.Fatalf("no MongoDB to test on: %v", err)
	}
	t.Skipf("no MongoDB to test on; set MONGO_URI to name one: %v", err)
	return ""
}

// server is the embedded server, once it was asked for.
var server struct {
	dir     string
	process *exec.Cmd
}

// embedded starts the embedded server and returns its URI. What takes much longer
// there than on MongoDB, or because the machine is busy, is no outage.
var embedded = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "mongotest-")
	if err != nil {
		return "", err
	}
	server.dir = dir
	program, err := builtOrBuild(dir)
	if err != nil {
		return "", err
	}
	server.process = exec.Command(program, "-dir", filepath.Join(dir, "data"))
	output, err := server.process.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := server.process.Start(); err != nil {
		return "", err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the embedded server ended: %w", err)
	}
	return strings.TrimSpace(line) + "?timeoutMS=60000&connectTimeoutMS=60000&serverSelectionTimeoutMS=60000", nil
})

// builtOrBuild is the program that make has built, or else one that it builds in
// the folder: deploy/testdb is a module outside of the workspace.
func builtOrBuild(dir string) (program string, err error) {
	if bin := os.Getenv("STACK_BIN"); bin != "" {
		return filepath.Join(bin, "testdb"), nil
	}
	program = filepath.Join(dir, "testdb")
	command := exec.Command("go", "build", "-o", program, ".")
	command.Dir = inDeploy("testdb")
	command.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", command.Dir, err, output)
	}
	return program, nil
}

// inDeploy is a path in the folder deploy.
func inDeploy(path string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "..", "deploy", path)
}

// stop ends the embedded server, if it was started.
func stop() {
	if server.process != nil && server.process.Process != nil {
		server.process.Process.Kill()
		server.process.Wait()
	}
	os.RemoveAll(server.dir)
}
