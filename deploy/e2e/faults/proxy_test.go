package faults

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// Promise 20: a body beyond the proxy's own limit is refused in the envelope,
// whether it says its length or not.
func TestProxyRefusesLargeBodies(t *testing.T) {
	t.Parallel()
	r := rig.Stack(t)
	for call, size := range map[string]int{"POST /auth/login": 200 << 10, "DELETE /personnels/bulk-delete": 3 << 20, "POST /personnels/upload": 18 << 20} {
		method, path, _ := strings.Cut(call, " ")
		body := strings.Repeat("x", size)
		for kind, reader := range map[string]io.Reader{"sized": strings.NewReader(body), "chunked": io.MultiReader(strings.NewReader(body))} {
			a := sendBody(t, r, method, path, reader)
			if err := a.checkFailed(http.StatusRequestEntityTooLarge); err != nil {
				t.Errorf("%s, %s: %v", call, kind, err)
			}
		}
	}
}

func sendBody(t *testing.T, r *rig.Rig, method, path string, body io.Reader) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, r.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{id: rig.Unique("CALL")}
	request.Header.Set("X-Request-ID", a.id)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+r.Admin.Token())
	if a.Response, a.err = client.Do(request); a.err == nil {
		a.Response, a.err = a.Open()
	}
	return a
}

// Promise 20: the id of a request goes into an error of the proxy only where
// it is safe in a header and a log.
func TestRequestIDsOfProxy(t *testing.T) {
	t.Parallel()
	r := rig.Stack(t)
	longest := strings.Repeat("x", 128)
	for sent, isKept := range map[string]bool{
		"": false, "Aa0-_.:": true, longest: true, longest + "x": false, `a"b`: false, "a b": false,
		"{http.request.host}": false, "{env.HOME}": false, "${1}": false, "é": false, "a,b": false,
	} {
		request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+"/auth/login", strings.NewReader(strings.Repeat("x", 200<<10)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Request-ID", sent)
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.Header.Get("X-Request-ID"); got == "" || (got == sent) != isKept || answer.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("%q was sent, and %q came back with %d", sent, got, answer.Status)
		}
	}
}

// Promise 20: the proxy allows the same origins as the services. A page of an allowed one
// can read the id of the request, which people are asked to quote.
func TestOriginsOfProxy(t *testing.T) {
	t.Parallel()
	const known, evil = "https://pay.example", "https://evil.example"
	for setting, allowed := range map[string]map[string]string{
		"https://other.example, " + known: {known: known, evil: "", "": ""},
		"*, " + known:                     {evil: "*", known: "*", "": "*"},
	} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			r := rig.Stack(t, "CORS_ORIGINS="+setting)
			for origin, want := range allowed {
				for kind, size := range map[string]int{"a service": 100 << 10, "the proxy": 200 << 10} {
					if err := checkOrigin(tooLarge(t, r, origin, size), want); err != nil {
						t.Errorf("the error of %s for %q: %v", kind, origin, err)
					}
				}
			}
		})
	}
}

// tooLarge is the answer to a page of an origin that sends too large a body.
func tooLarge(t *testing.T, r *rig.Rig, origin string, size int) client.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "POST", r.URL+"/auth/login", strings.NewReader(strings.Repeat("x", size)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Origin", origin)
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// checkOrigin wants an origin to be allowed, or none if it is empty. Caches must know if
// the answer differs between origins.
func checkOrigin(answer client.Response, allowed string) error {
	h := answer.Header
	err := checkStatus(answer.Status, []int{http.StatusRequestEntityTooLarge})
	if got := h.Get("Access-Control-Allow-Origin"); got != allowed {
		err = errors.Join(err, fmt.Errorf("%q is allowed, want %q", got, allowed))
	}
	readable := ""
	if allowed != "" {
		readable = "ETag, X-Request-ID, Retry-After"
	}
	if got := h.Get("Access-Control-Expose-Headers"); got != readable {
		err = errors.Join(err, fmt.Errorf("%q can be read", got))
	}
	if varies := allowed != "*"; varies != slices.Contains(h.Values("Vary"), "Origin") {
		err = errors.Join(err, fmt.Errorf("Vary is %q", h.Values("Vary")))
	}
	return err
}

// Promise 32: a service that once failed, or is slow to say that it is healthy, is still
// asked: there may be no other. One that is away is waited for as long as a restart
// takes.
func TestProxyTakesNoServiceOut(t *testing.T) {
	caddyfile := read(t, "../../Caddyfile")
	for _, setting := range []string{"fail_duration", "max_fails", "unhealthy_", "health_"} {
		if strings.Contains(caddyfile, setting) {
			t.Errorf("the Caddyfile has %s", setting)
		}
	}
	if want := fmt.Sprintf("lb_try_duration %v\n", tryDuration); !strings.Contains(caddyfile, want) {
		t.Errorf("the Caddyfile lacks %s", want)
	}
}

// Promise 32: what the tests run is the proxy that is deployed, and knows the
// settings: 2.11.4 or later.
func TestVersionOfProxy(t *testing.T) {
	built := regexp.MustCompile(`caddyserver/caddy/v2 v2\.(\d+)\.(\d+)`).FindStringSubmatch(read(t, "../../tools/go.mod"))
	if built == nil {
		t.Fatal("deploy/tools/go.mod names no Caddy")
	}
	minor, _ := strconv.Atoi(built[1])
	if patch, _ := strconv.Atoi(built[2]); minor < 11 || minor == 11 && patch < 4 {
		t.Errorf("deploy/tools has %s", built[0])
	}
	if image := fmt.Sprintf("caddy:2.%s.%s-", built[1], built[2]); !strings.Contains(read(t, "../../../docker-compose.yml"), image) {
		t.Errorf("docker-compose.yml deploys another Caddy than %s", image)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
