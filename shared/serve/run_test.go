package serve

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

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

// Promise 33: told to stop, a service takes nothing new, answers what is in
// flight, and ends without an error.
func TestServeDrains(t *testing.T) {
	listener, address := listen(t)
	handler := slow{make(chan struct{}), make(chan struct{})}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, listener, handler, slog.New(slog.DiscardHandler)) }()
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
func TestServeAnswersALastCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		client, server := net.Pipe()
		defer client.Close()
		listener, ended := one(server), make(chan error, 1)
		go func() { ended <- Serve(ctx, listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler)) }()
		answers := bufio.NewReader(client)
		for _, isLast := range []bool{false, true} {
			io.WriteString(client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
			res, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatalf("no answer (the last: %v): %v", isLast, err)
			}
			io.Copy(io.Discard, res.Body)
			if res.Close != isLast {
				t.Errorf("the answer is the last: %v, want %v", res.Close, isLast)
			}
			stop()
			time.Sleep(lastCall - time.Millisecond)
			if _, err := listener.Accept(); err == nil {
				t.Error("new connections are still taken")
			}
		}
		if err := <-ended; err != nil {
			t.Errorf("ended with %v", err)
		}
	})
}

// OPTIONS * is answered by the service, like any other path that is not there,
// and not by net/http, which would leave out what every answer has.
func TestOptionsOfTheWholeServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		client, server := net.Pipe()
		defer client.Close()
		ours := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			stop()
		})
		go io.WriteString(client, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
		ended := make(chan error, 1)
		go func() { ended <- Serve(ctx, one(server), ours, slog.New(slog.DiscardHandler)) }()
		res, err := http.ReadResponse(bufio.NewReader(client), nil)
		if err != nil || res.StatusCode != http.StatusTeapot {
			t.Errorf("%+v, %v", res, err)
		}
		<-ended
	})
}

// Promise 33: what still runs at the end of the patience is cut off, and at an
// end before Run is: its caller closes the store next.
func TestServeEndsAfterWhatItCutsOff(t *testing.T) {
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
		if err := Serve(ctx, one(server), endless, slog.New(slog.DiscardHandler)); err != nil {
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
func TestServeEndsBesideWhatOverlooksItsEnd(t *testing.T) {
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
		if err := Serve(ctx, one(server), stubborn, slog.New(slog.DiscardHandler)); err != nil {
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

// refuses tells whether the address takes no more connections, in good time. A
// port that closes may lose the first packet of one, which Linux sends again
// only after a second.
func refuses(address string) bool {
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(time.Millisecond) {
		conn, err := net.DialTimeout("tcp", address, 100*time.Millisecond)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return true
		}
		if err == nil {
			conn.Close()
		}
	}
	return false
}
