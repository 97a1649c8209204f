package main

import (
	"errors"
	"testing"
	"time"
)

func TestResultCountsWhatWentWell(t *testing.T) {
	calls := 0
	got := run(1, 0, func(int) call {
		return func() (int, error) {
			calls++
			return 7, nil
		}
	})
	if calls != 1 || len(got.times) != 1 || got.size() != 7 || got.errors != 0 {
		t.Errorf("%d calls: %+v", calls, got)
	}
	got = run(2, 0, func(int) call { return func() (int, error) { return 0, errors.New("refused") } })
	if got.errors != 2 || got.rate() != 0 || got.err == nil {
		t.Errorf("of what failed: %+v", got)
	}
}

func TestPercentiles(t *testing.T) {
	r := result{took: 2 * time.Second}
	for i := range 100 {
		r.times = append(r.times, time.Duration(100-i)*time.Millisecond)
	}
	for percent, want := range map[float64]time.Duration{0: 1, 50: 51, 99: 100, 100: 100} {
		if got := r.percentile(percent); got != want*time.Millisecond {
			t.Errorf("p%v is %v, want %v ms", percent, got, int64(want))
		}
	}
	if r.rate() != 50 {
		t.Errorf("the rate is %v, want 50", r.rate())
	}
}

func TestBars(t *testing.T) {
	for _, tt := range []struct {
		bar  bar
		want bool
	}{
		{bar{"", 0.3, 0.25, false}, true}, {bar{"", 0.2, 0.25, false}, false},
		{bar{"", 2, 3, true}, true}, {bar{"", 4, 3, true}, false},
	} {
		if got := tt.bar.isMet(); got != tt.want {
			t.Errorf("%+v is met: %v", tt.bar, got)
		}
	}
}

func TestRequestOnTheWire(t *testing.T) {
	got := string(request{"POST", "/a", []byte("{}")}.wire("t"))
	const want = "POST /a HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer t\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
