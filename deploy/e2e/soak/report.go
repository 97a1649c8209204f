package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// report collects what the tests say.
type report struct {
	out   io.Writer
	begin time.Time

	mu      sync.Mutex
	figures map[int]map[string]string // the last, by promise and test
	faults  []string
}

func newReport(out io.Writer) *report {
	return &report{out: out, begin: time.Now(), figures: map[int]map[string]string{}}
}

// say tells a person how far the soak is.
func (r *report) say(format string, args ...any) {
	passed := time.Since(r.begin).Round(time.Second)
	fmt.Fprintf(r.out, "[%5s] %s\n", passed, fmt.Sprintf(format, args...))
}

var figure = regexp.MustCompile(`promise (\d+): (.*)`)

// read takes the figures out of a line that a test prints, and shows progress.
func (r *report) read(test, line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found := figure.FindStringSubmatch(line); found != nil {
		promise, _ := strconv.Atoi(found[1])
		_, variant, _ := strings.Cut(test, "/")
		if variant != "" {
			variant = " (" + strings.ReplaceAll(variant, "_", " ") + ")"
		}
		if r.figures[promise] == nil {
			r.figures[promise] = map[string]string{}
		}
		r.figures[promise][test] = found[2] + variant
		r.say("  %s%s", found[0], variant)
	}
	if strings.HasPrefix(line, "fuzz: elapsed") && strings.Contains(line, "0s") {
		r.say("  %s", strings.TrimSpace(line))
	}
}

// passed is called for each test that has passed.
func (r *report) passed(dir, test string) {
	if strings.HasPrefix(test, "Fuzz") {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.say("  %s %s: nothing found", dir, test)
	}
}

func (r *report) fail(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = append(r.faults, what)
	r.say("FAILED: %s", what)
}

// summary prints a line on each promise: the last figure of each test, or the
// tests whose comments name it.
func (r *report) summary(tests []test) {
	r.say("the promises (what the stores promise has more cases in services/*/storetest)")
	held := byPromise(tests)
	for _, promise := range slices.Sorted(maps.Keys(held)) {
		line := "checked by " + strings.Join(held[promise], ", ")
		if figures := r.figures[promise]; len(figures) > 0 {
			line = strings.Join(slices.Sorted(maps.Values(figures)), "; ")
		}
		fmt.Fprintf(r.out, "%2d  %s\n", promise, line)
	}
}

// byPromise are the names of the tests that check each promise.
func byPromise(tests []test) map[int][]string {
	names := map[int]map[string]bool{}
	for _, t := range tests {
		for _, promise := range t.promises {
			if names[promise] == nil {
				names[promise] = map[string]bool{}
			}
			names[promise][t.name] = true
		}
	}
	held := map[int][]string{}
	for promise, set := range names {
		held[promise] = slices.Sorted(maps.Keys(set))
	}
	return held
}

func (r *report) failure() error {
	if len(r.faults) == 0 {
		return nil
	}
	return errors.New("failed: " + strconv.Itoa(len(r.faults)))
}
