// Package web is the HTTP layer that every service shares: the envelope around each
// answer, the one table that turns an error into a response, strict reading of JSON
// bodies, paging, and how a request passes through all that (serve, in this file).
//
// It knows the terms of package office, but no resource and no store.
package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"officepay.example/shared/limit"
	"officepay.example/shared/metrics"
	"officepay.example/shared/office"
	"officepay.example/shared/token"
)

// pipeline is what every request of a route goes through.
type pipeline struct {
	*server
	Route
}

// exchange is one request on its way to its answer.
type exchange struct {
	*pipeline
	w       http.ResponseWriter
	r       *http.Request
	request Request
	start   time.Time
	user    string                    // whose slots it takes: the user in its token, or else its network
	held    map[*limit.Limiter]func() // each releases what is held of a limiter

	// What the log says of the answer.
	status  int // 0 until it begins
	bytes   int
	refused string // by which limiter
}

func (p *pipeline) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{pipeline: p, w: w, r: r, start: time.Now(), held: map[*limit.Limiter]func(){}}
	x.identify()
	defer x.log()
	defer x.freeAll()
	defer x.recoverPanic()
	ctx, cancel := x.limitTime()
	defer cancel()
	if err := x.serve(ctx); err != nil {
		x.fail(err)
	}
}

// A connection may take a little longer than its request. When a read is overdue,
// net/http assumes that the client is gone, so the request must be over by then. And the
// error of a request that ran out of time must still reach the client.
const (
	readGrace  = time.Second
	writeGrace = 5 * time.Second
)

// limitTime gives the request its deadline, so that no client that stops sending or
// reading can hold it for ever. In tests, a connection may have no deadlines to set.
func (x *exchange) limitTime() (context.Context, context.CancelFunc) {
	_ = http.NewResponseController(x.w).SetReadDeadline(x.start.Add(x.Timeout + readGrace))
	x.limitWrite(x.Timeout + writeGrace)
	return context.WithTimeout(x.r.Context(), x.Timeout)
}

// serve takes a request, whose route server.go has found, from its headers (request.go) to its
// answer (answer.go; each step of a stream takes a slot of its own). The request holds a slot
// while the service works on it, and none while it waits for the client or for a limiter of the
// route. So slow clients, however many, take no slot from anybody, and overload slows down nobody
// who was let in.
func (x *exchange) serve(ctx context.Context) error {
	x.setHeaders()
	if x.r.Method == http.MethodOptions && x.r.Header.Get("Access-Control-Request-Method") != "" {
		return x.write(ctx, &preflight)
	}
	if err := x.readAddress(); err != nil {
		return err
	}
	if err := x.admit(ctx); err != nil { // in a slot: one read of the store
		return err
	}
	if err := x.receive(ctx); err != nil { // in the client's time
		return err
	}
	if err := x.hold(ctx, x.Memory.Limiter, x.Memory.slots(x.request.Query)); err != nil {
		return err
	}
	answer, err := x.handle(ctx) // in a slot
	if err != nil {
		return err
	}
	return x.write(ctx, answer) // in the client's time
}

// admit refuses a request at once if no slot is free for its user, if the guard does not let the
// caller pass, or if its path names a database that the caller may not see.
func (x *exchange) admit(ctx context.Context) error {
	if !x.NoSlot {
		release, err := x.slots.TryAcquire(x.user)
		if err != nil {
			return err
		}
		defer release()
	}
	if x.Guard != nil {
		caller, err := x.Guard(ctx, x.r)
		x.request.Caller = caller
		if errors.Is(err, token.ErrNotAdmin) || errors.Is(err, token.ErrReadOnly) {
			x.request.Audit("denied", "route", x.r.Pattern)
		}
		if err != nil {
			return err
		}
	}
	return x.readID()
}

const (
	// smallBody is how many bytes are read without waiting for room: most bodies have fewer.
	smallBody = 4 << 10
	// largeBodies is how many KB of larger bodies may be in memory at a time: two of the
	// largest, if they are from different users.
	largeBodies        = 33 << 10
	largeBodiesWaiting = 64
)

// receive reads the body if the route takes one. A body that is too large or breaks off
// is not used at all.
func (x *exchange) receive(ctx context.Context) error {
	if x.MaxBody == 0 {
		return nil
	}
	if err := x.request.checkContentType(x.Types); err != nil {
		return err
	}
	// Without the ResponseWriter, so that the connection can carry another request.
	from := http.MaxBytesReader(nil, x.r.Body, x.MaxBody)
	var body bytes.Buffer
	n, err := body.ReadFrom(io.LimitReader(from, smallBody))
	if err == nil && n == smallBody {
		if err := x.makeRoom(ctx, &body); err != nil {
			return err
		}
		_, err = body.ReadFrom(from)
	}
	if err != nil {
		return bodyError(err)
	}
	x.request.Body = body.Bytes()
	return nil
}

