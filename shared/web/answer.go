package web

import (
	"cmp"
	"iter"
	"net/http"
	"strconv"
	"sync"

	"officepay.example/shared/office"
)

// Answer is what a handler answers: a message and data in the envelope or, instead of
// the envelope, a body or a stream.
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

	// isBrief means that a first chunk of less than streamChunk is the whole stream.
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

// recycle keeps the buffer of the envelope for another answer.
func (a *Answer) recycle() {
	if a.pooled != nil && cap(*a.pooled) <= maxPooled {
		buffers.Put(a.pooled)
	}
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
