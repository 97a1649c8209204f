package web

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"officepay.example/shared/gate"
)

// DefaultMaxInFlight is how many requests are worked on at a time: more than
// any machine needs to be busy, and few enough that the last of them is
// answered soon.
const DefaultMaxInFlight = 128

// admitted works on so many requests at a time and refuses the rest at once,
// so that overload slows nobody down who was let in.
//
// A request has its place only while the service works on it. While it waits
// for its client, others have it: readBody gives it away until the body is
// there, and the response gives it away for good when it begins. So slow
// clients, however many, keep nobody out.
func admitted(inFlight, bodies *gate.Gate, handler Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		place, err := inFlight.Enter(r.Context())
		if err != nil {
			return err
		}
		defer place.Leave()
		req := requestOf(r.Context())
		req.place, req.bodies = place, bodies
		return handler(w, r)
	}
}

const (
	// smallBody is how many bytes of a body are read for everybody: more than
	// almost every body has.
	smallBody = 4 << 10
	// largeBodies is how many that are larger a route reads at a time.
	largeBodies = 32
)

// receive reads the body. What is small is read however many send at once. Of
// larger ones only so many are in memory while their clients are slow; the rest
// is refused.
func receive(r *http.Request) ([]byte, error) {
	var body bytes.Buffer
	if n, err := body.ReadFrom(io.LimitReader(r.Body, smallBody)); err != nil || n < smallBody {
		return body.Bytes(), err
	}
	place, err := requestOf(r.Context()).bodies.Queue()
	if err != nil {
		return nil, err
	}
	defer place.Leave()
	_, err = body.ReadFrom(r.Body)
	return body.Bytes(), err
}

// Await waits for the client, and gives the request's place away meanwhile.
func Await(ctx context.Context, client func() error) error {
	place := requestOf(ctx).place
	place.Leave()
	if err := client(); err != nil {
		return err
	}
	return place.Work(ctx)
}

// Resume takes a place for more work once the response has begun, until it goes
// on. It waits for one, since what has begun cannot be refused any more.
func Resume(ctx context.Context) error { return requestOf(ctx).place.Work(ctx) }
