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

	"officepay.example/shared/limit"
	"officepay.example/shared/office"
	"officepay.example/shared/token"
)

// Error is an answer other than success, for handlers to return.
type Error struct {
	Status  int
	Message string // for a person, in plain English
	Data    map[string]any
	// RetryAfter says when to try again; 0 leaves the header out.
	RetryAfter time.Duration
}

func (e *Error) Error() string { return e.Message }

// Fail is an Error without data.
func Fail(status int, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...)}
}

// FieldError is what is wrong with one field of a request.
type FieldError struct {
	Field   string `json:"field"` // as in the body: bank.sort_code
	Message string `json:"message"`
}

// String is the problem as a sentence without capital and full stop.
func (e FieldError) String() string { return fieldName(e.Field) + " " + e.Message }

// Invalid is the 400 for a field that breaks a rule.
func Invalid(field, message string) *Error { return InvalidFields(FieldError{field, message}) }

// InvalidFields is the 400 for at least one problem: the first in its message, all in its data.
func InvalidFields(problems ...FieldError) *Error {
	message := problems[0].String()
	message = strings.ToUpper(message[:1]) + message[1:]
	if more := len(problems) - 1; more > 0 {
		message = fmt.Sprintf("%s, and %d more", message, more)
	}
	data := map[string]any{"errors": problems}
	return &Error{Status: http.StatusBadRequest, Message: message + ".", Data: data}
}

// busyPause is how long a client is told to wait for a service or database that cannot serve.
const busyPause = 2 * time.Second

// statuses maps the errors of everything below the handlers to responses. Every other
// error becomes a 500, and its text is not shown.
var statuses = []struct {
	is      error
	respond Error
}{
	{token.ErrUnauthenticated, Error{Status: 401, Message: "Please log in."}},
	{token.ErrNotAdmin, Error{Status: 403, Message: "Only an admin may do this."}},
	{token.ErrReadOnly, Error{Status: 403, Message: "Your account is read-only: it can change nothing but its own password."}},
	// For a missing user, the admin service has its own message.
	{office.ErrNotFound, Error{Status: 404, Message: "This personnel record does not exist."}},
	{office.ErrDBNotFound, Error{Status: 404, Message: "This database does not exist."}},
	{office.ErrArmyNumberTaken, Error{Status: 409, Message: "This army number is already in use."}},
	{office.ErrStale, Error{Status: 412, Message: "This has been changed since you read it. Please read it again."}},
	{office.ErrShortCodeTaken, Error{Status: 409, Message: "This short code is already in use."}},
	{office.ErrLastAdmin, Error{Status: 409, Message: "This is the last admin. Make another user an admin first."}},
	{office.ErrStorageFull, Error{Status: 507, Message: "There is no room left to store this, or not for all of it. Please try again once there is room."}},
	{office.ErrUnavailable, Error{Status: 503, Message: "The database does not answer at the moment. Please try again.", RetryAfter: busyPause}},
	{limit.ErrBusy, Error{Status: 503, Message: "The server has too much to do just now. Please try again.", RetryAfter: busyPause}},
	{context.DeadlineExceeded, Error{Status: 503, Message: "This took too long. Please try again.", RetryAfter: busyPause}},
	{context.Canceled, Error{Status: statusClientGone, Message: "The client closed the request."}},
}

// statusClientGone is for a client that hung up, as in nginx. Only the log shows it.
const statusClientGone = 499

func asError(err error) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	for _, row := range statuses {
		if errors.Is(err, row.is) {
			return &row.respond
		}
	}
	return &Error{Status: http.StatusInternalServerError, Message: "Something went wrong on our side. Please try again, and quote the request id if it happens again."}
}

func (e *Error) answer() *Answer {
	answer := &Answer{Status: e.Status, Message: e.Message, Header: map[string]string{}}
	if e.Data != nil {
		answer.Data = e.Data
	}
	if e.RetryAfter > 0 {
		answer.Header["Retry-After"] = strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds())))
	}
	if e.Status == http.StatusUnauthorized {
		answer.Header["WWW-Authenticate"] = "Bearer"
	}
	return answer
}

// fieldNames are for fields whose own names are not what a clerk would say.
var fieldNames = map[string]string{
	"body":          "the upload",
	"bom":           "the byte order mark",
	"dry_run":       "the trial",
	"search":        "the search text",
	"by":            "the field to count by",
	"months":        "the number of months",
	"since":         "the start",
	"until":         "the end",
	"code":          "the code of the check",
	"user_id":       "the user",
	"allowed_dbs":   "the list of databases",
	"read_only":     "the mark as read-only",
	"acct_number":   "the account number",
	"sub_sector":    "the sub-sector",
	"db_id":         "the database",
	"personnels_id": "the list of records",
}

var inWords = strings.NewReplacer("_", " ", ".", "'s ")

// fieldName is a field in plain English, for the clerk to whom the frontend shows messages.
func fieldName(field string) string {
	return cmp.Or(fieldNames[field], "the "+inWords.Replace(field))
}
