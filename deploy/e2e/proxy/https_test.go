package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHTTPS: a browser that has come over HTTPS is told to use nothing else. Without
// HTTPS, it is not told so.
func TestHTTPS(t *testing.T) {
	const header = "Strict-Transport-Security"
	service := newLimitless(t).Server
	if got := ask(t, "GET", startCaddy(t, service)+"/auth/me", "Accept", data).Header.Get(header); got != "" {
		t.Errorf("over HTTP: %s is %q", header, got)
	}
	trusting := httptest.NewTLSServer(nil)
	defer trusting.Close()
	origin, _ := caddy{host: "127.0.0.1", file: withCertificate(t, trusting.TLS.Certificates[0]), log: t.Output()}.start(t, service)
	res, err := trusting.Client().Get(strings.Replace(origin, "http:", "https:", 1) + "/auth/me")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if got := res.Header.Get(header); res.StatusCode != http.StatusOK || got != "max-age=31536000" {
		t.Errorf("over HTTPS: got %d, and %s is %q", res.StatusCode, header, got)
	}
}

// withCertificate is the Caddyfile with HTTPS, with a certificate that is there, not one
// that Caddy gets.
func withCertificate(t *testing.T, certificate tls.Certificate) (file string) {
	t.Helper()
	folder := t.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	both := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
	both = append(both, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	text, err := os.ReadFile("../../Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	pems, file := filepath.Join(folder, "certificate"), filepath.Join(folder, "Caddyfile")
	changed := strings.NewReplacer("\tadmin off\n", "\tadmin off\n\tauto_https off\n",
		"{$SITE_ADDRESS::8080} {\n", "https://127.0.0.1{$SITE_ADDRESS} {\n\ttls "+pems+" "+pems+"\n").Replace(string(text))
	for name, content := range map[string]string{pems: string(both), file: changed} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}
