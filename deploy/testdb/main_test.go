package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// start runs the server with args and returns its URI and a function that ends
// it and waits for that, failing the test if the server wrote anything besides
// the URI.
func start(t *testing.T, args ...string) (uri string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, stdout := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan error, 1)
	go func() {
		err := run(ctx, args, stdout, &stderr)
		_ = stdout.CloseWithError(err)
		done <- err
	}()

	lines := bufio.NewReader(out)
	uri, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("no URI: %v\n%s", err, &stderr)
	}
	return strings.TrimSpace(uri), func() {
		t.Helper()
		cancel()
		rest, _ := io.ReadAll(lines)
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if len(rest) > 0 || stderr.Len() > 0 {
			t.Errorf("more output than the URI: stdout %q, stderr %q", rest, &stderr)
		}
	}
}

// connect returns a collection on the server at uri and a function that closes
// the connection.
func connect(t *testing.T, uri string) (*mongo.Collection, func()) {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetTimeout(20 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Ping(t.Context(), nil); err != nil {
		t.Fatalf("ping: %v", err)
	}
	return client.Database("testdb").Collection("things"), func() {
		t.Helper()
		// Without a limit the driver looks half a minute for a server that has ended.
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := client.Disconnect(ctx); err != nil {
			t.Errorf("disconnect: %v", err)
		}
	}
}

// serve returns an empty collection on a server that runs as long as the test.
func serve(t *testing.T) *mongo.Collection {
	t.Helper()
	uri, stop := start(t)
	t.Cleanup(stop)
	things, disconnect := connect(t, uri)
	t.Cleanup(disconnect)
	return things
}

func TestKeepsDataInDir(t *testing.T) {
	type thing struct {
		ID   bson.ObjectID `bson:"_id"`
		Name string        `bson:"name"`
	}
	want := thing{ID: bson.NewObjectID(), Name: "lamp"}
	dir := t.TempDir() + "/a new directory"

	uri, stop := start(t, "-dir", dir)
	things, disconnect := connect(t, uri)
	if _, err := things.InsertOne(t.Context(), want); err != nil {
		t.Fatalf("insert: %v", err)
	}
	disconnect()
	stop()

	uri, stop = start(t, "-dir", dir)
	defer stop()
	things, disconnect = connect(t, uri)
	defer disconnect()
	var got thing
	if err := things.FindOne(t.Context(), bson.D{{Key: "name", Value: "lamp"}}).Decode(&got); err != nil {
		t.Fatalf("find after a restart: %v", err)
	}
	if got != want {
		t.Errorf("found %+v, want %+v", got, want)
	}
}

func TestRemovesTemporaryDirectory(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)

	uri, stop := start(t)
	things, disconnect := connect(t, uri)
	if _, err := things.InsertOne(t.Context(), bson.D{{Key: "name", Value: "lamp"}}); err != nil {
		t.Fatalf("insert: %v", err)
	}
	disconnect()
	stop()

	left, err := os.ReadDir(temp)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
