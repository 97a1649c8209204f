package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
)

// The patience of the product with clients, and what a busy machine adds.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 10 * time.Second // of a route that names no other
	lateness      = 4 * time.Second
)

// Promise 31: clients that never finish their headers are gone after
// ReadHeaderTimeout, cost little memory, and slow nobody down.
func TestHalfOpen(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		r := start(t)
		count := rig.Rounds(500, 10000)
		atBest(t, 3, func() error {
			before, usedBefore := p99(t, r), usageOf(t, everything(r)...)
			begin := time.Now()
			conns := openHalf(t, r.URL, count)
			during, used := p99(t, r), usageOf(t, everything(r)...)
			var late error
			if took := time.Since(begin); took > headerTimeout {
				late = fmt.Errorf("the measurement took %v, longer than the connections last", took)
			}
			wantGoneConns(t, conns)
			rig.Report(t, 31, "%d half-open connections, all gone %v after the first: p99 %v before, %v during; %v before, %v during",
				count, time.Since(begin), before, during, usedBefore, used)
			return errors.Join(late, checkDoubled(before, during), used.checkFor(usedBefore, count))
		})
	})
}

// atBest does a measurement again when it fails: on a busy machine the first one may have
// measured something else.
func atBest(t *testing.T, times int, measure func() error) {
	t.Helper()
	for i := 1; ; i++ {
		err := measure()
		if err == nil {
			return
		}
		if i == times {
			t.Fatal(err)
		}
		t.Logf("measuring again: %v", err)
	}
}

// everything is what is between a client and the database.
func everything(r *rig.Rig) []*stack.Process {
	if r.Stack == nil {
		return r.Serving
	}
	return append(slices.Clone(r.Serving), r.Stack.Process(stack.Proxy))
}

// p99 is how long the slowest of a hundred ordinary requests takes.
func p99(t *testing.T, r *rig.Rig) time.Duration {
	t.Helper()
	var took []time.Duration
	for range 400 {
		a := call{"GET", "/auth/me", nil}.send(t.Context(), r.Admin, false)
		if a.err != nil || a.Status != http.StatusOK {
			t.Fatalf("an ordinary request: %d %v", a.Status, a.err)
		}
		took = append(took, a.took)
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// checkDoubled allows for what a timer of a busy machine is off.
func checkDoubled(before, during time.Duration) error {
	const noise = 2 * time.Millisecond
	if during > 2*before+noise {
		return fmt.Errorf("p99 is %v, and was %v", during, before)
	}
	return nil
}

// checkFor checks that this many clients cost little each.
func (u usage) checkFor(before usage, clients int) error {
	const each, noise = 40 << 10, 16 // bytes, and MB
	if limit := before.memory + noise + clients*each>>20; u.memory > limit {
		return fmt.Errorf("%v with %d clients, and %v before", u, clients, before)
	}
	return nil
}

// openHalf opens connections that send a part of a request, or nothing.
func openHalf(t *testing.T, origin string, count int) (conns []net.Conn) {
	t.Helper()
	t.Cleanup(func() {
		for _, conn := range conns {
			conn.Close()
		}
	})
	for i := range count {
		conn := dial(t, origin)
		conns = append(conns, conn)
		part := []string{"", "GE", "GET /auth/me HTTP/1.1\r\n", "GET /auth/me HTTP/1.1\r\nHost: a\r\nX-Fill"}[i%4]
		if _, err := io.WriteString(conn, part); err != nil {
			t.Fatal(err)
		}
	}
	return conns
}

// wantGoneConns checks that the other side ends every connection in time.
func wantGoneConns(t *testing.T, conns []net.Conn) {
	t.Helper()
	end := time.Now().Add(headerTimeout + lateness)
	left := 0
	for _, conn := range conns {
		conn.SetReadDeadline(end)
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			left++
		}
		conn.Close()
	}
	if left > 0 {
		t.Errorf("%d of %d connections are still open", left, len(conns))
	}
}

// Promise 31: bodies that come a byte a second are given up when the time of
// their route is up, and hold nobody else up.
func TestSlowBodies(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t)
		clients := rig.Rounds(50, 1000)
		before := usageOf(t, everything(r)...)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for range clients {
			running.Go(func() { trickle(ctx, r.URL) })
		}
		time.Sleep(bodyTimeout / 2)
		p99(t, r)                                                                        // they are answered
		if err := usageOf(t, everything(r)...).checkFor(before, 3*clients); err != nil { // a proxy has two connections for each
			t.Error(err)
		}
		eventually(t, bodyTimeout/2+lateness, func() error {
			if given := givenUp(r); given != clients {
				return fmt.Errorf("%d of %d slow bodies were given up", given, clients)
			}
			return nil
		})
		cancel()
		running.Wait()
	})
}

// givenUp counts the requests whose bodies took too long. The proxy still waits
// for the rest of them then, until its own patience ends.
func givenUp(r *rig.Rig) (count int) {
	for text := range strings.Lines(r.Log.String()) {
		var line logLine
		if json.Unmarshal([]byte(text), &line) == nil && line.Message == "request" && line.Status == http.StatusRequestTimeout {
			count++
		}
	}
	return count
}

// trickle sends a body slowly until it is answered.
func trickle(ctx context.Context, origin string) {
	body, feed := io.Pipe()
	request, err := http.NewRequestWithContext(ctx, "POST", origin+"/auth/login", body)
	if err != nil {
		panic(err) // the address is good
	}
	request.Header.Set("Content-Type", "application/json")
	answered := make(chan struct{})
	go func() {
		defer feed.Close()
		for {
			select {
			case <-answered:
				return
			case <-time.After(time.Second):
				io.WriteString(feed, " ")
			}
		}
	}()
	client.Do(request) // the log tells how it ended
	close(answered)
}

