package serve

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// exhausted is a listener without a descriptor for a connection, until it is closed.
type exhausted struct {
	net.Listener
	closed chan struct{}
}

func (l exhausted) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, net.ErrClosed
	default:
		return nil, &net.OpError{Op: "accept", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
}

func (l exhausted) Close() error { return nil }

// Promise 46: who runs out of descriptors is warned, once a minute.
func TestExhaustionIsSaidOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelInfo}))
		listener := &warningListener{Listener: exhausted{closed: make(chan struct{})}, logger: logger}
		ended := make(chan error)
		go func() { ended <- newServer(t.Context(), http.NotFoundHandler(), logger).Serve(listener) }()
		time.Sleep(3*time.Minute + 30*time.Second)
		close(listener.Listener.(exhausted).closed)
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("it ended with %v", err)
		}
		if lines := log.String(); strings.Count(lines, "level=WARN") != 4 || strings.Count(lines, "\n") != 4 {
			t.Errorf("in three and a half minutes it said\n%s", lines)
		}
	})
}
