// Package moving tests that an office can move from the all-in-one to MongoDB
// and back: what the API answers stays the same. It also looks into the stores.
package moving

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
	"officepay.example/shared/faulttest"
)

const (
	secret = "a secret that all installations share, so that ids are all that matters"
	legacy = "../../local/testdata/legacy"
)

// person is somebody of the old backend's dump.
type person struct{ number, password string }

var admin, user = person{"N/17000", "LegacyAdmin#1"}, person{"N/17001", "LegacyUser#1"}

// do runs a program to its end.
func do(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	log := new(faulttest.Log)
	process := stack.NewProcess(rig.Program(t, name), args, env, log)
	must(t, process.Start())
	if err := process.Err(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, log)
	}
}

// start starts a program that ends with the test. If that fails, its log tells why.
func start(t *testing.T, process *stack.Process, log *faulttest.Log, isReady func(context.Context) error) {
	t.Helper()
	must(t, process.Start())
	t.Cleanup(func() {
		if err := process.Stop(); err != nil {
			t.Errorf("%v\n%s", err, log)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	must(t, isReady(ctx))
}

// serve starts a program that serves the API, and returns its address.
func serve(t *testing.T, name, dir string, more ...string) string {
	t.Helper()
	origin, _ := serveLogged(t, name, dir, more...)
	return origin
}

// serveLogged is serve that also returns the log.
func serveLogged(t *testing.T, name, dir string, more ...string) (origin string, log *faulttest.Log) {
	t.Helper()
	port, err := stack.FreePort()
	must(t, err)
	origin, log = "http://127.0.0.1:"+port, new(faulttest.Log)
	env := append([]string{"DATA_DIR=" + dir, "JWT_SECRET=" + secret, "HOST=127.0.0.1", "PORT=" + port, "LOG_LEVEL=warn",
		"STACK_CADDYFILE=../../Caddyfile"}, more...)
	t.Cleanup(func() {
		if err := rig.CheckLog(log.String(), map[string]string{secret: "the key of the tokens", admin.password: "a password", user.password: "a password"}); err != nil {
			t.Error(err)
		}
	})
	process := stack.NewProcess(rig.Program(t, name), nil, env, log)
	start(t, process, log, func(ctx context.Context) error { return process.AwaitReady(ctx, origin) })
	return origin, log
}

// startDatabase starts a server for the stack, and returns its URI and the name of
// a database there that is empty: on the server that MONGO_URI names, if it does.
func startDatabase(t *testing.T) (uri, database string) {
	t.Helper()
	database = "test-moved-" + strings.ToLower(rand.Text())
	if uri = os.Getenv("MONGO_URI"); uri != "" {
		t.Cleanup(func() { do(t, nil, "mongofiles", "drop", uri, database) })
		return uri, database
	}
	bin := filepath.Dir(rig.Program(t, stack.Database))
	log := new(faulttest.Log)
	process, address, err := stack.NewDatabase(bin, t.TempDir(), log)
	must(t, err)
	start(t, process, log, func(ctx context.Context) error { return process.AwaitPort(ctx, address) })
	return stack.URI(address), database
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answers are the data that the API has for an admin and for a user.
func answers(t *testing.T, origin string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, who := range []person{admin, user} {
		caller, _, err := client.New(origin).Login(context.Background(), who.number, who.password)
		if err != nil {
			t.Fatalf("%s cannot log in at %s: %v", who.number, origin, err)
		}
		for _, path := range questions(t, caller) {
			all[who.number+" "+path] = ask(t, caller, path)
		}
	}
	return all
}

// questions are every list and figure that the caller can ask for, and what a
// user may not.
func questions(t *testing.T, caller *client.Client) []string {
	t.Helper()
	paths := []string{"/auth/me", "/admin/dbs?limit=100", "/admin/users?role=all&limit=100", "/personnels", "/analytics/dashboard"}
	dbs, err := client.Get[client.List[client.DB]](context.Background(), caller, "/admin/dbs?limit=100")
	if err != nil || len(dbs.Data) == 0 {
		t.Fatalf("no databases are listed: %v", err)
	}
	for _, db := range dbs.Data {
		list := "/personnels/db/" + db.ID + "?limit=10000"
		paths = append(paths, list, list+"&filter=awol", list+"&search=ola", "/analytics/personnels/db/"+db.ID)
	}
	return paths
}

// ask is the status and the data of an answer.
func ask(t *testing.T, caller *client.Client, path string) string {
	t.Helper()
	response, err := caller.Call(context.Background(), "GET", path, nil)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return fmt.Sprint(response.Status, " ", string(response.Data))
}

func compare(t *testing.T, where string, got, want map[string]string) {
	t.Helper()
	for question, answer := range want {
		if strings.HasPrefix(question, admin.number) && !strings.HasPrefix(answer, "200 ") {
			t.Errorf("%s: %s: %.300s", where, question, answer)
		}
		if got[question] != answer {
			t.Errorf("%s: %s\nwas %.300s\nis  %.300s", where, question, answer, got[question])
		}
	}
}

func TestMovingToMongoDBAndBack(t *testing.T) {
	here, files, there, back := t.TempDir(), filepath.Join(t.TempDir(), "out"), t.TempDir(), t.TempDir()
	do(t, []string{"DATA_DIR=" + here}, "office-payment", "import", legacy)
	origin := serve(t, "office-payment", here)
	checkLegacy(t, "imported", origin)
	change(t, origin)
	before := withHistories(t, origin)

	do(t, []string{"DATA_DIR=" + here}, "office-payment", "export", files)
	uri, database := startDatabase(t)
	do(t, nil, "mongofiles", "load", uri, database, files)
	compare(t, "on MongoDB", withHistories(t, serve(t, "stack", there, "MONGO_URI="+uri, "MONGO_DB="+database)), before)

	do(t, nil, "mongofiles", "dump", uri, database, back)
	again := t.TempDir()
	do(t, []string{"DATA_DIR=" + again}, "office-payment", "import", back)
	origin = serve(t, "office-payment", again)
	compare(t, "back on SQLite", withHistories(t, origin), before)
}

// change gives some records a history, each a different one.
func change(t *testing.T, origin string) {
	t.Helper()
	caller, _, err := client.New(origin).Login(context.Background(), admin.number, admin.password)
	must(t, err)
	records, err := client.Get[client.List[client.Record]](context.Background(), caller, "/personnels?limit=4")
	must(t, err)
	for n, record := range records.Data {
		path := "/personnels/" + record.ID
		for _, call := range []struct {
			method, path string
			body         any
		}{
			{"PATCH", path, rig.Fields{"acct_number": "0000000001", "remark": "moved with its history"}},
			{"DELETE", path, nil},
			{"POST", "/personnels/restore/" + record.ID, nil},
			{"DELETE", "/personnels/bulk-delete", rig.Fields{"personnels_id": []string{record.ID, strings.Repeat("0", 24)}}},
		}[:n+1] {
			if res, err := caller.Call(context.Background(), call.method, call.path, call.body); err != nil || !res.OK() {
				t.Fatalf("%s %s: %d (%v)", call.method, call.path, res.Status, err)
			}
		}
	}
}

// withHistories are the answers, and what the API tells of the past.
func withHistories(t *testing.T, origin string) map[string]string {
	t.Helper()
	all := answers(t, origin)
	caller, _, err := client.New(origin).Login(context.Background(), admin.number, admin.password)
	must(t, err)
	dbs, err := client.Get[client.List[client.DB]](context.Background(), caller, "/admin/dbs?limit=100")
	must(t, err)
	for _, db := range dbs.Data {
		for _, path := range []string{"/trash?limit=100", "/changes?since=2020-01-01T00:00:00Z&limit=100"} {
			all[admin.number+" "+db.ID+path] = ask(t, caller, "/personnels/db/"+db.ID+path)
		}
	}
	return all
}

// The old backend's dump, put into MongoDB as it is, is served as the
// all-in-one serves it after an import (promise 27).
func TestLegacyDatabaseIsTakenOverAsItIs(t *testing.T) {
	here := t.TempDir()
	do(t, []string{"DATA_DIR=" + here}, "office-payment", "import", legacy)
	local := serve(t, "office-payment", here)
	imported := answers(t, local)
	uri, database := startDatabase(t)
	do(t, nil, "mongofiles", "load", uri, database, legacy)
	origin := serve(t, "stack", t.TempDir(), "MONGO_URI="+uri, "MONGO_DB="+database)
	checkLegacy(t, "taken over", origin)
	compare(t, "taken over", answers(t, origin), imported)
	checkEditing(t, local)
	checkEditing(t, origin)
}
