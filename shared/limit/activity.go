package limit

import (
	"sync/atomic"
	"time"
)

// Activity knows whether there is work, and when there last was some.
type Activity struct{ running, ended atomic.Int64 } // how many, and nanoseconds

// quietTime is how long there must have been no work: longer than people wait between two
// calls of a page.
const quietTime = 2 * time.Second

// Begin notes that work begins. Each Begin needs an End.
func (a *Activity) Begin() { a.running.Add(1) }

func (a *Activity) End() {
	a.ended.Store(time.Now().UnixNano())
	a.running.Add(-1)
}

// IsQuiet tells whether there has been no work for a while.
func (a *Activity) IsQuiet() bool {
	return a.running.Load() == 0 && time.Since(time.Unix(0, a.ended.Load())) > quietTime
}
