package faults

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// Promise 40: whatever one user asks for, and however often, others are served. The test
// server of the stack does one command at a time: beside such crowds it takes minutes.
func TestOneUserLeavesRoom(t *testing.T) {
	r := rig.AllInOne(t, "MAX_IN_FLIGHT=16")
	db := r.NewDB()
	r.Upload(rig.Records(db, rig.Rounds(300, 2000)))
	greedy, modest := r.NewUser(db), r.NewUser(db)
	list := "/personnels/db/" + db
	for name, press := range map[string]func(crowd int) (end func()){
		"streams that are not read": func(crowd int) func() { return silently(t, r, greedy, crowd, "/personnels") },
		"files that are not read":   func(crowd int) func() { return silently(t, r, greedy, crowd, list+"/export?format=xlsx") },
		"pages that are not read":   func(crowd int) func() { return silently(t, r, greedy, crowd, list+"?limit=64") },
		"bodies that do not arrive": func(crowd int) func() { return withoutEnd(t, r, greedy, crowd) },
		"requests":                  func(crowd int) func() { return storm(t, greedy, crowd, "GET", list+"?limit=60") },
		"searches":                  func(crowd int) func() { return storm(t, greedy, crowd, "GET", list+"?search=a+u") },
		"checks":                    func(crowd int) func() { return storm(t, greedy, crowd, "GET", "/personnels/checks") },
	} {
		end := press(rig.Rounds(100, 300))
		time.Sleep(time.Second)
		begun, calls := time.Now(), 0
		for _, call := range []call{
			{"GET", "/auth/me", nil}, {"GET", list, nil}, {"GET", list + "?limit=100", nil}, {"GET", list + "?search=a", nil},
			{"GET", "/personnels", nil}, {"GET", list + "/export", nil}, {"GET", "/personnels/checks", nil},
			{"POST", "/personnels", rig.Record(db)}, {"POST", "/personnels/upload", rig.Records(db, 50)},
		} {
			answer := call.send(t.Context(), modest, false)
			if calls++; answer.err != nil || answer.Status >= 300 {
				t.Errorf("beside %s, %s %s of another is %d after %v: %s %v", name, call.method, call.path, answer.Status, answer.took, answer.Body, answer.err)
			}
		}
		rig.Report(t, 40, "beside %s of one user, %d calls of another take %v", name, calls, time.Since(begun))
		end()
	}
}

// silently asks many times and reads nothing.
func silently(t *testing.T, r *rig.Rig, by *client.Client, crowd int, path string) (end func()) {
	t.Helper()
	var all []*conversation
	for range crowd {
		all = append(all, askSilently(t, r.URL, path, by, ""))
	}
	return func() {
		for _, c := range all {
			c.Close()
		}
	}
}

// withoutEnd sends many large bodies without their end.
func withoutEnd(t *testing.T, r *rig.Rig, by *client.Client, crowd int) (end func()) {
	t.Helper()
	var all []io.Closer
	for i := range crowd {
		c := converse(t, r.URL)
		path, size := "/personnels", 60<<10
		if i%2 == 0 {
			path, size = "/personnels/upload", 8<<20
		}
		c.say(t, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\nAuthorization: Bearer %s\r\n\r\n%s",
			path, size, by.Token(), strings.Repeat(" ", 5<<10)))
		all = append(all, c)
	}
	return func() {
		for _, c := range all {
			c.Close()
		}
	}
}

// storm makes a call again and again, many at a time.
func storm(t *testing.T, by *client.Client, crowd int, method, path string) (end func()) {
	t.Helper()
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		done := make(chan struct{})
		for range crowd {
			go func() {
				defer func() { done <- struct{}{} }()
				for {
					select {
					case <-stop:
						return
					default:
						call{method, path, nil}.send(t.Context(), by, false)
					}
				}
			}()
		}
		for range crowd {
			<-done
		}
	}()
	return func() {
		close(stop)
		<-ended
	}
}