// makeRoom waits until a large body may be in memory as a whole. Small ones need no room.
func (x *exchange) makeRoom(ctx context.Context, body *bytes.Buffer) error {
	size := x.MaxBody
	if 0 <= x.r.ContentLength && x.r.ContentLength < size {
		size = x.r.ContentLength
	}
	if err := x.hold(ctx, x.bodies, 1+int(size>>10)); err != nil {
		return err
	}
	body.Grow(int(size) - body.Len() + bytes.MinRead) // so that it never has to be copied
	return nil
}

func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return Fail(http.StatusRequestEntityTooLarge, "The body is too large: at most %d KB can be sent here.", tooLarge.Limit>>10)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Fail(http.StatusRequestTimeout, "The body took too long to arrive. Please send it again.")
	}
	return Fail(http.StatusBadRequest, "The body was cut off before its end. Please send it again.")
}

func (x *exchange) handle(ctx context.Context) (answer *Answer, err error) {
	if err := x.hold(ctx, x.Work.Limiter, x.Work.slots(x.request.Query)); err != nil {
		return nil, err
	}
	defer x.free(x.Work.Limiter)
	err = x.inSlot(ctx, func() (err error) {
		answer, err = x.Handler(ctx, &x.request)
		x.request.Body = nil
		x.free(x.bodies) // the client may take its time to read the answer
		if err != nil {
			return err
		}
		return answer.encode()
	})
	// Those who wait would meet the same outage, each after a time-out, unless it was this
	// request that asked for too much, as a search may, or ran out of time.
	if errors.Is(err, office.ErrUnavailable) && x.Method != http.MethodGet && ctx.Err() == nil {
		x.Memory.Fail(err)
		x.Work.Fail(err)
	}
	return answer, err
}

// inSlot works in a slot. It waits for one, because the request has already been let in.
func (x *exchange) inSlot(ctx context.Context, work func() error) error {
	if !x.NoSlot {
		release, err := x.slots.Acquire(ctx, x.user, 1)
		if err != nil {
			return err
		}
		defer release()
	}
	if x.Guard != nil {
		x.options.Activity.Begin()
		defer x.options.Activity.End()
	}
	return work()
}

// hold waits for slots of a limiter, unless the request already has some, and keeps them until
// they are freed or the request is over.
func (x *exchange) hold(ctx context.Context, limiter *limit.Limiter, slots int) error {
	if slots == 0 || x.held[limiter] != nil {
		return nil
	}
	release, err := limiter.Acquire(ctx, x.user, slots)
	if err == nil {
		x.held[limiter] = release
	}
	return err
}

func (x *exchange) free(limiter *limit.Limiter) {
	if release := x.held[limiter]; release != nil {
		delete(x.held, limiter)
		release()
	}
}

func (x *exchange) freeAll() {
	for limiter := range x.held {
		x.free(limiter)
	}
}

var outages = metrics.Counter("office_store_unavailable_total", "Requests that the store did not answer, or not in time.")

// fail answers with the error; the cause of a 5xx goes to the log. A response that has
// begun cannot be taken back: it is cut off, so that the client sees that it is not whole.
func (x *exchange) fail(err error) {
	refusal := asError(err)
	if errors.Is(err, office.ErrUnavailable) || x.status == 0 && errors.Is(err, context.DeadlineExceeded) {
		outages.Of().Add(1)
	}
	switch {
	case errors.Is(err, limit.ErrBusy): // a flood of these must not flood the log
		x.refused = err.Error()
	case refusal.Status >= 500:
		x.request.Log().Error("request failed", "error", err.Error(), "status", refusal.Status)
	}
	if x.status != 0 {
		panic(http.ErrAbortHandler)
	}
	answer := refusal.answer()
	_ = answer.encode() // the data of an error can always be encoded
	_ = x.write(context.Background(), answer)
}

// recoverPanic turns a panic into one 500 and keeps the process alive.
func (x *exchange) recoverPanic() {
	panicked := recover()
	if panicked == nil {
		return
	}
	if panicked == http.ErrAbortHandler {
		panic(panicked) // net/http's own way to cut a response off
	}
	x.request.Log().Error("panic", "error", fmt.Sprint(panicked), "stack", string(debug.Stack()))
	x.fail(fmt.Errorf("panic: %v", panicked))
}
