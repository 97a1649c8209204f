package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
)

const (
	// smallBody is how many bytes of a body are read for everybody: more than
	// almost every body has.
	smallBody = 4 << 10
	// largeBodies is how many KB of larger ones are in memory at a time: two of the
	// largest, each of another user.
	largeBodies        = 33 << 10
	largeBodiesWaiting = 64
)

// receive reads the body where the route takes one. Nothing of it is used when
// it is too large or breaks off. Who gets it must forget it.
func (x *exchange) receive(ctx context.Context) (forget func(), err error) {
	forget = func() {}
	if x.MaxBody == 0 {
		return forget, nil
	}
	if err := x.request.checkEncoding(x.Types); err != nil {
		return forget, err
	}
	// Without the ResponseWriter: the connection is good for another request.
	from := http.MaxBytesReader(nil, x.r.Body, x.MaxBody)
	var body bytes.Buffer
	n, err := body.ReadFrom(io.LimitReader(from, smallBody))
	if err == nil && n == smallBody {
		if forget, err = x.makeRoom(ctx, &body); err != nil {
			return forget, err
		}
		_, err = body.ReadFrom(from)
	}
	if err != nil {
		forget()
		return forget, bodyError(err)
	}
	x.request.Body = body.Bytes()
	return forget, nil
}

// makeRoom waits until a large body may be in memory as a whole. Small ones are read
// however many clients send one at once.
func (x *exchange) makeRoom(ctx context.Context, body *bytes.Buffer) (forget func(), err error) {
	size := x.MaxBody
	if 0 <= x.r.ContentLength && x.r.ContentLength < size {
		size = x.r.ContentLength
	}
	forget, err = x.bodies.AcquireMany(ctx, x.request.payer(), 1+int(size>>10))
	if err == nil {
		body.Grow(int(size) - body.Len() + bytes.MinRead) // so that it never has to be copied
	}
	return forget, err
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
