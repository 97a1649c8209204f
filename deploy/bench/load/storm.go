package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// streamed is what was measured of a long answer.
type streamed struct {
	bytes     int64
	firstByte time.Duration
	took      time.Duration
	computed  time.Duration // by the server
	grew      int64         // bytes of memory that the server took for it
}

// streams are the long answers, in which {db} stands for the largest database.
var streams = []struct{ name, path string }{
	{"everything as one array", "/personnels"},
	{arrayOfDB, "/personnels?db_id={db}"},
	{"export as CSV", "/personnels/db/{db}/export"},
	{"export as XLSX", "/personnels/db/{db}/export?format=xlsx"},
	{"schedule", "/personnels/db/{db}/schedule"},
}

// arrayOfDB is what the exports are compared with.
const arrayOfDB = "a database as one array"

// speed is in bytes a second of processor time: one answer takes too little time for a
// clock on a machine that others use.
func (e streamed) speed() float64 { return float64(e.bytes) / e.computed.Seconds() }

// stream asks for a long answer.
func (s *site) stream(ctx context.Context, path string) (e streamed, err error) {
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+s.address+strings.ReplaceAll(path, "{db}", s.db.Hex()), nil)
	if err != nil {
		return e, err
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	pid := s.process.PID()
	before, computed, stop, begin := resident(pid), processorTime(pid), watch(pid), time.Now()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return e, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return e, fmt.Errorf("%s: %s", path, answer.Status)
	}
	first, err := answer.Body.Read(make([]byte, 1))
	e.firstByte = time.Since(begin)
	if err != nil {
		return e, err
	}
	e.bytes, err = io.Copy(io.Discard, answer.Body)
	e.bytes += int64(first)
	e.took, e.computed, e.grew = time.Since(begin), processorTime(pid)-computed, stop()-before
	return e, err
}

// storm is many searches for short words at once, and how others who go on working notice
// it.
type storm struct{ searches, others result }

// shortWords are searches of one and two characters, with few, many and no matches.
var shortWords = []string{"a", "e", "7", "q", "~", "an", "mu", "12", "qa", "zz"}

// othersInStorm is how many connections do other things meanwhile.
const othersInStorm = 4

func (s *site) storm(conns int, duration time.Duration) (st storm) {
	someWord := scenario{request: func(s *site, rng *rand.Rand) request {
		return s.list(fmt.Sprintf("limit=%d&search=%s", pageSize, shortWords[rng.IntN(len(shortWords))]))
	}}
	reads := []func(*site, *rand.Rand) request{getOne, pageOf(""), analyticsOf, patch}
	other := scenario{request: func(s *site, rng *rand.Rand) request { return reads[rng.IntN(len(reads))](s, rng) }}
	var group sync.WaitGroup
	group.Go(func() { st.searches = run(conns, duration, s.caller(someWord, s.address)) })
	group.Go(func() { st.others = run(othersInStorm, duration, s.caller(other, s.address)) })
	group.Wait()
	return st
}

// writeExtras measures and prints what is not in the table.
func (b *bench) writeExtras(ctx context.Context) error {
	fmt.Fprintln(b.out)
	for _, s := range b.sites {
		fmt.Fprintf(b.out, "%d records: ready %s ms after its start, idle %s MB\n", s.size, milliseconds(s.start), megabytes(s.idle))
		s.streamed = map[string]streamed{}
		for _, stream := range streams {
			e, err := s.stream(ctx, stream.path)
			if err != nil {
				return err
			}
			s.streamed[stream.name] = e
			fmt.Fprintf(b.out, "  %s: %s MB in %.1f s, %.2f s of processor time, the first byte after %s ms, memory grew by %s MB\n",
				stream.name, megabytes(e.bytes), e.took.Seconds(), e.computed.Seconds(), milliseconds(e.firstByte), megabytes(e.grew))
		}
		s.stormed = s.storm(b.conns, stormFor)
		st := s.stormed
		fmt.Fprintf(b.out, "  storm of short searches: %s/s, p50 %s ms, the longest %s ms, %d errors; others: %s/s, p99 %s ms, %d errors\n",
			number(st.searches.rate()), milliseconds(st.searches.percentile(50)), milliseconds(st.searches.percentile(100)), st.searches.errors,
			number(st.others.rate()), milliseconds(st.others.percentile(99)), st.others.errors)
	}
	return nil
}

// stormFor is how long a storm lasts.
const stormFor = 3 * time.Second
