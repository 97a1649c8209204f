package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"officepay.example/shared/web"
)

// limits are the size of a body, where there is one, and the time of the routes
// that have other limits than the rest.
var limits = map[string]web.Limits{
	"GET /personnels":                     {Timeout: 10 * time.Minute}, // while the answer is read
	"GET /personnels/db/{db_id}":          {Timeout: 30 * time.Second}, // and so are long pages
	"GET /personnels/db/{db_id}/trash":    {Timeout: 30 * time.Second},
	"GET /personnels/db/{db_id}/changes":  {Timeout: 30 * time.Second},
	"GET /personnels/history/{id}":        {Timeout: 30 * time.Second},
	"GET /admin/users":                    {Timeout: 30 * time.Second},
	"GET /admin/dbs":                      {Timeout: 30 * time.Second},
	"GET /personnels/checks":              {Timeout: 30 * time.Second},
	"GET /personnels/db/{db_id}/export":   {Timeout: 10 * time.Minute},
	"GET /personnels/db/{db_id}/schedule": {Timeout: 10 * time.Minute},
	"POST /personnels/upload":             {MaxBody: 16 << 20, Timeout: time.Minute},
	"DELETE /personnels/bulk-delete":      {MaxBody: 1 << 20, Timeout: time.Minute},
	"POST /personnels/restore/{id}":       {Timeout: 10 * time.Second}, // and no body
	"DELETE /admin/dbs/{id}":              {Timeout: 2 * time.Minute},
}

// Promises 19 and 29: every route has a limit of size and of time.
func TestEveryRouteHasItsLimits(t *testing.T) {
	for _, routes := range tables() {
		for _, route := range routes {
			name := route.Method + " " + route.Path
			want, others := limits[name]
			if !others {
				want = web.Limits{Timeout: 10 * time.Second}
				if route.Method == "POST" || route.Method == "PATCH" {
					want.MaxBody = 64 << 10
				}
			}
			if route.MaxBody != want.MaxBody || route.Timeout != want.Timeout {
				t.Errorf("%s: %d bytes, %v; want %d, %v", name, route.MaxBody, route.Timeout, want.MaxBody, want.Timeout)
			}
		}
	}
}

// proxyWait finds how long the proxy waits for the answers of a service: in the
// block that begins with a line, which names the service first.
func proxyWait(t *testing.T, caddyfile, block string) time.Duration {
	t.Helper()
	_, inside, _ := strings.Cut(caddyfile, "\thandle "+block+" {\n")
	match := regexp.MustCompile(`^\s*import service \S+ \S+ (\S+)\n`).FindStringSubmatch(inside)
	if match == nil {
		t.Fatalf("the Caddyfile sends nothing of %q to a service", block)
	}
	wait, err := time.ParseDuration(match[1])
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

// The proxy waits a little longer than the service that answers, so that it is
// the service's answer which arrives, and no longer.
func TestCaddyfileIsAsPatientAsTheServices(t *testing.T) {
	blocks := map[string]string{
		"POST /personnels/upload":        "/personnels/upload*",
		"GET /personnels/checks":         "/personnels/checks*",
		"DELETE /personnels/bulk-delete": "/personnels/bulk-delete*",
		"DELETE /admin/dbs/{id}":         "@deletion",
	}
	caddyfile := readFile(t, "../Caddyfile")
	for owner, routes := range tables() {
		for _, route := range routes {
			name := route.Method + " " + route.Path
			block, timeout := blocks[name], route.Timeout
			if block == "" { // also where the answer, once begun, may take longer
				block, timeout = "@"+owner, web.DefaultTimeout
			}
			if wait := proxyWait(t, caddyfile, block); wait != timeout+5*time.Second {
				t.Errorf("%s may take %v, and the proxy waits %v", name, timeout, wait)
			}
		}
	}
}

// Promises 19, 31 and 33: nobody keeps a connection to the proxy for ever, it
// ends before Docker kills it, it does not say what it is, and nobody on the
// same machine can give it other settings while it runs.
func TestCaddyfileEndsEveryWait(t *testing.T) {
	var settings []string
	for line := range strings.Lines(readFile(t, "../Caddyfile")) {
		settings = append(settings, strings.TrimSpace(line))
	}
	for _, setting := range []string{"grace_period 8s", "max_header_size 16KB", "read_header 5s",
		"read_body 65s", "write 11m", "idle 2m", "dial_timeout 1s", "-Server", "-Via", "admin off"} {
		if !slices.Contains(settings, setting) {
			t.Errorf("the Caddyfile lacks %s", setting)
		}
	}
}
