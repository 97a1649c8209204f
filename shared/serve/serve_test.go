package serve

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// patience is how long a test waits for what should happen at once.
const patience = 5 * time.Second

// listen opens a port that is free.
func listen(t *testing.T) (net.Listener, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener, listener.Addr().String()
}

func TestListenOnAPortInUse(t *testing.T) {
	taken, address := listen(t)
	again, err := Listen("127.0.0.1", taken.Addr().(*net.TCPAddr).Port)
	if err == nil {
		again.Close()
		t.Fatal("two listen on one port")
	}
	if !strings.HasPrefix(err.Error(), address+" is in use") || !strings.Contains(err.Error(), "set PORT") {
		t.Errorf("got %v", err)
	}
}

func TestListenWhereNobodyCan(t *testing.T) {
	_, err := Listen("203.0.113.1", 0) // TEST-NET-3 is no machine's (RFC 5737)
	if err == nil || !strings.Contains(err.Error(), "203.0.113.1:0 (HOST, PORT)") {
		t.Errorf("got %v", err)
	}
}

func TestListen(t *testing.T) {
	listener, err := Listen("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if host := listener.Addr().(*net.TCPAddr).IP.String(); host != "127.0.0.1" {
		t.Errorf("listens on %s", host)
	}
}

// slow serves one request, which begins when it says so and ends when told.
type slow struct{ begun, end chan struct{} }

func (s slow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	close(s.begun)
	<-s.end
	io.WriteString(w, "done")
}

// get asks for the address and sends the body of the answer, or the error.
func get(address string) <-chan string {
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + address)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			answer <- err.Error()
			return
		}
		answer <- string(body)
	}()
	return answer
}

// within receives in good time, or fails.
func within[T any](t *testing.T, from <-chan T, what string) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(patience):
		t.Fatalf("%s takes more than %v", what, patience)
	}
	return value
}

// Promise 33: told to stop, a service takes nothing new, answers what is in
// flight, and ends without an error.
func TestRunDrains(t *testing.T) {
	listener, address := listen(t)
	handler := slow{make(chan struct{}), make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, listener, handler, slog.New(slog.DiscardHandler)) }()
	answer := get(address)
	within(t, handler.begun, "the request")
	stop()
	if !refuses(address) {
		t.Error("new connections are still taken")
	}
	select {
	case err := <-ended:
		t.Fatalf("ended with a request in flight: %v", err)
	default:
	}
	close(handler.end)
	if got := within(t, answer, "the answer"); got != "done" {
		t.Errorf("the request in flight got %q", got)
	}
	if err := within(t, ended, "the end"); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// Promise 32: a proxy that sends a request on an idle connection at the moment
// of the stop is answered, and told to send no other.
func TestRunAnswersALastCall(t *testing.T) {
	listener, address := listen(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler)) }()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for _, isLast := range []bool{false, true} {
		io.WriteString(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatalf("no answer (the last: %v): %v", isLast, err)
		}
		io.Copy(io.Discard, res.Body)
		if res.Close != isLast {
			t.Errorf("the answer is the last: %v, want %v", res.Close, isLast)
		}
		stop()
		if !refuses(address) {
			t.Error("new connections are still taken")
		}
	}
	if err := within(t, ended, "the end"); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// Promise 33: what still runs at the end of the patience is cut off, and at an
// end before Run is: its caller closes the store next.
func TestRunEndsAfterWhatItCutsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		isEnded := false
		endless := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			stop()
			<-r.Context().Done()
			time.Sleep(endTimeout / 2) // it tidies up
			isEnded = true
		})
		client, server := net.Pipe()
		defer client.Close()
		go io.WriteString(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nno more")
		begin := time.Now()
		if err := Run(ctx, one(server), endless, slog.New(slog.DiscardHandler)); err != nil {
			t.Errorf("ended with %v", err)
		}
		if !isEnded {
			t.Error("a request was still at work")
		}
		if took := time.Since(begin); took < drainTimeout || took > drainTimeout+endTimeout {
			t.Errorf("ended after %v", took)
		}
	})
}

// A request that overlooks its end does not keep the process from its own.
func TestRunEndsBesideWhatOverlooksItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		stubborn := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			stop()
			time.Sleep(time.Hour)
		})
		client, server := net.Pipe()
		defer client.Close()
		go io.WriteString(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		begin := time.Now()
		if err := Run(ctx, one(server), stubborn, slog.New(slog.DiscardHandler)); err != nil {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(begin); took > drainTimeout+endTimeout {
			t.Errorf("ended after %v", took)
		}
		time.Sleep(time.Hour) // a bubble ends after all within it
	})
}

// single is a listener to which one client connects.
type single struct {
	conns chan net.Conn
	once  sync.Once
}

func one(conn net.Conn) *single {
	conns := make(chan net.Conn, 1)
	conns <- conn
	return &single{conns: conns}
}

func (s *single) Accept() (net.Conn, error) {
	if conn, ok := <-s.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (s *single) Close() error {
	s.once.Do(func() { close(s.conns) })
	return nil
}

func (s *single) Addr() net.Addr { return &net.TCPAddr{} }

// refuses tells whether the address takes no more connections, in good time.
func refuses(address string) bool {
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return true
		}
		conn.Close()
	}
	return false
}

func TestRunTellsWhyItCannotServe(t *testing.T) {
	listener, _ := listen(t)
	listener.Close()
	err := Run(t.Context(), listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if err == nil {
		t.Error("a closed listener is no error")
	}
}

// Promise 19: headers have a limit also where nothing looks at them. net/http
// adds up to 8 KB of its own to it.
func TestHeadersHaveALimit(t *testing.T) {
	listener, address := listen(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler)) }()
	for size, want := range map[int]int{maxHeader - 1<<10: http.StatusNotFound, maxHeader + 9<<10: http.StatusRequestHeaderFieldsTooLarge} {
		r, err := http.NewRequest("GET", "http://"+address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Filler", strings.Repeat("x", size))
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%d bytes: status %d, want %d", size, res.StatusCode, want)
		}
	}
	stop()
	if err := within(t, ended, "the end"); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// Promise 31: a connection on which nothing happens ends, whatever it waits for.
// What a route says counts before that.
func TestEveryWaitEnds(t *testing.T) {
	server := newServer(t.Context(), http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	for what, limit := range map[string]time.Duration{
		"headers": server.ReadHeaderTimeout, "bodies": server.ReadTimeout, "answers": server.WriteTimeout, "requests": server.IdleTimeout,
	} {
		if limit <= 0 || limit > 10*time.Minute {
			t.Errorf("%s are waited for for %v", what, limit)
		}
	}
}

func TestContextEndsWithSIGTERM(t *testing.T) {
	ctx, stop := Context()
	defer stop()
	if ctx.Err() != nil {
		t.Fatal("ended before the signal")
	}
	terminate(t)
	within(t, ctx.Done(), "the signal")
}

func terminate(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// Promise 33: a second signal ends the process, also when it comes as soon as
// anybody can know of the first.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	const isChild = "SIGNALLED_CHILD"
	if os.Getenv(isChild) != "" {
		ctx, stop := Context()
		defer stop()
		terminate(t)
		<-ctx.Done()
		terminate(t)
		time.Sleep(10 * time.Second)
		return // well, which is wrong
	}
	for range 10 {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		child.Env = append(os.Environ(), isChild+"=yes")
		if output, err := child.CombinedOutput(); err == nil {
			t.Fatalf("the process outlived two signals: %s", output)
		}
	}
}
