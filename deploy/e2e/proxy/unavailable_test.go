package proxy

import (
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestNoReplica is promise 20: a service whose name resolves to no replica is a 503 of
// Caddy's own, in the envelope, and the other services answer. One to which nobody
// listens is a 502.
func TestNoReplica(t *testing.T) {
	nobody := freePort(t)
	origin := startCaddy(t, newLimitless(t).Server, "PERSONNEL_HOST=nowhere.invalid", "ANALYTICS_PORT="+nobody)
	for path, want := range map[string]int{
		"/personnels": 503, "/personnels/upload": 503,
		"/analytics/dashboard": 502, "/auth/me": 200, "/admin/dbs": 200,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel() // Caddy tries for a while
			res, err := client.New(origin).Call(t.Context(), "GET", path, nil)
			if err != nil || res.Status != want {
				t.Fatalf("got %d (%v), want %d", res.Status, err, want)
			}
			if want == 200 {
				return
			}
			checkHeaders(t, res)
			if after := res.Header.Get("Retry-After"); after != "2" || !strings.Contains(res.Message, "not available") {
				t.Errorf("got %q with Retry-After %q", res.Message, after)
			}
		})
	}
}
