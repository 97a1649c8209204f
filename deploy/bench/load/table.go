package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// row is what was measured of one scenario at one size.
type row struct {
	scenario string
	size     int
	served   result
	bare     result        // the bare handler
	store    result        // the store called directly
	raw      result        // bare SQLite
	memory   int64         // the most that the server had
	computed time.Duration // by the server
}

const rowFormat = "%-24s %8s %8s %8s %8s %8s %6s %5s %7s %6s %6s %6s\n"

func writeHead(out io.Writer) {
	fmt.Fprintf(out, rowFormat, "scenario", "size", "req/s", "p50 ms", "p99 ms", "bytes", "errors", "MB", "CPU µs", "/bare", "/store", "/raw")
}

func (r row) write(out io.Writer) {
	fmt.Fprintf(out, rowFormat, r.scenario, fmt.Sprint(r.size), number(r.served.rate()),
		milliseconds(r.served.percentile(50)), milliseconds(r.served.percentile(99)), fmt.Sprint(r.served.size()),
		fmt.Sprint(r.served.errors), megabytes(r.memory), microseconds(r.computed, len(r.served.times)),
		ratio(r.served, r.bare), ratio(r.served, r.store), ratio(r.served, r.raw))
	if r.served.err != nil {
		fmt.Fprintf(out, "    one of the errors: %s\n", strings.TrimSpace(r.served.err.Error()))
	}
}

// ratio is a rate as a fraction of its limit.
func ratio(of, limit result) string {
	if limit.rate() == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", of.rate()/limit.rate())
}

func number(n float64) string {
	if n < 100 {
		return fmt.Sprintf("%.1f", n)
	}
	return fmt.Sprintf("%.0f", n)
}

// microseconds are the average of count calls.
func microseconds(all time.Duration, count int) string {
	return number(float64(all.Microseconds()) / float64(max(1, count)))
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }

func megabytes(bytes int64) string { return fmt.Sprintf("%.0f", float64(bytes)/(1<<20)) }
