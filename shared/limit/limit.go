// Package limit limits how much is done at a time, and refuses the rest at once. So what
// is let in stays fast, however much is asked for.
package limit

import (
	"errors"
	"math"
	"runtime"

	"officepay.example/shared/metrics"
)

// ErrBusy means that every slot is taken, and so is the room to wait for one. A later try
// may succeed.
var ErrBusy = errors.New("too much at once")

// HalfOfProcessors is how many may do long work at a time, so that the other half of the
// processors serves everybody else meanwhile. It is at least 1.
func HalfOfProcessors() int { return max(1, runtime.GOMAXPROCS(0)/2) }

// Unlimited lets any number wait at a limiter.
const Unlimited = math.MaxInt32

var (
	refusals = metrics.Counter("office_limiter_refused_total", "Calls that a limiter refused.", "limiter")
	waits    = metrics.Gauge("office_limiter_waiting", "Calls that wait at a limiter.", "limiter")
)
