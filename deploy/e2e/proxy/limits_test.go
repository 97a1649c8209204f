// Package proxy tests what Caddy does by itself, in front of a service that does none of
// it: it has no limits, no frontend and no encodings.
package proxy

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
)

// taken is what the service answers.
const taken = `{"message":"Taken.","statusCode":200,"data":{}}`

// limitless is a service that takes every body.
type limitless struct {
	*httptest.Server
	mu    sync.Mutex
	whole map[string][]int64 // the sizes of the bodies that came to their end, by path
}

func newLimitless(t *testing.T) *limitless {
	service := &limitless{whole: map[string][]int64{}}
	service.Server = httptest.NewServer(service)
	t.Cleanup(service.Close)
	return service
}

func (service *limitless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if size, err := io.Copy(io.Discard, r.Body); err == nil && r.Method == "POST" {
		service.mu.Lock()
		service.whole[r.URL.Path] = append(service.whole[r.URL.Path], size)
		service.mu.Unlock()
	}
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, taken)
}

// startCaddy starts Caddy as the stack does, with one service behind every
// path, unless more environment says otherwise, and returns its origin.
func startCaddy(t *testing.T, behind *httptest.Server, more ...string) string {
	t.Helper()
	origin, _ := caddy{host: "127.0.0.1", file: "../../Caddyfile", log: t.Output()}.start(t, behind, more...)
	return origin
}

// caddy is how Caddy is started.
type caddy struct {
	host, file string
	log        io.Writer
}

func (c caddy) start(t *testing.T, behind *httptest.Server, more ...string) (origin string, process *stack.Process) {
	t.Helper()
	_, servicePort, err := net.SplitHostPort(behind.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	port, home := freePort(t), t.TempDir()
	address := net.JoinHostPort(c.host, port)
	env := []string{"SITE_ADDRESS=:" + port, "BIND_ADDRESS=" + c.host, "METRICS_HOST=127.0.0.1", "METRICS_PORT=" + freePort(t),
		"XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home, "FRONTEND_DIST=" + home}
	for _, service := range stack.Services {
		service = strings.ToUpper(service)
		env = append(env, service+"_HOST=127.0.0.1", service+"_PORT="+servicePort)
	}
	process = stack.NewProcess(rig.Program(t, stack.Proxy),
		[]string{"run", "--config", c.file, "--adapter", "caddyfile"}, append(env, more...), c.log)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Stop() }) // what it has cut off may keep it busy
	if err := process.AwaitPort(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	return "http://" + address, process
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := stack.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// limits are those of the Caddyfile, in bytes, by path.
var limits = map[string]int64{
	"/auth/login": 128_000, "/admin/users": 128_000, "/personnels": 128_000, "/personnels/": 128_000, "/nowhere": 128_000,
	"/personnels/upload": 17_000_000, "/personnels/upload/": 17_000_000,
	"/personnels/bulk-delete": 2_000_000, "/personnels/bulk-delete/": 2_000_000,
}

// TestBodyLimits is promise 19: Caddy cuts off a body over its limit, whether
// the size is announced or not, and answers with a 413 in the envelope. The
// service behind sees a body that broke off, never one that ends.
func TestBodyLimits(t *testing.T) {
	service := newLimitless(t)
	origin := startCaddy(t, service.Server)
	for path, limit := range limits {
		for _, announced := range []bool{true, false} {
			t.Run(fmt.Sprint(path, announced), func(t *testing.T) {
				if res := send(t, origin+path, limit, announced); res.Status != 200 {
					t.Errorf("at the limit: got %d %s", res.Status, res.Body)
				}
				checkTooLarge(t, send(t, origin+path, limit+1, announced))
			})
		}
	}
	service.Close() // waits for what was cut off
	for path, limit := range limits {
		if got := service.whole[path]; !slices.Equal(got, []int64{limit, limit}) {
			t.Errorf("%s: the service got whole bodies of %v bytes, want two of %d", path, got, limit)
		}
	}
}

func checkTooLarge(t *testing.T, res client.Response) {
	t.Helper()
	res, err := res.Open()
	if err != nil || res.Status != 413 || !strings.Contains(res.Message, "too large") {
		t.Errorf("over the limit: got %d %s (%v)", res.Status, res.Body, err)
	}
	checkHeaders(t, res)
}

// checkHeaders wants what every answer has.
func checkHeaders(t *testing.T, res client.Response) {
	t.Helper()
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if res.Header.Get("X-Request-ID") == "" {
		t.Error("X-Request-ID is missing")
	}
}

// send posts a body of a size. Not announced, it is sent in chunks.
func send(t *testing.T, address string, size int64, announced bool) client.Response {
	t.Helper()
	req, err := http.NewRequest("POST", address, io.LimitReader(blanks{}, size))
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = -1
	if announced {
		req.ContentLength = size
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// blanks reads as endless blanks.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestHeaderLimit is promise 19: Caddy alone has a limit, a little above that
// of the services, whose answer is in the envelope.
func TestHeaderLimit(t *testing.T) {
	origin := startCaddy(t, newLimitless(t).Server)
	for size, want := range map[int]int{16 << 10: 200, 25 << 10: 431} {
		req, err := http.NewRequest("GET", origin+"/auth/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Filler", strings.Repeat("x", size))
		res, err := client.Do(req)
		isCutOff := err != nil && want == 431 // while the headers are still on their way
		if !isCutOff && (err != nil || res.Status != want) {
			t.Errorf("%d bytes: got %d %v, want %d", size, res.Status, err, want)
		}
	}
}
