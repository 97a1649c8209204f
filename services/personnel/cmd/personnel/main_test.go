package main

import (
	"io"
	"strings"
	"testing"

	"officepay.example/shared/mongodb/mongotest"
)

// Promise 15: no start without a real secret.
func TestBadSecrets(t *testing.T) { mongotest.RefusesBadSecrets(t, run) }

// Every setting at fault is named at once, those of the database too.
func TestFaultsOfSettings(t *testing.T) {
	settings := map[string]string{"MONGO_DB": "a b", "PORT": "x"}
	err := run(t.Context(), func(name string) string { return settings[name] }, io.Discard)
	for _, fault := range []string{"MONGO_URI", "MONGO_DB", "PORT", "JWT_SECRET"} {
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("the error does not name %s: %v", fault, err)
		}
	}
}
