package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
	"officepay.example/shared/faulttest"
)

// stopLimit is the time within which a process must have ended: then Docker kills it.
const stopLimit = 10 * time.Second

// refusalLimit is how soon a process that is told to stop takes no more
// connections, on a busy machine.
const refusalLimit = 5 * time.Second

// lastCall is how long a process that is told to stop still takes requests on
// the connections that it has.
const lastCall = 500 * time.Millisecond

// Promise 33: told to stop, every process of the product answers what is in
// flight, whose body may still be on its way, and what comes on a connection
// that a proxy holds; it takes no new connection, and ends without an error and in time.
func TestDrain(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t, "BCRYPT_COST=12")
		db := r.NewDB()
		for _, process := range r.Serving {
			atBest(t, 3, func() error { return drain(t, r, process, db) })
		}
	})
}

// drain stops a process. An error says that this test was too late with the last call;
// then the process has been started again.
func drain(t *testing.T, r *rig.Rig, process *stack.Process, db string) error {
	t.Helper()
	idle, slow := converse(t, r.Address(process)), converse(t, r.Address(process))
	idle.want(t, idle.ask(t, asked), http.StatusOK, false)
	rest, status := slow.beginSlow(t, r, process.Name, db, 400*time.Millisecond)
	begin := time.Now()
	process.Signal(syscall.SIGTERM)
	eventually(t, refusalLimit, refusal(r.Address(process)))
	late := time.Since(begin)
	answer, err := idle.tryToAsk(asked)
	if err != nil && late > lastCall/2 {
		restart(t, r, process)
		return fmt.Errorf("the last call came %v after SIGTERM: %w", late, err)
	}
	if err != nil {
		t.Fatalf("no answer to a call %v after SIGTERM: %v", late, err)
	}
	idle.want(t, answer, http.StatusOK, true)
	time.Sleep(2 * lastCall)
	slow.want(t, slow.ask(t, rest), status, true)
	wantEnd(t, process, begin)
	rig.Report(t, 33, "%s ended %v after SIGTERM", process.Name, time.Since(begin))
	return nil
}

func restart(t *testing.T, r *rig.Rig, process *stack.Process) {
	t.Helper()
	process.Kill()
	if r.Relay != nil {
		r.Relay.Delay(0)
	}
	start(t, process)
	if err := process.AwaitReady(t.Context(), r.Address(process)); err != nil {
		t.Fatal(err)
	}
}

// slowCall is a call with a body, for a process by name.
func slowCall(name, db string) (c call, status int) {
	switch name {
	case "auth":
		return call{"POST", "/auth/login", credentials}, http.StatusOK
	case "admin":
		return call{"POST", "/admin/dbs", rig.Fields{"name": "Another", "short_code": rig.Unique("DB")}}, http.StatusCreated
	case "analytics": // has no call with a body
		return call{"GET", "/analytics/dashboard", nil}, http.StatusOK
	}
	return call{"POST", "/personnels/upload", rig.Records(db, 100)}, http.StatusCreated
}

// beginSlow sends a call except for the end of its body, which it returns, and
// waits until the process asks for it, as it does when it has begun to read.
// Where there is no body, the database is slow instead, for as long as said.
func (c *conversation) beginSlow(t testing.TB, r *rig.Rig, name, db string, delay time.Duration) (rest string, status int) {
	t.Helper()
	call, status := slowCall(name, db)
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n", call.method, call.path, r.Admin.Token())
	if call.body == nil {
		r.Relay.Delay(delay)
		c.say(t, head+"\r\n")
		time.Sleep(200 * time.Millisecond) // until the process has it
		return "", status
	}
	body, err := json.Marshal(call.body)
	if err != nil {
		t.Fatal(err)
	}
	c.want(t, c.ask(t, head+fmt.Sprintf("Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", len(body))),
		http.StatusContinue, false)
	c.say(t, string(body[:len(body)/2]))
	return string(body[len(body)/2:]), status
}

// dialLimit is well over what a connection takes here, and under the second
// after which Linux asks again when a port that closes has lost its first packet:
// a client that waited for that would come too late for the last call.
const dialLimit = 100 * time.Millisecond

