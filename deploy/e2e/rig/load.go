package rig

import (
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"officepay.example/deploy/e2e/client"
)

// crowd is the connections of load: more than a client of the API would open.
var crowd = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1000}, Timeout: 30 * time.Second}

// Call is one call of many: who makes it, and what.
type Call struct {
	By           *client.Client
	Method, Path string
	Body         any
}

// Answer is what a caller got. The status of one that did not come is 0.
type Answer struct {
	Took       time.Duration
	RetryAfter string
	status     int
}

// Answers are what the callers got, by status.
type Answers map[int][]Answer

// make calls once.
func (c Call) make(t testing.TB) (a Answer) {
	request, err := c.By.Request(context.Background(), c.Method, c.Path, c.Body)
	if err != nil {
		t.Error(err)
		return a
	}
	begin := time.Now()
	defer func() { a.Took = time.Since(begin) }()
	response, err := crowd.Do(request)
	if err != nil {
		return a
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return a
	}
	return Answer{status: response.StatusCode, RetryAfter: response.Header.Get("Retry-After")}
}

// recorder collects answers from many goroutines.
type recorder struct {
	mu      sync.Mutex
	answers Answers
}

func (rec *recorder) add(a Answer) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.answers[a.status] = append(rec.answers[a.status], a)
}

// Saturate runs that many callers, each of which calls again as soon as it is answered,
// until the span is over.
func Saturate(t testing.TB, callers int, span time.Duration, next func() Call) Answers {
	t.Helper()
	rec := &recorder{answers: Answers{}}
	end := time.Now().Add(span)
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for time.Now().Before(end) {
				rec.add(next().make(t))
			}
		})
	}
	group.Wait()
	return rec.answers
}

// mostWaiting is how many calls wait for their answers at a time. Without a limit, a
// moment in which nothing is answered would open thousands of connections, and these
// would be measured.
const mostWaiting = 500

// CallAtRate makes that many calls a second, whether they are answered or not, except
// those that are due while too many wait. It also returns how long it took until the last
// was answered.
func CallAtRate(t testing.TB, rate float64, span time.Duration, next func() Call) (Answers, time.Duration) {
	t.Helper()
	rec := &recorder{answers: Answers{}}
	var group sync.WaitGroup
	waiting := make(chan struct{}, mostWaiting)
	begin := time.Now()
	for due := 0.0; time.Since(begin) < span; time.Sleep(time.Millisecond) {
		for ; due < rate*time.Since(begin).Seconds(); due++ {
			select {
			case waiting <- struct{}{}:
				group.Go(func() {
					rec.add(next().make(t))
					<-waiting
				})
			default:
			}
		}
	}
	group.Wait()
	return rec.answers, time.Since(begin)
}

// Count is how many answers have the status.
func (a Answers) Count(status int) int { return len(a[status]) }

// Others are the statuses of answers that are not among those, each with its
// number.
func (a Answers) Others(expected ...int) map[int]int {
	others := map[int]int{}
	for status, all := range a {
		if !slices.Contains(expected, status) {
			others[status] = len(all)
		}
	}
	return others
}

// Percentile is the time within which that percentage of the answers with a status came;
// 0 when there are none.
func (a Answers) Percentile(status int, percent float64) time.Duration {
	var sorted []time.Duration
	for _, answer := range a[status] {
		sorted = append(sorted, answer.Took)
	}
	if len(sorted) == 0 {
		return 0
	}
	slices.Sort(sorted)
	return sorted[min(len(sorted)-1, int(float64(len(sorted))*percent/100))]
}
