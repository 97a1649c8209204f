package main

import (
	"strings"
	"testing"

	"officepay.example/deploy/e2e/rig"
)

// few are as many as the embedded database of the stack has time for.
const few = 200

// The demo runs, and again over what it left behind.
func TestDemo(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		r := start(t)
		people, err := readPeople()
		if err != nil {
			t.Fatal(err)
		}
		if r.Stack != nil {
			people = people[:few]
		}
		for range 2 {
			var out strings.Builder
			if err := show(t.Context(), settings{r.URL, rig.AdminNumber, rig.AdminPassword}, people, &out); err != nil {
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
