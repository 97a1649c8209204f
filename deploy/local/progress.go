package main

import (
	"fmt"
	"io"
	"time"
)

// progress reports the progress of long work to a person.
type progress struct {
	out     io.Writer
	name    string
	done    int
	shownAt time.Time
}

func (p *progress) begin(name string) { p.name, p.done, p.shownAt = name, 0, time.Now() }

func (p *progress) count() {
	p.done++
	if p.done%1000 == 0 && time.Since(p.shownAt) >= 2*time.Second {
		fmt.Fprintf(p.out, "  %-16s %9d …\n", p.name, p.done)
		p.shownAt = time.Now()
	}
}

func (p *progress) end() { fmt.Fprintf(p.out, "  %-16s %9d\n", p.name, p.done) }
