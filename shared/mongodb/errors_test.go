package mongodb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"officepay.example/shared/office"
)

// What the driver returns for a code of the server.
func command(code int32, message string) error {
	return mongo.CommandError{Code: code, Message: message}
}
func write(code int) error {
	return mongo.WriteException{WriteErrors: mongo.WriteErrors{{Code: code}}}
}
func concern(code int) error {
	return mongo.WriteException{WriteConcernError: &mongo.WriteConcernError{Code: code}}
}
func bulk(code int) error { return insertion(0, code) }

// insertion is the failure of many documents: the first has the last code. 0 is
// that what was inserted is acknowledged.
func insertion(concern int, codes ...int) error {
	failure := mongo.BulkWriteException{}
	if concern != 0 {
		failure.WriteConcernError = &mongo.WriteConcernError{Code: concern}
	}
	for i, code := range codes {
		refused := mongo.WriteError{Index: len(codes) - 1 - i, Code: code}
		failure.WriteErrors = append(failure.WriteErrors, mongo.BulkWriteError{WriteError: refused})
	}
	return failure
}

// poolCleared is what the driver returns when another command has just lost
// its connection; its own type cannot be named.
type poolCleared struct{ error }

func (poolCleared) Retryable() bool { return true }

var errOther = errors.New("other")

var translations = map[string]struct{ err, want error }{
	"none":                          {nil, nil},
	"duplicate in a command":        {command(11000, "E11000"), ErrDuplicate},
	"duplicate in a write":          {write(11000), ErrDuplicate},
	"duplicate in many":             {bulk(11000), ErrDuplicate},
	"duplicates, unacknowledged":    {insertion(64, 11000), office.ErrUnavailable},
	"duplicates on a full disk":     {insertion(0, 11000, 14031), office.ErrStorageFull},
	"disk full":                     {write(14031), office.ErrStorageFull},
	"disk full in many":             {bulk(14031), office.ErrStorageFull},
	"quota of the hosting":          {command(8000, "you are over your space quota, using 513 MB of 512 MB"), office.ErrStorageFull},
	"another word of the hosting":   {command(8000, "bad auth"), nil},
	"no primary":                    {command(10107, "not primary"), office.ErrUnavailable},
	"stepped down during a write":   {concern(189), office.ErrUnavailable},
	"too few replicas in time":      {concern(64), office.ErrUnavailable},
	"took too long on the server":   {command(50, "operation exceeded time limit"), office.ErrUnavailable},
	"took too long on this side":    {context.DeadlineExceeded, office.ErrUnavailable},
	"network":                       {mongo.CommandError{Labels: []string{"NetworkError"}}, office.ErrUnavailable},
	"too much to do":                {mongo.CommandError{Code: 449, Labels: []string{"SystemOverloadedError"}}, office.ErrUnavailable},
	"lost by another command":       {fmt.Errorf("x: %w", poolCleared{errOther}), office.ErrUnavailable},
	"wrong password of a service":   {command(18, "Authentication failed."), office.ErrUnavailable},
	"closed":                        {mongo.ErrClientDisconnected, office.ErrUnavailable},
	"the client hung up":            {fmt.Errorf("x: %w", context.Canceled), context.Canceled},
	"a fault of this program":       {command(9, "FailedToParse"), nil},
	"something that nobody expects": {errOther, errOther},
}

// codesOfOutages are those of errors that pass, by where it says so. The names
// are those of the server's src/mongo/base/error_codes.yml.
var codesOfOutages = map[string][]int32{
	// https://github.com/mongodb/specifications, retryable-reads.md, "Retryable
	// Error"; the driver's own list is retryableCodes in
	// x/mongo/driver/errors.go.
	"drivers try again": {6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436},
	// server-discovery-and-monitoring.md there: of a server that was the primary.
	"drivers look for another server": {10058},
	// In error_codes.yml: WriteConcernError, ExceededTimeLimitError,
	// RetriableError, SystemOverloadedError, and LockTimeout of Interruption.
	"the category says so": {64, 100, 50, 202, 402, 433, 24},
	// There without a category, or with another: AuthenticationFailed,
	// FailedToSatisfyReadPreference, ElectionInProgress, SnapshotUnavailable,
	// TemporarilyUnavailable.
	"the name says so": {18, 133, 216, 246, 365},
}

