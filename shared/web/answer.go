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

	"officepay.example/shared/office"
)

// Answer is a message and data in the envelope or, instead of it, a body or a stream.
type Answer struct {
	Status  int // 0 means 200
	Message string
	Data    any               // nil means {}
	Header  map[string]string // in addition to those of all answers
	Body    []byte
	// Stream makes the body in steps, each of which takes a slot. Each chunk is written
	// before the next one is made, so all may share one buffer. An error ends the
	// answer; before the first chunk, it becomes the response.
	Stream iter.Seq2[[]byte, error]

	// isBrief means that a first chunk shorter than streamChunk is the whole stream.
	isBrief bool
	pooled  *[]byte // the buffer of Body, if that is the envelope
}

// OK is an answer with status 200. Its error is always nil: a handler can return both.
func OK(message string, data any) (*Answer, error) {
	return &Answer{Message: message, Data: data}, nil
}

func Created(message string, data any) (*Answer, error) {
	return &Answer{Status: http.StatusCreated, Message: message, Data: data}, nil
}

// Appender is data that encodes itself as encoding/json would.
type Appender interface {
	AppendJSON(out []byte) ([]byte, error)
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is the largest buffer that is kept for another answer: most are smaller.
const maxPooled = 256 << 10

// encode makes the envelope, unless the answer has another body or none.
func (a *Answer) encode() error {
	if a.Body != nil || a.Stream != nil || a.Status == http.StatusNoContent {
		return nil
	}
	a.pooled = buffers.Get().(*[]byte)
	out, err := appendData(a.appendBegin((*a.pooled)[:0]), cmp.Or[any](a.Data, struct{}{}))
	*a.pooled = append(out, "}\n"...)
	a.Body, a.Data = *a.pooled, nil // not both in memory while a slow client reads
	return err
}

// appendBegin appends the envelope up to the data.
func (a *Answer) appendBegin(out []byte) []byte {
	out = office.AppendJSONString(append(out, `{"message":`...), a.Message)
	out = strconv.AppendInt(append(out, `,"statusCode":`...), int64(cmp.Or(a.Status, http.StatusOK)), 10)
	return append(out, `,"data":`...)
}

func appendData(out []byte, data any) ([]byte, error) {
	if appender, ok := data.(Appender); ok {
		return appender.AppendJSON(out)
	}
	return office.AppendJSON(out, data)
}

// stallTimeout is how long a client may take to read a chunk, before it must make room for others.
const stallTimeout = 15 * time.Second

// How many answers may be written in steps at a time, and how many may wait for that.
const (
	maxStreams     = 32
	streamsWaiting = 64
)

// limitWrite limits how long the client may take to read, at most to the end of the request.
func (x *exchange) limitWrite(within time.Duration) {
	end := x.start.Add(x.Timeout + writeGrace)
	if sooner := time.Now().Add(within); sooner.Before(end) {
		end = sooner
	}
	_ = http.NewResponseController(x.w).SetWriteDeadline(end)
}

func (x *exchange) write(ctx context.Context, answer *Answer) error {
	if answer.Stream != nil {
		return x.writeStream(ctx, answer)
	}
	if answer.Body != nil {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(answer.Body)))
	}
	x.writeHeader(answer)
	_ = x.writeBody(answer.Body) // the client may be gone; there is nobody to tell
	if answer.pooled != nil && cap(*answer.pooled) <= maxPooled {
		buffers.Put(answer.pooled)
	}
	return nil
}

// writeStream takes a slot for each step of the stream, and none while it writes what the
// step has made. If the first step fails, the status still says so. At most maxStreams
// answers are written so at a time; a page that fits into one chunk does not count.
func (x *exchange) writeStream(ctx context.Context, answer *Answer) error {
	if !answer.isBrief {
		if err := x.hold(ctx, x.streams, 1); err != nil {
			return err
		}
	}
	next, stop := iter.Pull2(answer.Stream)
	defer stop()
	isHead := x.r.Method == http.MethodHead // nobody would see more than the first step
	for more := true; more; more = more && !isHead {
		var chunk []byte
		err := x.inSlot(ctx, func() (err error) {
			chunk, err, more = next()
			return err
		})
		if err == nil && len(chunk) > 0 && !isHead {
			err = x.writeChunk(ctx, answer, chunk)
		}
		if err != nil {
			return err
		}
	}
	if x.status == 0 {
		x.writeHeader(answer)
	}
	return nil
}

func (x *exchange) writeChunk(ctx context.Context, answer *Answer, chunk []byte) error {
	isFirst := x.status == 0
	if !isFirst || len(chunk) >= streamChunk { // otherwise it may be all
		if err := x.hold(ctx, x.streams, 1); err != nil {
			return err
		}
	}
	if isFirst {
		x.writeHeader(answer)
	}
	x.limitWrite(stallTimeout)
	if err := x.writeBody(chunk); err != nil {
		return context.Canceled // the client is too slow, or gone
	}
	if isFirst { // the next step may take its time
		_ = http.NewResponseController(x.w).Flush()
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

// setHeaders sets the headers of every response. Any origin may be allowed: tokens never
// travel in cookies, so a browser adds no credentials to the requests of a foreign page.
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

// preflight answers a browser that asks what a page may send.
var preflight = Answer{Status: http.StatusNoContent, Header: map[string]string{
	"Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
	"Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, X-Request-ID",
	"Access-Control-Max-Age":       "600", // seconds; what every browser accepts
}}
