package main

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"

	"officepay.example/deploy/stack"
)

// bareCommand is how the program calls itself for the server of bare answers.
const bareCommand = "bare"

// bare serves, in a process of its own, what it was given: the least that a
// server on net/http does for the same bytes.
type bare struct {
	address string
	cmd     *exec.Cmd
}

func startBare() (*bare, error) {
	port, err := stack.FreePort()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	b := &bare{"127.0.0.1:" + port, exec.Command(self, bareCommand, "127.0.0.1:"+port)}
	b.cmd.Stderr = os.Stderr
	return b, b.cmd.Start()
}

func (b *bare) stop() {
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}

// keep gives the server the answer for everything from now on.
func (b *bare) keep(body []byte) error {
	_, _, err := (&conn{address: b.address}).do(request{"PUT", "/", body}.wire(""))
	return err
}

// serveBare is the server.
func serveBare(address string) error {
	var answer atomic.Pointer[[]byte]
	answer.Store(new([]byte))
	return http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodPut {
			answer.Store(&body)
			body = nil
		} else {
			body = *answer.Load()
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	}))
}