// Promise 28: all of them are outages, wherever in an answer they are, and no
// others.
func TestCodesOfOutages(t *testing.T) {
	var all []int
	for source, codes := range codesOfOutages {
		for _, code := range codes {
			all = append(all, int(code))
			for _, err := range []error{command(code, source), write(int(code)), concern(int(code)), bulk(int(code))} {
				if got := translate(err); !errors.Is(got, office.ErrUnavailable) {
					t.Errorf("%s, code %d: %#v became %v", source, code, err, got)
				}
			}
		}
	}
	if slices.Sort(all); !slices.Equal(all, slices.Sorted(slices.Values(outages))) {
		t.Errorf("the codes of outages are %v, and have a source: %v", outages, all)
	}
}

func TestTranslate(t *testing.T) {
	for name, c := range translations {
		t.Run(name, func(t *testing.T) {
			got := translate(c.err)
			if c.want != nil && !errors.Is(got, c.want) || c.err == nil && got != nil {
				t.Errorf("%v became %v, want %v", c.err, got, c.want)
			}
			for _, word := range []error{ErrDuplicate, office.ErrStorageFull, office.ErrUnavailable, office.ErrNotFound} {
				if errors.Is(got, word) && word != c.want {
					t.Errorf("%v became %v", c.err, word)
				}
			}
		})
	}
}

// Promise 21: a document whose value is taken is left out, and the rest is in;
// any other failure is one of the whole insertion.
func TestTakenOf(t *testing.T) {
	for name, c := range map[string]struct {
		err, want error
		taken     []int
	}{
		"none":                          {nil, nil, nil},
		"duplicates alone":              {insertion(0, 11000, 11000, 11000), nil, []int{0, 1, 2}},
		"duplicates, unacknowledged":    {insertion(64, 11000), office.ErrUnavailable, nil},
		"unacknowledged":                {insertion(64), office.ErrUnavailable, nil},
		"duplicates on a full disk":     {insertion(0, 11000, 14031, 11000), office.ErrStorageFull, nil},
		"duplicates in an election":     {insertion(0, 11000, 10107), office.ErrUnavailable, nil},
		"no answer":                     {context.DeadlineExceeded, office.ErrUnavailable, nil},
		"something that nobody expects": {errOther, errOther, nil},
	} {
		t.Run(name, func(t *testing.T) {
			taken, err := takenOf(c.err)
			if err := translate(err); !errors.Is(err, c.want) || !slices.Equal(taken, c.taken) {
				t.Errorf("the indexes taken are %v and the error %v, want %v and %v", taken, err, c.taken, c.want)
			}
		})
	}
}

// A server that refuses a whole insertion for one value does not say which: the
// others are added, and those are named.
func TestInsertionRefusedWhole(t *testing.T) {
	for name, c := range map[string]struct{ taken, added []int }{
		"the only one": {[]int{0}, nil},
		"the first":    {[]int{0}, []int{1, 2, 3, 4}},
		"the last":     {[]int{4}, []int{0, 1, 2, 3}},
		"two":          {[]int{1, 3}, []int{0, 2, 4}},
		"all":          {[]int{0, 1, 2}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			docs := make([]int, len(c.taken)+len(c.added))
			for i := range docs {
				docs[i] = i
			}
			var added []int
			taken, err := insertAll(docs, func(docs []int) error {
				if slices.ContainsFunc(docs, func(doc int) bool { return slices.Contains(c.taken, doc) }) {
					return translate(command(11000, "E11000"))
				}
				added = append(added, docs...)
				return nil
			})
			if err != nil || !slices.Equal(taken, c.taken) || !slices.Equal(added, c.added) {
				t.Errorf("the indexes taken are %v, the additions %v and the error %v, want %v and %v", taken, added, err, c.taken, c.added)
			}
		})
	}
	outage := func([]int) error { return translate(command(91, "going down")) }
	if _, err := insertAll([]int{0, 1}, outage); !errors.Is(err, office.ErrUnavailable) {
		t.Errorf("an outage is %v", err)
	}
}
