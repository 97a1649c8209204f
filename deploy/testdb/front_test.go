package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
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

func TestFindOneAndUpdateIsAtomic(t *testing.T) {
	things := serve(t)
	upsert := options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)
	atOnce(t, 20, func(int) error {
		return things.FindOneAndUpdate(t.Context(), is("_id", 1), inc("n"), upsert).Err()
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

// TestWaitingBlocksNobody has one client wait for data that does not come.
func TestWaitingBlocksNobody(t *testing.T) {
	things := serve(t)
	waitForData(t, things.Database())

	begin := time.Now()
	insert(t, things, is("_id", 1))
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("an insert took %v while another client waited", took)
	}
}

// waitForData has the server wait, up to ten seconds, for data in a capped
// collection.
func waitForData(t *testing.T, db *mongo.Database) {
	t.Helper()
	capped := options.CreateCollection().SetCapped(true).SetSizeInBytes(1 << 20)
	if err := db.CreateCollection(t.Context(), "capped", capped); err != nil {
		t.Fatal(err)
	}
	insert(t, db.Collection("capped"), is("_id", 1))
	wait := options.Find().SetCursorType(options.TailableAwait).SetMaxAwaitTime(10 * time.Second)
	cursor, err := db.Collection("capped").Find(t.Context(), bson.D{}, wait.SetBatchSize(1))
	if err != nil || !cursor.Next(t.Context()) {
		t.Fatal("no first document", err)
	}

	woken := make(chan struct{})
	go func() {
		cursor.Next(t.Context())
		close(woken)
	}()
	select {
	case <-woken:
		t.Fatal("the server did not wait", cursor.Err())
	case <-time.After(100 * time.Millisecond):
	}
}

func TestEndsOnSignal(t *testing.T) {
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), asProgram+"=1",
		"GORACE=atexit_sleep_ms=0") // or the race detector adds a second
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
	things, disconnect := connect(t, strings.TrimSpace(uri))
	defer disconnect()
	waitForData(t, things.Database())

	begin := time.Now()
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("took %v to end", took)
	}
}
