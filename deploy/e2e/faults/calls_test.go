package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// call is a request that the admin may make.
type call struct {
	method, path string
	body         any
}

func (c call) String() string { return c.method + " " + c.path }

// answer is what came of a call.
type answer struct {
	client.Response
	id   string // of the request, as it was sent
	took time.Duration
	err  error
}

// send makes the call; isFresh means on a connection of its own.
func (c call) send(ctx context.Context, caller *client.Client, isFresh bool) answer {
	request, err := caller.Request(ctx, c.method, c.path, c.body)
	if err != nil {
		return answer{err: err}
	}
	a := answer{id: rig.Unique("CALL")}
	request.Header.Set("X-Request-ID", a.id)
	request.Close = isFresh
	begin := time.Now()
	a.Response, a.err = client.Do(request)
	a.took = time.Since(begin)
	isFile := a.OK() && (strings.HasSuffix(c.path, "/export") || strings.HasSuffix(c.path, "/schedule"))
	if a.err == nil && c.method != "HEAD" && !isFile {
		a.Response, a.err = a.Open()
	}
	return a
}

// eachRoute is a good call of every route of the services, which the matrix of deploy/e2e
// lists.
func eachRoute(t *testing.T, r *rig.Rig) []call {
	t.Helper()
	matrix, err := os.ReadFile("../testdata/matrix.txt")
	if err != nil {
		t.Fatal(err)
	}
	ids, bodies := things(t, r)
	var calls []call
	for line := range strings.Lines(string(matrix)) {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] == "#" || words[0] == "route" {
			continue
		}
		method, path := words[0], words[1]
		if anybody := words[2] == "200"; anybody && method == "GET" { // belongs to no service, and asks no database
			continue
		}
		body, hasBody := bodies[method+" "+path]
		if !hasBody && (method == "POST" || method == "PATCH") {
			t.Fatalf("no body is known for %s %s", method, path)
		}
		calls = append(calls, call{method, ids.Replace(path), body})
	}
	if len(calls) < 20 {
		t.Fatalf("the matrix has %d routes", len(calls))
	}
	return calls
}

// things are what the routes are called on: their ids for a path, and the bodies.
func things(t *testing.T, r *rig.Rig) (*strings.Replacer, map[string]any) {
	t.Helper()
	db := r.NewDB()
	user, err := client.Get[client.User](t.Context(), r.NewUser(db), "/auth/me")
	if err != nil {
		t.Fatal(err)
	}
	record := newRecord(t, r, db)
	ids := strings.NewReplacer("{db_id}", db, "/users/{id}", "/users/"+user.ID, "/dbs/{id}", "/dbs/"+db, "{id}", record, "/breakdown", "/breakdown?by=rank")
	password := "another password"
	return ids, map[string]any{
		"POST /auth/login":           credentials,
		"POST /auth/change-password": rig.Fields{"old_password": rig.AdminPassword, "new_password": password},
		"POST /admin/users": rig.Fields{"first_name": "Ada", "last_name": "Obi",
			"army_number": rig.Unique("USER"), "password": password, "allowed_dbs": []string{db}},
		"PATCH /admin/users/{id}":        rig.Fields{"first_name": "Ngozi"},
		"POST /admin/reset-password":     rig.Fields{"user_id": user.ID, "new_password": password},
		"POST /admin/dbs":                rig.Fields{"name": "Another", "short_code": rig.Unique("DB")},
		"PATCH /admin/dbs/{id}":          rig.Fields{"name": "Another"},
		"POST /personnels":               rig.Record(db),
		"PATCH /personnels/{id}":         rig.Fields{"rank": "Sgt"},
		"POST /personnels/upload":        rig.Records(db, 3),
		"POST /personnels/restore/{id}":  nil,
		"DELETE /personnels/bulk-delete": rig.Fields{"personnels_id": []string{record}},
	}
}

var credentials = rig.Fields{"army_number": rig.AdminNumber, "password": rig.AdminPassword}

func newRecord(t *testing.T, r *rig.Rig, db string) (id string) {
	t.Helper()
	record, err := client.Send[client.Record](t.Context(), r.Admin, "POST", "/personnels", rig.Record(db))
	if err != nil {
		t.Fatal(err)
	}
	return record.ID
}

// checkFailed checks the answer to a call that was refused for what is true of all such
// answers.
func (a answer) checkFailed(statuses ...int) error {
	if a.err != nil {
		return a.err
	}
	faults := []error{checkStatus(a.Status, statuses)}
	want := map[string]string{
		"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Type": "application/json; charset=utf-8",
		"Access-Control-Allow-Origin": "*", "X-Request-Id": a.id,
	}
	for name, value := range want {
		if got := strings.Join(a.Header.Values(name), ", "); got != value {
			faults = append(faults, fmt.Errorf("%s is %q, want %q", name, got, value))
		}
	}
	if a.Status >= 502 && a.Status <= 504 && a.Header.Get("Retry-After") == "" {
		faults = append(faults, errors.New("there is no Retry-After"))
	}
	if a.Status == 504 && a.Message != "" && !strings.Contains(a.Message, "check whether it was done") { // HEAD has none
		faults = append(faults, fmt.Errorf("it may have been done, and the message is %q", a.Message))
	}
	return errors.Join(faults...)
}

func checkStatus(got int, statuses []int) error {
	for _, status := range statuses {
		if got == status {
			return nil
		}
	}
	return fmt.Errorf("the status is %d, want %d", got, statuses)
}

// atOnce does something that many times at once, and reports what failed.
func atOnce(t *testing.T, times int, do func(i int) error) {
	t.Helper()
	errs := make([]error, times)
	var running sync.WaitGroup
	for i := range times {
		running.Go(func() { errs[i] = do(i) })
	}
	running.Wait()
	const most = 10 // faults that help
	shown := 0
	for _, err := range errs {
		if err != nil && shown < most {
			t.Error(err)
			shown++
		}
	}
}

// patience is how long to wait, on a busy machine, for what otherwise happens at once.
const patience = time.Minute

// eventually waits until there is no error, which must be in time, and returns
// how long that took.
func eventually(t *testing.T, limit time.Duration, check func() error) time.Duration {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := check()
		if err == nil {
			return time.Since(begin)
		}
		if time.Since(begin) > limit {
			t.Fatalf("still after %v: %v", limit, err)
		}
	}
}
