// Package metrics counts what the process does, and writes that in the text format of
// Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/). There is one
// set of metrics for the process, to which each package adds its own families.
package metrics

import (
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Family is one metric, with a series for each combination of the values of its labels.
// Labels must never have values that a client may choose freely. It is safe for
// concurrent use.
type Family struct {
	name, help, kind string
	labels           []string

	mu     sync.RWMutex
	series map[string]*Series // by the values of the labels
	value  func() float64     // of a gauge from Func
}

// Series are the numbers of one combination of labels.
type Series struct {
	labels  []string                  // as they are written: route="GET /"
	count   atomic.Int64              // not of a histogram
	nanos   atomic.Int64              // of a histogram: the sum
	buckets [len(bounds)]atomic.Int64 // of a histogram: each only its own, not those below
}

// bounds are the upper bounds of the buckets of every histogram, in seconds. The last one
// has whatever is in no other.
var bounds = [...]float64{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, math.Inf(1)}

var registered sync.Map

func register(kind, name, help string, labels []string, value func() float64) *Family {
	f := &Family{name: name, help: help, kind: kind, labels: labels, series: map[string]*Series{}, value: value}
	registered.Store(name, f)
	return f
}

// Counter is a family of numbers that only grow.
func Counter(name, help string, labels ...string) *Family {
	return register("counter", name, help, labels, nil)
}

// Gauge is a family of numbers that go up and down.
func Gauge(name, help string, labels ...string) *Family {
	return register("gauge", name, help, labels, nil)
}

// Histogram is a family of durations in seconds.
func Histogram(name, help string, labels ...string) *Family {
	return register("histogram", name, help, labels, nil)
}

// Func is a gauge whose value is computed when it is written. It replaces another one of
// the same name.
func Func(name, help string, value func() float64) { register("gauge", name, help, nil, value) }

// separator separates the values of labels. It is not valid UTF-8, so no value has it.
const separator = "\xff"

// Of returns the series with these values of the labels.
func (f *Family) Of(values ...string) *Series {
	key := strings.Join(values, separator)
	f.mu.RLock()
	s := f.series[key]
	f.mu.RUnlock()
	if s != nil {
		return s
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.series[key] == nil {
		f.series[key] = &Series{labels: f.labelPairs(values)}
	}
	return f.series[key]
}

func (s *Series) Add(n int64) { s.count.Add(n) }

func (s *Series) Observe(took time.Duration) {
	for i, bound := range bounds {
		if took.Seconds() <= bound {
			s.buckets[i].Add(1)
			break
		}
	}
	s.nanos.Add(int64(took))
}
