package mongodb_test

import (
	"net"
	"net/url"
	"sync"
	"testing"

	"officepay.example/shared/mongodb"
	"officepay.example/shared/mongodb/mongotest"
	"officepay.example/shared/office/officetest"
)

// relay stands between a service and its database, and can fail as a network
// does.
type relay struct {
	config  mongodb.Config // of the database as it is seen through the relay
	address string
	server  string

	mu       sync.Mutex
	listener net.Listener
	open     []net.Conn
	silent   bool // takes what is sent, and passes nothing on
}

// newRelay is a relay that is not there yet.
func newRelay(t *testing.T) *relay {
	t.Helper()
	config := mongotest.Config(t)
	direct, err := url.Parse(config.URI)
	if err != nil || direct.User != nil {
		t.Skip("MONGO_URI must be a plain address for this test")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	officetest.Must(t, err)
	listener.Close()
	r := &relay{config: config, address: listener.Addr().String(), server: direct.Host}
	// Without the options of the test server: with the limits of a service.
	r.config.URI = "mongodb://" + r.address + "/?directConnection=true"
	t.Cleanup(r.cut)
	return r
}

// start accepts connections.
func (r *relay) start(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", r.address)
	officetest.Must(t, err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listener = listener
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go r.pass(client)
		}
	}()
}

func (r *relay) pass(client net.Conn) {
	server, err := net.Dial("tcp", r.server)
	if err != nil {
		client.Close()
		return
	}
	r.mu.Lock()
	r.open = append(r.open, client, server)
	r.mu.Unlock()
	go r.copy(server, client)
	r.copy(client, server)
}

func (r *relay) copy(to, from net.Conn) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err == nil && !r.isSilent() {
			_, err = to.Write(buffer[:n])
		}
		if err != nil {
			return
		}
	}
}

func (r *relay) isSilent() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.silent
}

// swallow makes the network a black hole, or a network again.
func (r *relay) swallow(silent bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.silent = silent
}

// cut ends every connection and refuses new ones.
func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listener != nil {
		r.listener.Close()
	}
	for _, conn := range r.open {
		conn.Close()
	}
	r.open = nil
}
