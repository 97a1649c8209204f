package main

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// asProgram has the test binary be the program, for tests of the process.
const asProgram = "TESTDB_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// set, inc and is save the tests a lot of braces.
func set(key string, value any) bson.D { return bson.D{{Key: "$set", Value: is(key, value)}} }
func inc(key string) bson.D            { return bson.D{{Key: "$inc", Value: is(key, 1)}} }
func is(key string, value any) bson.D  { return bson.D{{Key: key, Value: value}} }

// atOnce runs n calls of f at the same time.
func atOnce(t *testing.T, n int, f func(i int) error) {
	t.Helper()
	var calls sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		calls.Go(func() {
			<-begin
			if err := f(i); err != nil {
				t.Errorf("call %d: %v", i, err)
			}
		})
	}
	close(begin)
	calls.Wait()
}

func wantCount(t *testing.T, things *mongo.Collection, id any, want int32) {
	t.Helper()
	var got struct{ N int32 }
	if err := things.FindOne(t.Context(), is("_id", id)).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.N != want {
		t.Errorf("counted to %d, want %d", got.N, want)
	}
}

func insert(t *testing.T, things *mongo.Collection, docs ...any) {
	t.Helper()
	if _, err := things.InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

func TestUpdateIsAtomic(t *testing.T) {
	things := serve(t)
	insert(t, things, bson.D{{Key: "_id", Value: 1}, {Key: "n", Value: 0}})
	atOnce(t, 20, func(int) error {
		_, err := things.UpdateOne(t.Context(), is("_id", 1), inc("n"))
		return err
	})
	wantCount(t, things, 1, 20)
}

func TestCompareAndSetHasOneWinner(t *testing.T) {
	uri, stop := start(t)
	defer stop()
	var clients []*mongo.Collection
	for range 8 {
		things, disconnect := connect(t, uri)
		defer disconnect()
		clients = append(clients, things)
	}
	insert(t, clients[0], bson.D{{Key: "_id", Value: 1}, {Key: "version", Value: 0}})

	for round := range 30 {
		var winners atomic.Int64
		atOnce(t, len(clients), func(i int) error {
			current := bson.D{{Key: "_id", Value: 1}, {Key: "version", Value: round}}
			result, err := clients[i].UpdateOne(t.Context(), current, set("version", round+1))
			if err == nil {
				winners.Add(result.ModifiedCount)
			}
			return err
		})
		if n := winners.Load(); n != 1 {
			t.Errorf("round %d: %d winners, want 1", round, n)
		}
	}
}

var silence = slog.New(slog.DiscardHandler)

// startFront starts a front on a port of its own, and returns its URI and a
// function that ends it.
func startFront(t *testing.T, f *front) (uri string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.serve(ctx, listener) }()
	return "mongodb://" + listener.Addr().String() + "/", func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestHelloTakesNoTurn has a driver find the server while a command runs.
func TestHelloTakesNoTurn(t *testing.T) {
	dir := t.TempDir()
	backend, stopBackend, err := startBackend(dir, silence)
	if err != nil {
		t.Fatal(err)
	}
	defer stopBackend()
	f := newFront(backend, dir, silence)
	uri, stop := startFront(t, f)
	defer stop()
	f.turn.Lock()
	defer f.turn.Unlock()
	client := dial(t, uri)
	defer func() { _ = client.Close() }()
	doc, err := bson.Marshal(d("hello", 1, "$db", "admin"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Write(newMessage(0, doc)); err != nil {
		t.Fatal(err)
	}
	if _, err := readMessage(client); err != nil {
		t.Error(err)
	}
}

// TestEndsWhileACommandRuns has a backend that never answers.
func TestEndsWhileACommandRuns(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	uri, stop := startFront(t, newFront(silent.Addr().String(), "", silence))
	client := dial(t, uri)
	defer func() { _ = client.Close() }()
	if _, err := client.Write(insertMessage(t)); err != nil {
		t.Fatal(err)
	}
	backend, err := silent.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = backend.Close() }()
	if _, err := readMessage(backend); err != nil { // the command runs
		t.Fatal(err)
	}
	stop()
}

func TestEndsOnSignal(t *testing.T) {
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), asProgram+"=1",
		"GORACE=atexit_sleep_ms=0") // otherwise the race detector adds a second
	program.Stderr = os.Stderr
	stdout, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = program.Process.Kill() }()
	uri, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, disconnect := connect(t, strings.TrimSpace(uri))
	defer disconnect()
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Error(err)
	}
}
