package main

import (
	"fmt"
	"io"
	"strings"
)

// bar is what one scenario must reach.
type bar struct {
	what string
	got  float64
	want float64
	// atMost tells that less is better.
	atMost bool
}

func (b bar) isMet() bool {
	if b.atMost {
		return b.got <= b.want
	}
	return b.got >= b.want
}

func (b bar) write(out io.Writer) {
	verdict, sign := "met", "at least"
	if !b.isMet() {
		verdict = "NOT MET"
	}
	if b.atMost {
		sign = "at most"
	}
	fmt.Fprintf(out, "%-8s %-78s %8.2f, %s %.2f\n", verdict, b.what, b.got, sign, b.want)
}

// table finds what was measured.
type table []row

func (t table) at(scenario string, size int) (row, bool) {
	for _, r := range t {
		if r.scenario == scenario && r.size == size {
			return r, true
		}
	}
	return row{}, false
}

// bars are all that can be told from what was measured: those of each size,
// and those that compare the largest with the smallest.
func bars(rows table, sites []*site) (all []bar) {
	for _, s := range sites {
		all = append(all, barsAt(rows, s)...)
	}
	small, large := sites[0], sites[len(sites)-1]
	if small == large {
		return all
	}
	growth := func(name string, want float64, atMost bool, of func(row) float64) {
		before, ok := rows.at(name, small.size)
		after, also := rows.at(name, large.size)
		if ok && also {
			what := fmt.Sprintf("%s: at %d, as a part of that at %d", name, large.size, small.size)
			all = append(all, bar{what, of(after) / of(before), want, atMost})
		}
	}
	growth("get one", 0.9, false, rate)
	growth("page 1", 0.8, false, rate)
	growth("page 1 active", 0.8, false, rate)
	for _, name := range asManyMatch {
		growth("search "+name, 3, true, median)
	}
	growth("dashboard", 1.5, true, median)
	growth("analytics of a database", 1.5, true, median)
	return all
}

func rate(r row) float64   { return r.served.rate() }
func median(r row) float64 { return r.served.percentile(50).Seconds() }

// barsAt are the bars of one size.
func barsAt(rows table, s *site) (all []bar) {
	add := func(name, what string, want float64, atMost bool, of func(row) float64) {
		if r, ok := rows.at(name, s.size); ok {
			all = append(all, bar{fmt.Sprintf("%s at %d: %s", name, s.size, what), of(r), want, atMost})
		}
	}
	toRaw := func(r row) float64 { return median(r) / r.raw.percentile(50).Seconds() }
	toBare := func(r row) float64 { return r.served.rate() / r.bare.rate() }
	add("get one", "of the bare handler", 0.30, false, toBare)
	add("page 1", "of the bare handler", 0.25, false, toBare)
	add("page 1 active", "of the bare handler", 0.12, false, toBare)
	add("create", "of raw durable commits", 0.6, false, func(r row) float64 { return r.served.rate() / r.raw.rate() })
	add("upload 1000", "times one raw transaction with all indexes", 2.5, true, toRaw)
	add("upload 1000, raw plain", "times one without the search index", 2.5, true, toRaw)
	add("mix", "MB of memory", 160, true, func(r row) float64 { return float64(r.memory) / (1 << 20) })
	if s.size <= hundredThousand {
		for _, word := range alone {
			add("alone: search "+word, "ms", 2, true, func(r row) float64 { return median(r) * 1000 })
		}
	}
	return append(all, s.bars()...)
}

const hundredThousand = 100_000

// bars are those of what is not in the table.
func (s *site) bars() []bar {
	at := fmt.Sprintf(" at %d: ", s.size)
	all := []bar{
		{"start to ready" + at + "ms", s.start.Seconds() * 1000, 100 + float64(s.size)/2000, true},
		{"idle" + at + "MB of memory", float64(s.idle) / (1 << 20), 40, true},
	}
	for _, stream := range streams {
		e := s.streamed[stream.name]
		all = append(all, bar{stream.name + at + "MB that memory grows by", float64(e.grew) / (1 << 20), 32, true},
			bar{stream.name + at + "ms to the first byte", e.firstByte.Seconds() * 1000, 100, true})
		if strings.HasPrefix(stream.name, "export") && s.size >= hundredThousand { // fewer take too little time
			all = append(all, bar{stream.name + at + "times the processor time of the plain array", e.computed.Seconds() / s.streamed[arrayOfDB].computed.Seconds(), 2, true})
		}
	}
	if one, every := s.streamed[arrayOfDB], s.streamed[streams[0].name]; s.size >= hundredThousand {
		all = append(all, bar{arrayOfDB + at + "of the speed of everything", one.speed() / every.speed(), 0.7, false})
	}
	if s.size > hundredThousand {
		return all
	}
	return append(all,
		bar{"storm of short searches" + at + "ms of the longest", s.stormed.searches.percentile(100).Seconds() * 1000, 250, true},
		bar{"others in the storm" + at + "ms, p99", s.stormed.others.percentile(99).Seconds() * 1000, 50, true})
}
