package metrics

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"time"
)

// ContentType is the media type of what Write writes.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Write writes all families, in order of their names.
func Write(to io.Writer) error {
	out := bufio.NewWriter(to)
	families := map[string]*Family{}
	registered.Range(func(name, f any) bool {
		families[name.(string)] = f.(*Family)
		return true
	})
	for _, name := range slices.Sorted(maps.Keys(families)) {
		families[name].write(out)
	}
	return out.Flush()
}

func (f *Family) write(out io.Writer) {
	fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
	if f.value != nil {
		fmt.Fprintf(out, "%s %g\n", f.name, f.value())
		return
	}
	f.mu.RLock()
	series := maps.Clone(f.series)
	f.mu.RUnlock()
	for _, key := range slices.Sorted(maps.Keys(series)) {
		s := series[key]
		if f.kind == "histogram" {
			s.writeHistogram(out, f.name)
			continue
		}
		fmt.Fprintf(out, "%s%s %d\n", f.name, braced(s.labels), s.count.Load())
	}
}

// writeHistogram writes the buckets, each including those below it.
func (s *Series) writeHistogram(out io.Writer, name string) {
	count := int64(0)
	for i, bound := range bounds {
		count += s.buckets[i].Load()
		fmt.Fprintf(out, "%s_bucket%s %d\n", name, braced(append(slices.Clone(s.labels), fmt.Sprintf(`le="%g"`, bound))), count)
	}
	fmt.Fprintf(out, "%s_sum%s %g\n%s_count%s %d\n", name, braced(s.labels), time.Duration(s.nanos.Load()).Seconds(),
		name, braced(s.labels), count)
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func (f *Family) labelPairs(values []string) (labels []string) {
	for i, value := range values {
		labels = append(labels, f.labels[i]+`="`+escape.Replace(value)+`"`)
	}
	return labels
}

func braced(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	return "{" + strings.Join(labels, ",") + "}"
}

// Metrics of the Go runtime, under their usual names.
func init() {
	for name, metric := range map[string]struct{ sample, help string }{
		"go_goroutines":                {"/sched/goroutines:goroutines", "Goroutines."},
		"go_memstats_heap_alloc_bytes": {"/memory/classes/heap/objects:bytes", "Memory used by objects on the heap."},
		"go_memstats_sys_bytes":        {"/memory/classes/total:bytes", "Memory that the Go runtime has mapped."},
		"go_gc_cycles":                 {"/gc/cycles/total:gc-cycles", "Completed garbage collections."},
		"go_threads":                   {"/sched/threads/total:threads", "Threads of the Go runtime."},
	} {
		Func(name, metric.help, func() float64 { return sample(metric.sample) })
	}
	Func("go_gomaxprocs", "Processors that run Go code at a time.", func() float64 { return float64(runtime.GOMAXPROCS(0)) })
}

func sample(name string) float64 {
	samples := []metrics.Sample{{Name: name}}
	metrics.Read(samples)
	if samples[0].Value.Kind() == metrics.KindUint64 {
		return float64(samples[0].Value.Uint64())
	}
	return 0
}
