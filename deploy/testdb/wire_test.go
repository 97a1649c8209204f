package main

import (
	"errors"
	"net"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/wiremessage"
)

func dial(t *testing.T, uri string) net.Conn {
	t.Helper()
	client, err := net.Dial("tcp", strings.Trim(strings.TrimPrefix(uri, "mongodb://"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// insertMessage inserts a document and asks for no reply.
func insertMessage(t *testing.T) message {
	t.Helper()
	doc, err := bson.Marshal(bson.D{
		{Key: "insert", Value: "things"},
		{Key: "documents", Value: bson.A{is("n", 1)}},
		{Key: "$db", Value: "testdb"},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := newMessage(0, doc)
	m[headerSize] |= byte(wiremessage.MoreToCome)
	return m
}

func TestSurvivesClients(t *testing.T) {
	uri, stop := start(t)
	defer stop()
	complete := insertMessage(t)
	for name, c := range map[string]struct {
		bytes   message
		refused bool // the server hangs up, not the client
	}{
		"silent":        {nil, false},
		"cut short":     {complete[:len(complete)-5], false},
		"gone at once":  {complete, false},
		"without size":  {make(message, headerSize), true},
		"too large":     {wiremessage.AppendHeader(nil, maxMessageSize+1, 1, 0, wiremessage.OpMsg), true},
		"not a MongoDB": {message("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), true},
		"no document":   {newMessage(0, bson.Raw{9, 0, 0, 0, 1, 0, 0, 0, 0}), true},
	} {
		client := dial(t, uri)
		_, err := client.Write(c.bytes)
		if c.refused {
			if reply, err := readMessage(client); err == nil {
				t.Errorf("%s: it is answered %q", name, reply)
			}
		}
		if err := errors.Join(err, client.Close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	things, disconnect := connect(t, uri)
	defer disconnect()
	insert(t, things, is("_id", 1))
}

// TestUnacknowledgedWrite has the reply that FerretDB sends, and nobody waits
// for, not be taken for the reply to the next request.
func TestUnacknowledgedWrite(t *testing.T) {
	uri, stop := start(t)
	defer stop()
	client := dial(t, uri)
	defer func() { _ = client.Close() }()

	first, second := insertMessage(t), insertMessage(t)
	second[headerSize] = 0
	if _, err := client.Write(append(first, second...)); err != nil {
		t.Fatal(err)
	}
	reply, err := readMessage(client)
	if err != nil {
		t.Fatal(err)
	}
	_, want, _, _, _, _ := wiremessage.ReadHeader(second)
	if _, _, got, _, _, _ := wiremessage.ReadHeader(reply); got != want {
		t.Errorf("the first reply is to request %d, want %d", got, want)
	}
}
