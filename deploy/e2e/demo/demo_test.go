package main

import (
	"strings"
	"testing"

	"officepay.example/deploy/e2e/rig"
)

// The demo runs, also over what it left behind the first time.
func TestDemo(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		r := start(t)
		env := map[string]string{"BASE_URL": r.URL, "ADMIN_ARMY_NUMBER": rig.AdminNumber, "ADMIN_PASSWORD": rig.AdminPassword}
		for range 2 {
			var out strings.Builder
			if err := run(t.Context(), func(name string) string { return env[name] }, &out); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
		}
	})
}

func TestSettings(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		says string
	}{
		"no password":    {nil, "ADMIN_PASSWORD is needed"},
		"nothing there":  {map[string]string{"ADMIN_PASSWORD": "x", "BASE_URL": "http://127.0.0.1:1"}, "make run"},
		"no such origin": {map[string]string{"ADMIN_PASSWORD": "x", "BASE_URL": "nowhere"}, "BASE_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(t.Context(), func(name string) string { return test.env[name] }, new(strings.Builder))
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}
