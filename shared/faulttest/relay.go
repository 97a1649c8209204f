// Package faulttest has what tests break things with. No program links it.
package faulttest

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Relay stands between a client and a server, and can fail as a network does.
type Relay struct {
	t       testing.TB
	address string
	server  string

	mu       sync.Mutex
	listener net.Listener
	open     map[net.Conn]bool
	isSilent bool
	delay    time.Duration
}

// NewRelay is a relay to the server that is not there yet: Start begins it. It
// ends with the test.
func NewRelay(t testing.TB, server string) *Relay {
	t.Helper()
	r := &Relay{t: t, address: freeAddress(t), server: server, open: map[net.Conn]bool{}}
	t.Cleanup(r.Cut)
	return r
}

// given are the addresses of all relays: one that is cut comes back to its own.
var given sync.Map

// freeAddress has a port below those that systems give to outgoing connections:
// one of these could get it while the relay is cut.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 1000 {
		address := "127.0.0.1:" + strconv.Itoa(15000+rand.N(5000))
		if listener, err := net.Listen("tcp", address); err == nil {
			listener.Close()
			if _, taken := given.LoadOrStore(address, true); !taken {
				return address
			}
		}
	}
	t.Fatal("no free port was found")
	return ""
}

// Address is where clients connect to.
func (r *Relay) Address() string { return r.address }

// Start accepts connections, also again after Cut.
func (r *Relay) Start() {
	r.t.Helper()
	listener, err := net.Listen("tcp", r.address)
	// The relay of another program may have it meanwhile.
	for begin := time.Now(); errors.Is(err, syscall.EADDRINUSE) && time.Since(begin) < time.Minute; time.Sleep(20 * time.Millisecond) {
		listener, err = net.Listen("tcp", r.address)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listener = listener
	go r.accept(listener)
}

// Cut ends every connection and refuses new ones.
func (r *Relay) Cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener != nil {
		r.listener.Close()
		r.listener = nil
	}
	for conn := range r.open {
		conn.Close()
	}
	clear(r.open)
}

// Swallow makes the network a black hole: connections stay, and nothing comes
// through. When that ends, what was sent meanwhile arrives, as TCP has it.
func (r *Relay) Swallow(silent bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.isSilent = silent
}

// Delay makes every message so much later, in both directions.
func (r *Relay) Delay(by time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.delay = by
}

func (r *Relay) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go r.connect(listener, client)
	}
}

func (r *Relay) connect(listener net.Listener, client net.Conn) {
	server, err := net.Dial("tcp", r.server)
	if err != nil {
		client.Close()
		return
	}
	if !r.keep(listener, client, server) {
		client.Close()
		server.Close()
		return
	}
	go r.pass(server, client)
	r.pass(client, server)
}

// keep notes connections as open, unless their listener was cut meanwhile.
func (r *Relay) keep(listener net.Listener, conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener != listener {
		return false
	}
	for _, conn := range conns {
		r.open[conn] = true
	}
	return true
}

// pass hands on what comes from one side until either side ends.
func (r *Relay) pass(to, from net.Conn) {
	defer r.end(to, from)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || !r.isThrough(to) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// isThrough waits until the network lets something through, and tells whether
// the connection is still there then.
func (r *Relay) isThrough(to net.Conn) bool {
	const step = 10 * time.Millisecond
	for waited := time.Duration(0); ; waited += step {
		r.mu.Lock()
		there, blocked := r.open[to], r.isSilent || waited < r.delay
		r.mu.Unlock()
		if !there || !blocked {
			return there
		}
		time.Sleep(step)
	}
}

func (r *Relay) end(conns ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, conn := range conns {
		conn.Close()
		delete(r.open, conn)
	}
}
