package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"officepay.example/shared/gate"
	"officepay.example/shared/office"
	"officepay.example/shared/password"
)

// Error is an answer other than success. Handlers return it; WriteError writes
// it.
type Error struct {
	Status  int
	Message string // for a person, in plain English
	Data    any    // nil for {}
	// RetryAfter says when asking again may help; 0 leaves the header out.
	RetryAfter time.Duration
}

func (e *Error) Error() string { return e.Message }

// Fail is an Error without data.
func Fail(status int, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...)}
}

// FieldError is one thing that is wrong with a request.
type FieldError struct {
	Field   string `json:"field"` // as in the body: bank.sort_code
	Message string `json:"message"`
}

// String is the problem in a sentence, from its subject on.
func (e FieldError) String() string { return cmp.Or(fieldNames[e.Field], e.Field) + " " + e.Message }

// Invalid is the 400 for values that break a rule. Its message is the first
// problem; its data holds all of them. There must be at least one.
func Invalid(problems ...FieldError) *Error {
	message := problems[0].String()
	message = strings.ToUpper(message[:1]) + message[1:]
	if more := len(problems) - 1; more > 0 {
		message = fmt.Sprintf("%s, and %d more", message, more)
	}
	data := map[string]any{"errors": problems}
	return &Error{Status: http.StatusBadRequest, Message: message + ".", Data: data}
}

// busyPause is what a client is told to wait when the service, or what is
// below it, cannot serve just now.
const busyPause = 2 * time.Second

// statuses is the one table from an error of the stores to a response. What
// is not in it is a 500 whose text stays inside.
var statuses = []struct {
	is      error
	respond Error
}{
	{office.ErrNotFound, Error{Status: 404, Message: "Not found."}},
	{office.ErrDBNotFound, Error{Status: 404, Message: "This database does not exist."}},
	{office.ErrArmyNumberTaken, Error{Status: 409, Message: "This army number is already in use."}},
	{office.ErrShortCodeTaken, Error{Status: 409, Message: "This short code is already in use."}},
	{office.ErrLastAdmin, Error{Status: 409, Message: "This is the last admin. Make another user an admin first."}},
	{office.ErrStorageFull, Error{Status: 507, Message: "There is no room left to store this, or not for all of it. Please try again once there is room."}},
	{office.ErrUnavailable, Error{Status: 503, Message: "The database does not answer at the moment. Please try again.", RetryAfter: busyPause}},
	{password.ErrBusy, Error{Status: 503, Message: "Too many passwords are being checked just now. Please try again.", RetryAfter: busyPause}},
	{gate.ErrBusy, Error{Status: 503, Message: "Too much is being asked for just now. Please try again.", RetryAfter: busyPause}},
	{context.DeadlineExceeded, Error{Status: 503, Message: "This took too long and was stopped. Please try again.", RetryAfter: busyPause}},
	{context.Canceled, Error{Status: statusClientGone, Message: "The client closed the request."}},
}

// statusClientGone is what the log shows for a client that hung up; nobody
// receives it. The number is nginx's.
const statusClientGone = 499

// asError finds the response for any error.
func asError(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	for _, row := range statuses {
		if errors.Is(err, row.is) {
			return &row.respond
		}
	}
	return &Error{Status: http.StatusInternalServerError, Message: "Something went wrong on our side. Please try again, and quote the request id if it happens again."}
}

// WriteError responds with the error; the cause of a 5xx goes to the log.
// A response that has begun cannot be taken back: it is cut off, so that the
// client sees that it is not whole.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	e := asError(err)
	switch {
	case errors.Is(err, gate.ErrBusy): // a flood of these must not be a flood of lines
		requestOf(r.Context()).refused = err.Error()
	case e.Status >= 500:
		Log(r.Context()).Error("request failed", "error", err.Error(), "status", e.Status)
	}
	if begun(w) {
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	if e.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	Respond(w, e.Status, e.Message, e.Data)
}
