package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// grace is how long a command that runs when the front ends may go on.
const grace = time.Second / 2

// front stands between clients and the server at the address backend, and makes up for
// what a store relies on and FerretDB does differently from MongoDB. Above all it lets
// one command through at a time: an update of FerretDB is a read and then a write, so two
// at once would lose one of them.
type front struct {
	backend string
	log     *slog.Logger

	turn    sync.Mutex // held while a command runs, and guards the rest
	lookups lookups
	met     map[[2]string]bool // rules
}

func newFront(backend, dir string, log *slog.Logger) *front {
	return &front{backend: backend, log: log, lookups: lookups{dir: dir, have: map[string]bool{}}, met: map[[2]string]bool{}}
}

// serve accepts clients until ctx is done, and then lets every command that
// runs end, within grace.
func (f *front) serve(ctx context.Context, listener net.Listener) error {
	stop := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stop()

	var sessions sync.WaitGroup
	defer sessions.Wait()
	for {
		client, err := listener.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = client.Close()
			}
			return nil
		}
		if err != nil {
			return err
		}
		sessions.Go(func() { f.attend(ctx, client) })
	}
}

// attend serves one client until either side hangs up. Each has its own
// connection to the backend, which keeps state by connection.
func (f *front) attend(ctx context.Context, client net.Conn) {
	defer func() { _ = client.Close() }()
	backend, err := net.Dial("tcp", f.backend)
	if err != nil {
		return
	}
	defer func() { _ = backend.Close() }()

	stop := context.AfterFunc(ctx, func() {
		end := time.Now().Add(grace)
		_ = client.SetReadDeadline(time.Now())
		_ = client.SetWriteDeadline(end)
		_ = backend.SetDeadline(end)
	})
	defer stop()
	s := session{front: f, backend: backend, replies: bufio.NewReader(backend)}
	_ = s.serve(client) // either side has gone, and the other will notice
}

// session is the conversation with one client.
type session struct {
	front   *front
	backend net.Conn
	replies *bufio.Reader
	// isProduct tells that the client is one of the services, which must also work on a
	// sharded cluster. Other clients may do all that this server can.
	isProduct bool
}

// product begins the names by which the services identify themselves.
const product = "office-payment-"

func (s *session) serve(client net.Conn) error {
	requests := bufio.NewReader(client)
	for {
		m, err := readMessage(requests)
		if err != nil {
			return err
		}
		request, err := m.content()
		if err != nil {
			return err
		}
		reply, err := s.answer(m, request)
		if err != nil {
			return err
		}
		if request.unanswered {
			continue // FerretDB answers anyway
		}
		if _, err := client.Write(reply); err != nil {
			return err
		}
	}
}

// answer runs a command in its turn. hello does not wait for one: a driver uses it to
// find out whether the server is there.
func (s *session) answer(m message, request content) (message, error) {
	command := request.command()
	switch command {
	case "", "hello", "isMaster", "ismaster":
		s.isProduct = s.isProduct || bytes.Contains(m, []byte(product))
		return s.forward(m)
	}

	s.front.turn.Lock()
	defer s.front.turn.Unlock()
	reply, err := s.translated(m, request)
	if refused, ok := errors.AsType[*refusal](err); ok {
		reply, err := refused.reply()
		return newMessage(request.id, reply), err
	}
	if err != nil {
		return nil, err
	}
	if err := s.front.lookups.after(command, request.text("$db"), request.text(command)); err != nil {
		s.front.log.Error("no index for lookups by _id", "error", err) // slow, but right
	}
	return reply, nil
}

// checker checks a command, and logs which rules are met for the first time: so
// what the product sends can be compared with the list.
func (s *session) checker(request content) checker {
	return checker{
		indexes: func() []indexSpec { return s.indexes(request.text("$db"), request.text(request.command())) },
		met: func(r rule) {
			if at := [2]string{r.in, r.part}; !s.front.met[at] {
				s.front.met[at] = true
				s.front.log.Info("rule", "in", r.in, "part", r.part)
			}
		},
	}
}

// translated runs a command as MongoDB would. Its error may be a refusal.
func (s *session) translated(m message, request content) (message, error) {
	if refused := s.checker(request).check(request.command(), request.body); refused != nil && (s.isProduct || refused.code != shardKeyNotFound) {
		return nil, refused
	}
	translate, ok := translations[request.command()]
	if !ok {
		return s.forward(m)
	}
	reply, err := translate(s, request)
	return newMessage(request.id, reply), err
}

// forward passes m to the backend as it is.
func (s *session) forward(m message) (message, error) {
	if _, err := s.backend.Write(m); err != nil {
		return nil, err
	}
	return readMessage(s.replies)
}

// run has the backend run one command.
func (s *session) run(command bson.Raw) (bson.Raw, error) {
	m, err := s.forward(newMessage(0, command))
	if err != nil {
		return nil, err
	}
	reply, err := m.content()
	return reply.body, err
}
