package serve

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for what should happen at once.
const patience = time.Minute

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

func TestServeTellsWhyItCannotServe(t *testing.T) {
	listener, _ := listen(t)
	listener.Close()
	err := Serve(t.Context(), listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler))
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
	go func() { ended <- Serve(ctx, listener, http.NotFoundHandler(), slog.New(slog.DiscardHandler)) }()
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
		time.Sleep(patience)
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

// Promise 15: a service that cannot run says why, and ends with a failure.
func TestMainTellsWhyItEnds(t *testing.T) {
	const isChild = "FAILING_CHILD"
	if os.Getenv(isChild) != "" {
		os.Args = os.Args[:1] // as a service is started
		Main("service", 1, func(context.Context, func(string) string, io.Writer) error {
			return errors.New("JWT_SECRET is not set")
		})
		return // well, which is wrong
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), isChild+"=yes")
	output, err := child.CombinedOutput()
	if child.ProcessState.ExitCode() != 1 || string(output) != "service: JWT_SECRET is not set\n" {
		t.Errorf("%v: %q", err, output)
	}
}
