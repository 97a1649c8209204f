// Package faults holds the product to its promises while something below it
// fails.
package faults

import (
	"testing"
	"time"

	"officepay.example/deploy/e2e/rig"
)

func TestProbe(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		r := start(t)
		db := r.NewDB()
		res, err := r.Admin.Call(t.Context(), "POST", "/personnels", rig.Record(db))
		if err != nil || res.Status != 201 {
			t.Fatal(err, res.Status, res.Message)
		}
		for _, p := range r.Serving {
			p.Kill()
			p.Start()
		}
		rig.Report(t, 21, "ready after %v", r.AwaitReady(5*time.Second))
	})
}
