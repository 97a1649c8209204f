package proxy

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"officepay.example/deploy/e2e/client"
)

// TestEncoding checks that Caddy sends a list in the encoding that a client accepts: the
// largest has 10000 records, and offices have slow lines.
func TestEncoding(t *testing.T) {
	list := `{"message":"Found.","statusCode":200,"data":[` + strings.Repeat(`{"first_name":"Ngozi"},`, 1000) + `{}]}`
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		io.WriteString(w, list)
	}))
	t.Cleanup(service.Close)
	origin := startCaddy(t, service)
	for accepted, want := range map[string]string{"gzip": "gzip", "gzip, zstd": "zstd", "identity": ""} {
		// Go leaves an encoding alone that was asked for by name.
		res := ask(t, "GET", origin+"/personnels", "Accept-Encoding", accepted)
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("accepting %q: Content-Encoding is %q, want %q", accepted, got, want)
		}
		if want != "" && len(res.Body) > len(list)/10 {
			t.Errorf("accepting %q: %d of %d bytes were sent", accepted, len(res.Body), len(list))
		}
		if want != "zstd" && decoded(t, res) != list {
			t.Errorf("accepting %q: another answer came", accepted)
		}
	}
}

func decoded(t *testing.T, res client.Response) string {
	t.Helper()
	if res.Header.Get("Content-Encoding") == "" {
		return string(res.Body)
	}
	reader, err := gzip.NewReader(bytes.NewReader(res.Body))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
