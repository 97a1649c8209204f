// Package metrics counts what the process does, for Prometheus to read in its text format
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Each package adds its families.
package metrics

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ContentType is the media type of what Write writes.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Family is one metric, with a series for each combination of the values of its labels, which
// no client may choose freely. It is safe for concurrent use.
type Family struct {
	name, help, kind string
	labels           []string
	series           sync.Map       // by their labels, as in ,route="GET /",status="200"
	value            func() float64 // of a gauge from Func
}

// Series are the numbers of one combination of labels.
type Series struct {
	count   atomic.Int64              // not of a histogram
	nanos   atomic.Int64              // of a histogram: the sum
	buckets [len(bounds)]atomic.Int64 // of a histogram: each only its own, not those below
}

// bounds are the upper bounds of the buckets of every histogram, in seconds.
var bounds = [...]float64{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, math.Inf(1)}

var families sync.Map // by name

func register(kind, name, help string, labels []string, value func() float64) *Family {
	f := &Family{name: name, help: help, kind: kind, labels: labels, value: value}
	families.Store(name, f)
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

// Func is a gauge that is computed when it is written. It replaces another of the same name.
func Func(name, help string, value func() float64) { register("gauge", name, help, nil, value) }

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// Of returns the series with these values of the labels.
func (f *Family) Of(values ...string) *Series {
	labels := ""
	for i, value := range values {
		labels += "," + f.labels[i] + `="` + escape.Replace(value) + `"`
	}
	s, known := f.series.Load(labels)
	if !known {
		s, _ = f.series.LoadOrStore(labels, &Series{})
	}
	return s.(*Series)
}

func (s *Series) Add(n int64) { s.count.Add(n) }

func (s *Series) Observe(took time.Duration) {
	i, _ := slices.BinarySearch(bounds[:], took.Seconds())
	s.buckets[i].Add(1)
	s.nanos.Add(int64(took))
}

// Write writes all families, in order of their names.
func Write(to io.Writer) error {
	out := bufio.NewWriter(to)
	for _, name := range sortedKeys(&families) {
		f, _ := families.Load(name)
		f.(*Family).write(out)
	}
	return out.Flush()
}

func sortedKeys(m *sync.Map) (keys []string) {
	for key := range m.Range {
		keys = append(keys, key.(string))
	}
	slices.Sort(keys)
	return keys
}

func (f *Family) write(out io.Writer) {
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
	if f.value != nil {
		fmt.Fprintf(out, "%s %g\n", f.name, f.value())
	}
	for _, labels := range sortedKeys(&f.series) {
		s, _ := f.series.Load(labels)
		if f.kind == "histogram" {
			s.(*Series).writeHistogram(out, f.name, labels)
		} else {
			fmt.Fprintf(out, "%s%s %d\n", f.name, braced(labels), s.(*Series).count.Load())
		}
	}
}

// writeHistogram writes the buckets, each including those below it.
func (s *Series) writeHistogram(out io.Writer, name, labels string) {
	count := int64(0)
	for i, bound := range bounds {
		count += s.buckets[i].Load()
		fmt.Fprintf(out, "%s_bucket%s %d\n", name, braced(fmt.Sprintf(`%s,le="%g"`, labels, bound)), count)
	}
	fmt.Fprintf(out, "%s_sum%s %g\n", name, braced(labels), time.Duration(s.nanos.Load()).Seconds())
	fmt.Fprintf(out, "%s_count%s %d\n", name, braced(labels), count)
}

func braced(labels string) string {
	if labels == "" {
		return ""
	}
	return "{" + labels[1:] + "}"
}

// Metrics of the Go runtime, under their usual names.
func init() {
	for name, metric := range map[string]struct{ sample, help string }{
		"go_gomaxprocs":                {"/sched/gomaxprocs:threads", "Processors that run Go code at a time."},
		"go_goroutines":                {"/sched/goroutines:goroutines", "Goroutines."},
		"go_memstats_heap_alloc_bytes": {"/memory/classes/heap/objects:bytes", "Memory used by objects on the heap."},
		"go_memstats_sys_bytes":        {"/memory/classes/total:bytes", "Memory that the Go runtime has mapped."},
		"go_gc_cycles":                 {"/gc/cycles/total:gc-cycles", "Completed garbage collections."},
		"go_threads":                   {"/sched/threads/total:threads", "Threads of the Go runtime."},
	} {
		Func(name, metric.help, func() float64 {
			samples := []metrics.Sample{{Name: metric.sample}}
			metrics.Read(samples)
			return float64(samples[0].Value.Uint64())
		})
	}
}
