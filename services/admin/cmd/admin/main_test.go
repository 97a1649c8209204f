package main

import (
	"testing"

	"officepay.example/shared/mongodb/mongotest"
)

// Promise 15: no start without a real secret.
func TestBadSecrets(t *testing.T) { mongotest.RefusesBadSecrets(t, run) }
