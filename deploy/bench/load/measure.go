package main

import (
	"slices"
	"sync"
	"time"
)

// call does something once and returns how many bytes came back.
type call func() (bytes int, err error)

// result is the outcome of calls. Results of the same kind can be added.
type result struct {
	times  []time.Duration // of each call that went well
	bytes  int64
	errors int
	err    error // one of them
	took   time.Duration
}

// run lets workers call for a while, one call after the other each.
func run(workers int, duration time.Duration, worker func(n int) call) result {
	results := make([]result, workers)
	begin := time.Now()
	var group sync.WaitGroup
	for n := range workers {
		do := worker(n)
		group.Go(func() { results[n] = repeat(do, begin.Add(duration)) })
	}
	group.Wait()
	var all result
	for _, r := range results {
		all.add(r)
	}
	all.took = time.Since(begin)
	return all
}

// repeat calls until the end, at least once.
func repeat(do call, end time.Time) (r result) {
	for begin := time.Now(); ; {
		bytes, err := do()
		now := time.Now()
		if err != nil {
			r.errors, r.err = r.errors+1, err
		} else {
			r.times = append(r.times, now.Sub(begin))
			r.bytes += int64(bytes)
		}
		if begin = now; now.After(end) {
			return r
		}
	}
}

func (r *result) add(other result) {
	r.times = append(r.times, other.times...)
	r.bytes += other.bytes
	r.errors += other.errors
	r.took += other.took
	if r.err == nil {
		r.err = other.err
	}
}

// rate is how many calls went well in a second.
func (r result) rate() float64 {
	if r.took == 0 {
		return 0
	}
	return float64(len(r.times)) / r.took.Seconds()
}

// percentile is the time within which that percentage of the calls was done.
func (r result) percentile(percent float64) time.Duration {
	if len(r.times) == 0 {
		return 0
	}
	slices.Sort(r.times)
	return r.times[min(len(r.times)-1, int(float64(len(r.times))*percent/100))]
}

// size is how many bytes an answer had on average.
func (r result) size() int64 { return r.bytes / int64(max(1, len(r.times))) }
