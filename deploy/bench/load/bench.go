package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"time"
)

// bench measures scenarios. It takes turns between the sizes, and between what is
// measured and its limits, so that whatever else the machine does affects all alike.
type bench struct {
	out    io.Writer
	conns  int
	leg    time.Duration // of one turn
	rounds int
	only   *regexp.Regexp
	bare   *bare
	sites  []*site
}

// directCallers is how many call the store at a time: as many as it has readers.
const directCallers = 4

// report measures everything and prints the table, what is not in it, and the bars.
func (b *bench) report(ctx context.Context) error {
	rows, err := b.run(ctx)
	if err != nil {
		return err
	}
	if err := b.writeExtras(ctx); err != nil {
		return err
	}
	fmt.Fprintln(b.out)
	for _, bar := range bars(rows, b.sites) {
		bar.write(b.out)
	}
	return nil
}

func (b *bench) run(ctx context.Context) (table, error) {
	var rows table
	writeHead(b.out)
	for _, sc := range scenarios() {
		if !b.only.MatchString(sc.name) {
			continue
		}
		measured, err := b.measure(ctx, sc)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", sc.name, err)
		}
		for _, r := range measured {
			r.write(b.out)
		}
		rows = append(rows, measured...)
	}
	return rows, nil
}

// measure measures a scenario at every size.
func (b *bench) measure(ctx context.Context, sc scenario) ([]row, error) {
	rows := make([]row, len(b.sites))
	for range b.rounds {
		for i, s := range b.sites {
			rows[i].scenario, rows[i].size = sc.name, s.size
			if err := b.turn(ctx, sc, s, &rows[i]); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// turn measures the scenario and its limits at one size for a while.
func (b *bench) turn(ctx context.Context, sc scenario, s *site, r *row) error {
	conns := sc.conns
	if conns == 0 {
		conns = b.conns
	}
	answer, err := s.sample(sc)
	if err != nil {
		return err
	}
	if err := b.bare.keep(answer); err != nil {
		return err
	}
	stop, computed := watch(s.process.PID()), processorTime(s.process.PID())
	r.served.add(run(conns, b.leg, s.caller(sc, s.address)))
	r.memory = max(r.memory, stop())
	r.computed += processorTime(s.process.PID()) - computed
	r.bare.add(run(conns, b.leg, s.caller(sc, b.bare.address)))
	if sc.direct != nil {
		r.store.add(run(min(conns, directCallers), b.leg, func(n int) call {
			rng := generator(n)
			return func() (int, error) { return 0, sc.direct(ctx, s, rng) }
		}))
	}
	if sc.raw != nil {
		r.raw.add(run(1, b.leg, func(int) call {
			return func() (int, error) { return 0, sc.raw(ctx, s) }
		}))
	}
	return nil
}

// sample is one answer.
func (s *site) sample(sc scenario) ([]byte, error) {
	c := conn{address: s.address}
	defer c.close()
	r := sc.request(s, generator(0))
	status, body, err := c.do(r.wire(s.token))
	if err == nil && status >= 300 {
		err = fmt.Errorf("%s %s: %d %s", r.method, r.path, status, body)
	}
	return body, err
}

// caller makes callers of the scenario's requests, each on its own connection.
func (s *site) caller(sc scenario, address string) func(n int) call {
	return func(n int) call {
		c, rng := &conn{address: address}, generator(n)
		return func() (int, error) {
			r := sc.request(s, rng)
			status, body, err := c.do(r.wire(s.token))
			if err == nil && status >= 300 {
				err = fmt.Errorf("%s %s: %d %.200s", r.method, r.path, status, body)
			}
			return len(body), err
		}
	}
}

// generator is the nth worker's own. Two turns do not repeat each other.
func generator(n int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), uint64(n)))
}
