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
	// smallBody is how many bytes are read without waiting for room: most bodies have fewer.
	smallBody = 4 << 10
	// largeBodies is how many KB of larger bodies are in memory at a time: two of the
	// largest, if they are of different users.
	largeBodies        = 33 << 10
	largeBodiesWaiting = 64
)

// receive reads the body if the route takes one. A body that is too large or breaks off
// is not used at all. The caller must call release once the body is no longer needed.
func (x *exchange) receive(ctx context.Context) (release func(), err error) {
	release = func() {}
	if x.MaxBody == 0 {
		return release, nil
	}
	if err := x.request.checkContentType(x.Types); err != nil {
		return release, err
	}
	// Without the ResponseWriter: the connection is good for another request.
	from := http.MaxBytesReader(nil, x.r.Body, x.MaxBody)
	var body bytes.Buffer
	n, err := body.ReadFrom(io.LimitReader(from, smallBody))
	if err == nil && n == smallBody {
		if release, err = x.makeRoom(ctx, &body); err != nil {
			return release, err
		}
		_, err = body.ReadFrom(from)
	}
	if err != nil {
		release()
		return release, bodyError(err)
	}
	x.request.Body = body.Bytes()
	return release, nil
}

// makeRoom waits until a large body may be in memory as a whole. Small ones need no room.
func (x *exchange) makeRoom(ctx context.Context, body *bytes.Buffer) (release func(), err error) {
	size := x.MaxBody
	if 0 <= x.r.ContentLength && x.r.ContentLength < size {
		size = x.r.ContentLength
	}
	release, err = x.bodies.Acquire(ctx, x.request.limiterUser(), 1+int(size>>10))
	if err == nil {
		body.Grow(int(size) - body.Len() + bytes.MinRead) // so that it never has to be copied
	}
	return release, err
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
