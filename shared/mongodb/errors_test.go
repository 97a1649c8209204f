package mongodb

import (
	"context"
	"errors"
	"fmt"
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
func bulk(code int) error {
	return mongo.BulkWriteException{WriteErrors: []mongo.BulkWriteError{{WriteError: mongo.WriteError{Code: code}}}}
}

// poolCleared is what the driver returns when another command has just lost
// its connection; its own type cannot be named.
type poolCleared struct{ error }

func (poolCleared) Retryable() bool { return true }

var errOther = errors.New("other")

var translations = map[string]struct{ err, want error }{
	"none":                          {nil, nil},
	"no document":                   {mongo.ErrNoDocuments, office.ErrNotFound},
	"duplicate in a command":        {command(11000, "E11000"), ErrDuplicate},
	"duplicate in a write":          {write(11000), ErrDuplicate},
	"duplicate in many":             {bulk(11000), ErrDuplicate},
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
	"lost by another command":       {fmt.Errorf("x: %w", poolCleared{errOther}), office.ErrUnavailable},
	"wrong password of a service":   {command(18, "Authentication failed."), office.ErrUnavailable},
	"closed":                        {mongo.ErrClientDisconnected, office.ErrUnavailable},
	"the client hung up":            {fmt.Errorf("x: %w", context.Canceled), context.Canceled},
	"a fault of this program":       {command(9, "FailedToParse"), nil},
	"something that nobody expects": {errOther, errOther},
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
