package faults

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
	"officepay.example/deploy/e2e/rig"
)

// measured repeats a measurement on a machine that may be busy until it is
// good, a few times at most.
func measured(t *testing.T, measure func() (good bool)) {
	t.Helper()
	for range 5 {
		if measure() {
			return
		}
	}
	t.Error("not in any measurement")
}

// beside is the time that 99 of 100 calls of one quiet caller take while many others
// call, and what those get. The quiet caller's calls must all succeed.
func beside(t *testing.T, quiet rig.Call, crowd int, span time.Duration, press func() rig.Call) (time.Duration, rig.Answers) {
	t.Helper()
	others := make(chan rig.Answers)
	go func() { others <- rig.Saturate(t, crowd, span, press) }()
	calls := rig.Saturate(t, 1, span, func() rig.Call {
		time.Sleep(5 * time.Millisecond)
		return quiet
	})
	if failed := calls.Others(200); len(failed) > 0 {
		t.Errorf("the quiet caller got %v", failed)
	}
	return calls.Percentile(200, 99), <-others
}

// nothing is a call that costs next to nothing.
func nothing(r *rig.Rig) func() rig.Call {
	return func() rig.Call { return rig.Call{By: client.New(r.URL), Method: "POST", Path: "/auth/nothing"} }
}

// fastEnough is as promised or, on a busy machine, not much slower than beside a crowd
// that asks for nothing.
func fastEnough(took, reference time.Duration) bool {
	return took < max(50*time.Millisecond, 3*reference)
}

// wantStatuses checks that a crowd got only those, and that refusals said when to try
// again.
func wantStatuses(t *testing.T, answers rig.Answers, expected ...int) {
	t.Helper()
	if strange := answers.Others(expected...); len(strange) > 0 {
		t.Errorf("the crowd got %v, want %d", strange, expected)
	}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		for _, answer := range answers[status] {
			if seconds, err := strconv.Atoi(answer.RetryAfter); err != nil || seconds < 1 {
				t.Errorf("Retry-After of a %d is %q", status, answer.RetryAfter)
				break
			}
		}
	}
}

// Promise 10: logins never starve the rest. Each of them is of a different unknown user,
// and would cost a whole computation.
func TestFloodOfLogins(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		r := start(t, "BCRYPT_COST=12")
		me := rig.Call{By: r.Admin, Method: "GET", Path: "/auth/me"}
		guess := func() rig.Call {
			return rig.Call{By: client.New(r.URL), Method: "POST", Path: "/auth/login",
				Body: rig.Fields{"army_number": rig.Unique("NOBODY"), "password": "a guess"}}
		}
		span, crowd := time.Duration(rig.Rounds(1, 6))*time.Second, rig.Rounds(50, 200)
		measured(t, func() bool {
			reference, _ := beside(t, me, crowd, span, nothing(r))
			p99, logins := beside(t, me, crowd, span, guess)
			refused := logins.Percentile(503, 50)
			rig.Report(t, 10, "beside %d login clients, 99 of 100 calls of another route take at most %v (beside as many that ask for nothing: %v); %d logins were checked, %d refused, half of them within %v",
				crowd, p99, reference, logins.Count(401), logins.Count(503), refused)
			wantStatuses(t, logins, 401, 429, 503)
			return fastEnough(p99, reference) && fastEnough(refused, reference) && logins.Count(503) > 0 && logins.Count(401)+logins.Count(429) > 0
		})
	})
}

// Promise 30: at three times what the service can do, it still does four fifths of that,
// and refuses the rest at once.
func TestOverload(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		r := start(t, "MAX_IN_FLIGHT=16")
		db := r.NewDB()
		rows := 400 // so that a page costs much more than a refusal, on both sides
		if r.Stack != nil {
			rows = 40 // of more, the test server makes a few a second, and each takes as long as the measurement
		}
		r.Upload(rig.Records(db, rows))
		page := func() rig.Call {
			return rig.Call{By: r.Admin, Method: "GET", Path: "/personnels/db/" + db + "?limit=400"}
		}
		span, want := time.Duration(rig.Rounds(2, 4))*time.Second, wantedUnderLoad()
		measured(t, func() bool {
			begun := time.Now()
			peak := float64(rig.Saturate(t, 8, span, page).Count(200)) / time.Since(begun).Seconds()
			cheap, _ := rig.CallAtRate(t, 3*peak, span/2, nothing(r))
			reference := cheap.Percentile(http.StatusNotFound, 50)
			over, took := rig.CallAtRate(t, 3*peak, span, page)
			share := float64(over.Count(200)) / took.Seconds() / peak
			refused, times := over.Percentile(503, 50), float64(over.Count(200)+over.Count(503))/span.Seconds()/peak
			rig.Report(t, 30, "at %.1f times the peak of %.0f a second, %.0f %% of the peak succeed, half of %d refused within %v (half of as many that ask for nothing are answered within %v)",
				times, peak, 100*share, over.Count(503), refused, reference)
			wantStatuses(t, over, 200, 503)
			isOver := times > want.times // the callers could make that many
			return isOver && share > want.share && over.Count(503) > 0 && refused < max(want.refusal, 3*reference)
		})
	})
}

// underLoad is how many times the peak is asked for, how much of the peak must
// succeed then, and in what time half of the rest is refused.
type underLoad struct {
	times, share float64
	refusal      time.Duration
}

// wantedUnderLoad is what is promised for make soak, which has the processors for itself.
// The callers run on the same ones, so other work counts twice: make test-all asks for
// less.
func wantedUnderLoad() underLoad {
	if rig.IsSoak() {
		return underLoad{times: 2.7, share: 0.8, refusal: 50 * time.Millisecond}
	}
	return underLoad{times: 2, share: 0.6, refusal: 150 * time.Millisecond}
}

// Promise 30: searches have a limit of their own. A storm of them takes half of
// the processors and no more, so another route goes on.
func TestStormOfSearches(t *testing.T) {
	rig.Each(t, func(t *testing.T, start rig.Start) {
		r := start(t)
		db, rows := r.NewDB(), 40 // of more, the searches that wait on the test server take longer than the proxy does
		if r.Stack == nil {
			rows = rig.Rounds(20000, 100000)
		}
		r.Upload(rig.Records(db, rows))
		search := func() rig.Call { return rig.Call{By: r.Admin, Method: "GET", Path: longSearch(db)} }
		me := rig.Call{By: r.Admin, Method: "GET", Path: "/personnels/db/" + db}
		span, crowd := time.Duration(rig.Rounds(1, 3))*time.Second, 100 // more than may wait
		measured(t, func() bool {
			reference, _ := beside(t, me, crowd, span, nothing(r))
			p99, searches := beside(t, me, crowd, span, search)
			rig.Report(t, 30, "beside %d clients that search %d records, 99 of 100 calls of another route take at most %v (beside as many that ask for nothing: %v); %d searches were done, %d refused",
				crowd, rows, p99, reference, searches.Count(200), searches.Count(503))
			wantStatuses(t, searches, 200, 503)
			return fastEnough(p99, reference) && searches.Count(200) > 0 && searches.Count(503) > 0
		})
	})
}

// longSearch is as much work as a search can be: every record has all of its
// words.
func longSearch(db string) (path string) {
	return fmt.Sprintf("/personnels/db/%s?search=musa%s", db, strings.Repeat("+a", 20))
}
