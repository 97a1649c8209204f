package faults

import (
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"officepay.example/deploy/e2e/rig"
	"officepay.example/deploy/stack"
)

// TestKilledUnderWrites is promise 21: what was acknowledged is there after any
// process was killed at any moment, an upload is whole or absent, and nothing
// is damaged.
func TestKilledUnderWrites(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) { // not side by side: how soon everything is ready counts
		r := start(t)
		rounds := victims(r)
		var acked, uncertain int
		var ready []time.Duration
		for round := range rig.Rounds(len(rounds), 30) {
			ledgers := writeAndKill(t, r, rounds[round%len(rounds)])
			ready = append(ready, r.AwaitReady(patience))
			for _, l := range ledgers {
				l.check()
				acked += l.acked
				uncertain += l.uncertain()
			}
			checkFile(t, r)
			if t.Failed() {
				t.Fatalf("in round %d", round+1)
			}
		}
		middle := median(ready)
		if middle > 2*time.Second { // on a machine that may be busy
			if reference := timeToRestart(t, r, rounds); middle > 3*reference {
				t.Errorf("ready %v after a kill, and %v after a good end", middle, reference)
			}
		}
		rig.Report(t, 21, "%d kills, %d acknowledged writes, none lost; %d without an answer, whole or absent; ready after %v (median), %v (longest)",
			len(ready), acked, uncertain, middle.Round(time.Millisecond), slices.Max(ready).Round(time.Millisecond))
	})
}

func median(times []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(times))[len(times)/2]
}

// timeToRestart is how long it takes until everything is ready after processes have ended
// without an error.
func timeToRestart(t *testing.T, r *rig.Rig, rounds [][]*stack.Process) time.Duration {
	t.Helper()
	var ready []time.Duration
	for _, processes := range rounds {
		for _, process := range processes {
			stop(t, process)
		}
		for _, process := range processes {
			start(t, process)
		}
		ready = append(ready, r.AwaitReady(patience))
	}
	return median(ready)
}

// victims are the processes to kill, in turn.
func victims(r *rig.Rig) [][]*stack.Process {
	if r.Stack == nil {
		return slices.Repeat([][]*stack.Process{r.Serving}, 5)
	}
	all := append(slices.Clone(r.Serving), r.Database)
	return [][]*stack.Process{
		{r.Stack.Process("personnel")}, {r.Database}, {r.Stack.Process("admin")}, {r.Stack.Process("auth")}, all,
	}
}

// writeAndKill lets several write, kills the processes meanwhile, and starts
// them again.
func writeAndKill(t *testing.T, r *rig.Rig, processes []*stack.Process) []*ledger {
	t.Helper()
	ledgers, stop := make([]*ledger, 4), make(chan struct{})
	var writers sync.WaitGroup
	for i := range ledgers {
		ledgers[i] = newLedger(t, r)
		writers.Go(func() { ledgers[i].write(stop) })
	}
	time.Sleep(time.Duration(300+rand.IntN(900)) * time.Millisecond)
	close(stop) // after what they do just now
	for _, process := range processes {
		process.Kill()
	}
	writers.Wait()
	for _, process := range processes {
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
	}
	return ledgers
}

// uncertain is the number of calls without an answer.
func (l *ledger) uncertain() (n int) {
	for _, states := range l.states {
		if len(states) > 1 {
			n++
		}
	}
	return n
}

// checkFile checks the file of the all-in-one: a backup does so.
func checkFile(t *testing.T, r *rig.Rig) {
	t.Helper()
	if r.Stack == nil {
		backUp(t, r, filepath.Join(t.TempDir(), "backup.db"))
	}
}

// backUp backs the all-in-one up while it serves.
func backUp(t *testing.T, r *rig.Rig, file string) {
	t.Helper()
	backup := exec.Command(rig.Program(t, "office-payment"), "backup", file)
	backup.Env = append(backup.Environ(), "DATA_DIR="+r.DataDir)
	if output, err := backup.CombinedOutput(); err != nil {
		t.Fatalf("backup: %v\n%s", err, output)
	}
}