// Promise 31: clients that ask for everything and read nothing cost little, and
// the others are served. Answers that are large enough to wait for their reader
// are more than the embedded database of the stack has time for.
func TestStalledReaders(t *testing.T) {
	t.Parallel()
	r := rig.AllInOne(t)
	r.Upload(rig.Records(r.NewDB(), largeList))
	const clients = 40 // their answers together: over 300 MB
	before := usageOf(t, everything(r)...)
	for range clients {
		askSilently(t, r.URL, "/personnels", r.Admin, "")
	}
	eventually(t, time.Minute, served(t, r)) // once the buffers on the way are full
	var during usage
	for range rig.Rounds(3, 30) {
		time.Sleep(time.Second)
		eventually(t, time.Second, served(t, r))
		during = usageOf(t, everything(r)...)
	}
	rig.Report(t, 31, "%d clients that read nothing: %v before, %v during", clients, before, during)
	const most = 60 // MB: two steps of the list for each, and garbage
	if during.memory > before.memory+most {
		t.Errorf("%v with %d clients that read nothing, and %v before", during, clients, before)
	}
}

// served checks that somebody else is.
func served(t *testing.T, r *rig.Rig) func() error {
	return func() error {
		_, err := client.Get[client.User](t.Context(), r.Admin, "/auth/me")
		return err
	}
}

// Promise 31: nor do clients that ask for the largest pages and read nothing.
func TestStalledPages(t *testing.T) {
	t.Parallel()
	r := rig.AllInOne(t)
	db := r.NewDB()
	r.Upload(rig.Records(db, 10000))
	greedy, modest := r.NewUser(db), r.NewUser(db)
	page := "/personnels/db/" + db + "?limit=10000"
	wantPage := func() {
		list, err := client.Get[client.List[client.Record]](t.Context(), modest, page)
		if err != nil || len(list.Data) != 10000 {
			t.Fatalf("the other one's page has %d records: %v", len(list.Data), err)
		}
	}
	wantPage()
	const clients = 60 // their pages together: over 200 MB
	before := usageOf(t, everything(r)...)
	for range clients {
		askSilently(t, r.URL, page, greedy, "")
	}
	time.Sleep(3 * time.Second) // longer than it takes to make them all
	wantPage()
	during := usageOf(t, everything(r)...)
	rig.Report(t, 31, "%d clients that do not read a page of 10000 records: %v before, %v during", clients, before, during)
	const most = 150 // MB: those of 8, and garbage
	if during.memory > before.memory+most {
		t.Errorf("%v with %d stalled pages, and %v before", during, clients, before)
	}
}

// Promise 31: uploads that do not arrive keep nobody else's out.
func TestStalledUploads(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t)
		db := r.NewDB()
		greedy, modest := r.NewUser(db), r.NewUser(db)
		for range 40 {
			converse(t, r.URL).say(t, "POST /personnels/upload HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"+
				"Content-Length: 1000\r\nAuthorization: Bearer "+greedy.Token()+"\r\n\r\n[")
		}
		time.Sleep(500 * time.Millisecond) // they have arrived
		begin := time.Now()
		done, err := client.Send[client.Upload](t.Context(), modest, "POST", "/personnels/upload", rig.Records(db, 20))
		if took := time.Since(begin); err != nil || done.Inserted != 20 || took > 10*time.Second {
			t.Errorf("the other one's upload: %+v %v, after %v", done, err, took)
		}
	})
}

// Promise 31: bodies of which only the last byte is missing cost little together where
// they are decoded, and small ones are read meanwhile.
func TestLargeSlowBodies(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t)
		clients := rig.Rounds(1000, 2000)
		r.Login(rig.AdminNumber, rig.AdminPassword)
		before := usageOf(t, r.Serving...)
		for range clients {
			const size = 64 << 10
			conn := dial(t, r.URL)
			t.Cleanup(func() { conn.Close() })
			conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
			// A client whose body is refused may hear of it before all of it is sent.
			_, _ = io.WriteString(conn, login+fmt.Sprintf("Content-Length: %d\r\n\r\n%s", size, strings.Repeat(" ", size-1)))
		}
		during := usageOf(t, r.Serving...)
		r.Login(rig.AdminNumber, rig.AdminPassword)
		rig.Report(t, 31, "%d bodies of 64 KB without their last byte: %v before, %v during", clients, before, during)
		before.memory += 17 // MB of large bodies from one address
		if err := during.checkFor(before, clients); err != nil {
			t.Error(err)
		}
	})
}

// Promise 31: idle connections are cheap, and good for the next request.
func TestIdleConnections(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		t.Parallel()
		r := start(t)
		count := rig.Rounds(500, 5000)
		before := usageOf(t, everything(r)...)
		idle := make([]*conversation, count)
		for i := range idle {
			idle[i] = converse(t, r.URL)
			idle[i].want(t, idle[i].ask(t, asked), http.StatusOK, false)
		}
		used := usageOf(t, everything(r)...)
		rig.Report(t, 31, "%d idle connections: %v before, %v with them", count, before, used)
		if err := used.checkFor(before, count); err != nil {
			t.Error(err)
		}
		time.Sleep(headerTimeout + time.Second) // an idle connection has no headers to be late with
		for _, c := range idle {
			c.want(t, c.ask(t, asked), http.StatusOK, false)
		}
	})
}
