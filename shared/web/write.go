package web

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// stallTimeout is how long a client may take to read a chunk of an answer that is written
// in steps, before it is cut off to make room for others.
const stallTimeout = 15 * time.Second

// How many answers may be written in steps at a time, and how many may wait for that. How
// much memory one takes depends on its steps.
const (
	maxStreams     = 32
	streamsWaiting = 64
)

// limitWrite limits how long the client may take to read what is written: never longer than
// the request may take.
func (x *exchange) limitWrite(within time.Duration) {
	end := x.begun.Add(x.Timeout + writeGrace)
	if sooner := time.Now().Add(within); sooner.Before(end) {
		end = sooner
	}
	_ = http.NewResponseController(x.w).SetWriteDeadline(end)
}

// write writes the answer. A slow client holds up nobody else.
func (x *exchange) write(ctx context.Context, answer *Answer) error {
	if answer.Stream != nil {
		return x.writeStream(ctx, answer)
	}
	if answer.Body != nil {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(answer.Body)))
	}
	x.writeHeader(answer)
	_ = x.writeBody(answer.Body) // the client may be gone; there is nobody to tell
	answer.recycle()
	return nil
}

// writeStream takes a slot for each step of the stream, and none while it writes what the
// step has made. If the first step fails, the status still says so. Only maxStreams answers
// to slow clients are in memory at a time; a short list is not counted among them.
func (x *exchange) writeStream(ctx context.Context, answer *Answer) error {
	release := func() {}
	defer func() { release() }()
	acquireStream := sync.OnceValue(func() error {
		acquired, err := x.streams.Acquire(ctx, x.request.limiterUser(), 1)
		if err == nil {
			release = acquired
		}
		return err
	})
	if !answer.isBrief {
		if err := acquireStream(); err != nil {
			return err
		}
	}
	next, stop := iter.Pull2(answer.Stream)
	defer stop()
	for more := true; more; {
		isFirst, chunk := x.status == 0, []byte(nil)
		err := x.inSlot(ctx, func() (err error) {
			chunk, err, more = next()
			return err
		})
		if err != nil {
			return err
		}
		if isFirst && (!more || x.r.Method == http.MethodHead) {
			x.writeHeader(answer) // nothing comes, or nobody would see it
			return nil
		}
		if len(chunk) == 0 {
			continue
		}
		if !isFirst || len(chunk) >= streamChunk { // or this may be all
			if err := acquireStream(); err != nil {
				return err
			}
		}
		if isFirst {
			x.writeHeader(answer)
		}
		x.limitWrite(stallTimeout)
		if err := x.writeBody(chunk); err != nil {
			return context.Canceled // its time is over, or the client is gone
		}
		if isFirst { // the next step may take its time
			_ = http.NewResponseController(x.w).Flush()
		}
	}
	return nil
}

func (x *exchange) writeHeader(answer *Answer) {
	header := x.w.Header()
	if answer.Body != nil || answer.Stream != nil {
		header.Set("Content-Type", "application/json; charset=utf-8")
	}
	for name, value := range answer.Header {
		header.Set(name, value)
	}
	x.status = cmp.Or(answer.Status, http.StatusOK)
	x.w.WriteHeader(x.status)
}

func (x *exchange) writeBody(body []byte) error {
	n, err := x.w.Write(body)
	x.bytes += n
	return err
}

// setHeaders sets the headers of every response. Since tokens never travel in cookies,
// any origin may be allowed: a browser adds no credentials to the requests of a foreign
// page.
func (x *exchange) setHeaders() {
	h := x.w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	origins, origin := x.options.CORSOrigins, x.r.Header.Get("Origin")
	if slices.Contains(origins, "*") {
		origin = "*"
	} else if h.Add("Vary", "Origin"); !slices.Contains(origins, origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "ETag, X-Request-ID, Retry-After")
}

// isPreflight tells whether a browser asks what a page may send.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}

var preflight = Answer{Status: http.StatusNoContent, Header: map[string]string{
	"Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
	"Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, X-Request-ID",
	"Access-Control-Max-Age":       "600", // seconds; what every browser accepts
}}
