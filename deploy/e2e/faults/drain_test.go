package faults

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
	"officepay.example/shared/faulttest"
)

// stopLimit is within which a process must have ended: Docker kills then.
const stopLimit = 10 * time.Second

// refusalLimit is how soon a process that is told to stop takes no more
// connections, on a busy machine.
const refusalLimit = 5 * time.Second

// Promise 33: told to stop, every process of the product answers what is in
// flight, whose body may still be on its way, and what comes on a connection
// that a proxy holds; it takes no new connection, and ends well and in time.
func TestDrain(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t, "BCRYPT_COST=12")
		db := r.NewDB()
		for _, process := range r.Serving {
			origin := r.Address(process)
			idle := converse(t, origin)
			idle.want(t, idle.ask(t, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"), http.StatusOK, false)
			slow := converse(t, origin)
			rest, status := slow.beginSlow(t, r, process.Name, db)
			process.Signal(syscall.SIGTERM)
			begin := time.Now()
			eventually(t, refusalLimit, refusal(origin))
			idle.want(t, idle.ask(t, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"), http.StatusOK, true)
			time.Sleep(time.Second) // longer than the last call
			slow.want(t, slow.ask(t, rest), status, true)
			wantEnd(t, process, begin)
			rig.Report(t, 33, "%s has ended %v after SIGTERM", process.Name, time.Since(begin))
		}
	})
}

// conversation is one connection.
type conversation struct {
	net.Conn
	reader *bufio.Reader
}

func converse(t testing.TB, origin string) *conversation {
	t.Helper()
	conn := dial(t, origin)
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	return &conversation{conn, bufio.NewReader(conn)}
}

func (c *conversation) say(t testing.TB, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func (c *conversation) ask(t testing.TB, text string) *http.Response {
	t.Helper()
	c.say(t, text)
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	return response
}

// want checks an answer, whether it is whole, and whether it says that it is
// the last of its connection.
func (c *conversation) want(t testing.TB, response *http.Response, status int, isLast bool) {
	t.Helper()
	_, err := io.Copy(io.Discard, response.Body)
	if response.StatusCode != status || response.Close != isLast || err != nil {
		t.Errorf("the answer is %d, the last: %v, %v; want %d, %v", response.StatusCode, response.Close, err, status, isLast)
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

// beginSlow sends a call but for the end of its body, which it returns. Where
// there is no body, the database is slow instead.
func (c *conversation) beginSlow(t testing.TB, r *rig.Rig, name, db string) (rest string, status int) {
	t.Helper()
	call, status := slowCall(name, db)
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n", call.method, call.path, r.Admin.Token())
	if call.body == nil {
		r.Relay.Delay(400 * time.Millisecond)
		c.say(t, head+"\r\n")
	} else {
		body, err := json.Marshal(call.body)
		if err != nil {
			t.Fatal(err)
		}
		c.say(t, head+fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:len(body)/2]))
		rest = string(body[len(body)/2:])
	}
	time.Sleep(200 * time.Millisecond) // it is in the hands of the process now
	return rest, status
}

// dialLimit is well over what a connection takes here, and under the second
// after which Linux asks again when a port that closes has lost its first packet:
// who waited for that would come too late for the last call.
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

// wantEnd checks that a process which was told to stop ends well and in time.
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

// Promise 33: a second SIGTERM ends a process at once.
func TestSecondSignal(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t)
		db := r.NewDB()
		for _, process := range r.Serving {
			origin := r.Address(process)
			converse(t, origin).beginSlow(t, r, process.Name, db)
			process.Signal(syscall.SIGTERM)
			eventually(t, refusalLimit, refusal(origin))
			process.Signal(syscall.SIGTERM)
			select {
			case <-process.Done():
			case <-time.After(3 * time.Second): // without it, drainTimeout
				t.Errorf("%s still runs long after another SIGTERM", process.Name)
			}
		}
	})
}

// Promise 33: a process that is told to stop while it starts, or waits for its
// database, ends well too.
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

// Promise 33: a client that does not read its answer holds nothing up, in the
// services or in the proxy before them.
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

// Promise 33: a second signal to the program that runs the services ends all
// of them with it, at once.
func TestSecondSignalToStack(t *testing.T) {
	t.Parallel()
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	program := rig.Program(t, "stack")
	process := stack.NewProcess(program, nil, []string{
		"HOST=127.0.0.1", "PORT=" + port, "DATA_DIR=" + t.TempDir(), "JWT_SECRET=" + rig.Secret, "BCRYPT_COST=4",
		"ADMIN_PASSWORD=" + rig.AdminPassword, "STACK_BIN=" + filepath.Dir(program), "STACK_CADDYFILE=../../Caddyfile", "MONGO_URI="},
		new(faulttest.Log))
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(process.Kill)
	origin := "http://127.0.0.1:" + port
	if err := process.AwaitReady(t.Context(), origin); err != nil {
		t.Fatal(err)
	}
	converse(t, origin).say(t, login+"Content-Length: 100\r\n\r\n{") // is waited for
	time.Sleep(200 * time.Millisecond)
	process.Signal(syscall.SIGTERM)
	time.Sleep(200 * time.Millisecond) // the same signal twice at once is one
	process.Signal(syscall.SIGTERM)
	select {
	case <-process.Done():
	case <-time.After(refusalLimit):
		t.Error("it still runs long after another SIGTERM")
	}
	eventually(t, refusalLimit, refusal(origin))
}