// refusal checks that nobody can connect any more.
func refusal(origin string) func() error {
	return func() error {
		conn, err := net.DialTimeout("tcp", strings.TrimPrefix(origin, "http://"), dialLimit)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return nil
		}
		if err == nil {
			conn.Close()
		}
		return fmt.Errorf("%s does not refuse connections: %v", origin, err)
	}
}

// wantEnd checks that a process that was told to stop ends without an error and in time.
func wantEnd(t *testing.T, process *stack.Process, begin time.Time) {
	t.Helper()
	select {
	case <-process.Done():
		if err := process.Err(); err != nil {
			t.Errorf("%s ended badly: %v", process.Name, err)
		}
	case <-time.After(time.Until(begin.Add(stopLimit))):
		t.Errorf("%s still runs %v after SIGTERM", process.Name, stopLimit)
	}
}

// Promise 33: a process that is told to stop while it starts, or waits for its database,
// ends without an error too.
func TestStopWhileStarting(t *testing.T) {
	for _, name := range append([]string{"office-payment"}, stack.Services...) {
		t.Run(name, func(t *testing.T) {
			port, err := stack.FreePort()
			if err != nil {
				t.Fatal(err)
			}
			log := new(faulttest.Log)
			process := stack.NewProcess(rig.Program(t, name), nil, []string{
				"HOST=127.0.0.1", "PORT=" + port, "DATA_DIR=" + t.TempDir(), "JWT_SECRET=" + rig.Secret,
				"MONGO_URI=mongodb://127.0.0.1:1/", "BCRYPT_COST=14", "ADMIN_PASSWORD=" + rig.AdminPassword}, log)
			if err := process.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(process.Kill)
			if err := process.AwaitPort(t.Context(), "127.0.0.1:"+port); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			process.Signal(syscall.SIGTERM)
			wantEnd(t, process, begin)
		})
	}
}

// largeList is how many records make an answer that waits for its reader: more
// than the buffers between two processes hold.
const largeList = 20000

// Promise 33: a client that does not read its answer holds nothing up, in the services or
// in the proxy in front of them.
func TestDrainWithStalledReader(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t)
		if r.Stack != nil && !rig.IsSoak() {
			t.Skip("the embedded database takes half a minute for an answer that is large enough: make soak waits for it")
		}
		r.Upload(rig.Records(r.NewDB(), largeList))
		stopping := r.Serving
		if r.Stack != nil {
			stopping = []*stack.Process{r.Stack.Process(stack.Proxy), r.Stack.Process("personnel")}
		}
		for _, process := range stopping { // each is all that holds its client up
			if err := stall(t, r, r.Address(process)); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			process.Signal(syscall.SIGTERM)
			wantEnd(t, process, begin)
			rig.Report(t, 33, "with a client that reads nothing, %s ends %v after SIGTERM", process.Name, time.Since(begin))
		}
	})
}

// askSilently asks for something, to read little or nothing of the answer.
func askSilently(t *testing.T, origin, path string, by *client.Client, headers string) *conversation {
	t.Helper()
	c := converse(t, origin)
	c.Conn.(*net.TCPConn).SetReadBuffer(4096)
	c.say(t, "GET "+path+" HTTP/1.1\r\nHost: a\r\n"+headers+"Authorization: Bearer "+by.Token()+"\r\n\r\n")
	return c
}

// stall asks for all records and reads none. A busy machine may end the answer
// by itself, for its database took too long; then it asks again.
func stall(t *testing.T, r *rig.Rig, origin string) error {
	t.Helper()
	for range 10 {
		id := rig.Unique("STALLED")
		c := askSilently(t, origin, "/personnels", r.Admin, "X-Request-ID: "+id+"\r\n")
		if _, err := c.reader.Peek(1); err != nil { // it has begun
			return err
		}
		time.Sleep(500 * time.Millisecond)
		if len(linesOf(r, id)) == 0 {
			return nil
		}
	}
	return errors.New("no answer waits for its reader")
}
