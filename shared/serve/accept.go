package serve

import (
	"errors"
	"log/slog"
	"net"
	"syscall"
	"time"
)

// warningListener is a listener that warns when the process has no file descriptor left for a
// connection. net/http tries again, and logs that only at level debug.
type warningListener struct {
	net.Listener
	logger *slog.Logger
	next   time.Time // when it may warn again
}

// scarcityInterval is the least time between two warnings.
const scarcityInterval = time.Minute

// Accept implements net.Listener, for one caller at a time, as net/http is.
func (l *warningListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		if now := time.Now(); !now.Before(l.next) {
			l.next = now.Add(scarcityInterval)
			l.logger.Warn("no connection can be accepted: too many files and connections are open; "+
				"raise the limit of open files (ulimit -n, LimitNOFILE)", "error", err.Error())
		}
	}
	return conn, err
}
