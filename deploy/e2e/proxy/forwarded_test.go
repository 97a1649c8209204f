package proxy

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestForwarded is promise 11: of X-Forwarded-For the services see what a trusted proxy
// wrote, followed by the address of whoever asked Caddy. What anybody else wrote is
// removed.
func TestForwarded(t *testing.T) {
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Forwarded"] = r.Header["X-Forwarded-For"]
	}))
	t.Cleanup(echo.Close)
	const sent = "6.6.6.6, 203.0.113.9:50001"
	for trusted, want := range map[string]string{
		"": "127.0.0.1", "10.0.0.7 10.1.0.0/16": "127.0.0.1",
		"10.0.0.7 127.0.0.0/8": sent + ", 127.0.0.1",
	} {
		origin := startCaddy(t, echo, "TRUSTED_PROXIES="+trusted)
		res := ask(t, "GET", origin+"/auth/me", "X-Forwarded-For", sent)
		if got := res.Header.Values("Forwarded"); len(got) != 1 || got[0] != want {
			t.Errorf("trusting %q: the service sees %q, want %q", trusted, got, want)
		}
	}
}

// TestOnIPv6: Caddy listens where it is told to, even on IPv6, and its metrics still stay
// on this machine.
func TestOnIPv6(t *testing.T) {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("this machine has no IPv6:", err)
	}
	listener.Close()
	metrics := freePort(t)
	origin, _ := caddy{host: "::1", file: "../../Caddyfile", log: t.Output()}.start(t, newLimitless(t).Server, "METRICS_PORT="+metrics)
	for _, address := range []string{origin + "/auth/me", "http://127.0.0.1:" + metrics + "/metrics"} {
		if res := ask(t, "GET", address, "Accept", data); res.Status != http.StatusOK {
			t.Errorf("%s: got %d", address, res.Status)
		}
	}
}
