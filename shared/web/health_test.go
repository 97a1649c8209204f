package web

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestHealth(t *testing.T) {
	cases := map[string]struct {
		target string
		ready  error
		status int
		body   string
	}{
		"the process is up":        {"/healthz", nil, 200, "ok"},
		"also without a store":     {"/healthz", errors.New("refused: secret@host"), 200, "ok"},
		"the store answers":        {"/readyz", nil, 200, "ready"},
		"the store does not":       {"/readyz", errors.New("refused: secret@host"), 503, "database unavailable"},
		"with a slash at the end":  {"/readyz/", nil, 200, "ready"},
		"the store takes too long": {"/readyz", context.DeadlineExceeded, 503, "database unavailable"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			options := quiet()
			options.Ready = func(ctx context.Context) error {
				// Docker and Kubernetes give up after a few seconds.
				if deadline, limited := ctx.Deadline(); !limited || time.Until(deadline) > 3*time.Second {
					t.Error("answers after those who ask have given up")
				}
				return test.ready
			}
			for _, method := range []string{"GET", "HEAD"} {
				rec := ask(NewServer(options, nil), method, test.target)
				if want := `{"status":"` + test.body + `"}`; rec.Code != test.status || strings.TrimSpace(rec.Body.String()) != want {
					t.Errorf("%s: %d %s, want %s", method, rec.Code, rec.Body, want)
				}
			}
		})
	}
}
