package faults

import (
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
)

// eachProgram runs a test on both programs that make starts, each alone and
// with more environment. The test has the end at which the log is read.
func eachProgram(t *testing.T, host string, env []string, test func(t *testing.T, p *stack.Process, origin string, log *os.File)) {
	for _, name := range []string{"office-payment", "stack"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port, err := stack.FreePort()
			if err != nil {
				t.Fatal(err)
			}
			log, written, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			program := rig.Program(t, name)
			p := stack.NewProcess(program, nil, append(env, "HOST="+host, "PORT="+port, "DATA_DIR="+t.TempDir(),
				"JWT_SECRET="+rig.Secret, "BCRYPT_COST=4", "ADMIN_PASSWORD="+rig.AdminPassword,
				"STACK_BIN="+filepath.Dir(program), "STACK_CADDYFILE=../../Caddyfile", "MONGO_URI="), written)
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = p.Stop() })
			written.Close()
			origin := "http://" + net.JoinHostPort(host, port)
			if err := p.AwaitReady(t.Context(), origin); err != nil {
				t.Fatal(err)
			}
			test(t, p, origin, log)
		})
	}
}

// TestLogReaderEnds: the program that reads the log may end, as a journal does when it is
// restarted. The program that writes the log goes on.
func TestLogReaderEnds(t *testing.T) {
	eachProgram(t, "127.0.0.1", []string{"LOG_LEVEL=debug", "CADDY_LOG_LEVEL=DEBUG"}, func(t *testing.T, p *stack.Process, origin string, log *os.File) {
		log.Close()
		for range 2 { // what is ended by its line about a request has answered that one
			for _, path := range []string{"/auth/me", "/admin/dbs", "/personnels", "/analytics/dashboard", "/nowhere"} {
				if res, err := client.New(origin).Call(t.Context(), "GET", path, nil); err != nil || res.Status >= 500 {
					t.Errorf("%s: %d (%v)", path, res.Status, err)
				}
			}
		}
		select {
		case <-p.Done():
			t.Errorf("it has ended: %v", p.Err())
		default:
		}
	})
}

// Promise 11: behind another proxy, guesses from elsewhere do not pause the owner, even
// if that proxy writes ports and brackets; and here on IPv6.
func TestGuessingBehindAnotherProxy(t *testing.T) {
	if listener, err := net.Listen("tcp", "[::1]:0"); err != nil {
		t.Skip("this machine has no IPv6:", err)
	} else {
		listener.Close()
	}
	eachProgram(t, "::1", []string{"TRUSTED_PROXIES=10.0.0.7,::1"}, func(t *testing.T, _ *stack.Process, origin string, log *os.File) {
		go io.Copy(io.Discard, log)
		for n := range 10 {
			guessFrom(t, origin, "203.0.113.9:"+strconv.Itoa(40000+n))
		}
		for from, want := range map[string]int{
			"203.0.113.9": http.StatusTooManyRequests, "[2001:db8::1]:50001": http.StatusUnauthorized, "198.51.100.20:1": http.StatusUnauthorized,
		} {
			if got := guessFrom(t, origin, from); got != want {
				t.Errorf("%s: got %d, want %d", from, got, want)
			}
		}
	})
}

// guessFrom is a login with a wrong password, and what another proxy says of who
// tries. It returns the status.
func guessFrom(t *testing.T, origin, forwarded string) int {
	t.Helper()
	req, err := client.New(origin).Request(t.Context(), "POST", "/auth/login",
		map[string]string{"army_number": "N/1", "password": "wrong password"})
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", forwarded)
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res.Status
}
