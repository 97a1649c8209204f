package mongodb

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"officepay.example/shared/office"
)

// ErrDuplicate: a unique index already has the value.
var ErrDuplicate = errors.New("duplicate key")

// Error codes of the server, named as in its source, src/mongo/base/error_codes.yml.
const (
	indexNotFound         = 27
	indexOptionsConflict  = 85
	indexKeySpecsConflict = 86
	atlasError            = 8000
	outOfDiskSpace        = 14031
)

// outages are the codes of errors that may go away, or do not occur on another server.
var outages = []int{
	6, 7, 89, 202, 9001, // HostUnreachable, HostNotFound, NetworkTimeout, NetworkInterfaceExceededTimeLimit, SocketException
	91, 11600, 11602, // ShutdownInProgress, InterruptedAtShutdown, InterruptedDueToReplStateChange
	189, 216, // PrimarySteppedDown, ElectionInProgress
	10058, 10107, 13435, 13436, // LegacyNotPrimary, NotWritablePrimary, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary
	100, 133, 134, 246, // UnsatisfiableWriteConcern, FailedToSatisfyReadPreference, ReadConcernMajorityNotAvailableYet, SnapshotUnavailable
	24, 50, 64, 262, // LockTimeout, MaxTimeMSExpired, WriteConcernTimeout, ExceededTimeLimit
	365, 402, 433, // TemporarilyUnavailable, ResourceExhausted, AdmissionQueueOverflow
	18, // AuthenticationFailed: of the service, not of a user of it
}

// translate turns errors of the driver into those that every store has, and leaves others alone.
func translate(err error) error {
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return err // a client that hung up is no outage
	case isFull(err):
		return fmt.Errorf("%w: %w", office.ErrStorageFull, err)
	case isOutage(err):
		return fmt.Errorf("%w: %w", office.ErrUnavailable, err)
	case mongo.IsDuplicateKeyError(err): // checked last: with many documents, other errors may have come too
		return fmt.Errorf("%w: %w", ErrDuplicate, err)
	}
	return err
}

// isFull recognizes a full disk, and the quota of MongoDB Atlas, which has one code for everything.
func isFull(err error) bool {
	server, ok := errors.AsType[mongo.ServerError](err)
	return ok && (server.HasErrorCode(outOfDiskSpace) || server.HasErrorCodeWithMessage(atlasError, "space quota"))
}

func isOutage(err error) bool {
	// On the client's side: no server, no answer in time, or no free connection.
	if mongo.IsNetworkError(err) || mongo.IsTimeout(err) || errors.Is(err, mongo.ErrClientDisconnected) || isPoolCleared(err) {
		return true
	}
	server, ok := errors.AsType[mongo.ServerError](err)
	// New versions add new codes with this label for having too much to do.
	return ok && (server.HasErrorLabel("SystemOverloadedError") || slices.ContainsFunc(outages, server.HasErrorCode))
}

// isPoolCleared recognizes a command that got no connection because another command had
// just lost its own. The driver gives that error no label and no exported type, but this
// method, by which it decides on retries itself (driver.RetryablePoolError).
func isPoolCleared(err error) bool {
	var pool interface{ Retryable() bool }
	return errors.As(err, &pool) && pool.Retryable()
}

func hasCode(err error, code int) bool {
	server, ok := errors.AsType[mongo.ServerError](err)
	return ok && server.HasErrorCode(code)
}

// Taken replaces ErrDuplicate by meaning, and returns other errors unchanged.
func Taken(err, meaning error) error {
	if errors.Is(err, ErrDuplicate) {
		return meaning
	}
	return err
}

// takenOf returns the indexes of documents whose values are taken, unless there are other errors.
func takenOf(err error) (taken []int, _ error) {
	bulk, ok := errors.AsType[mongo.BulkWriteException](err)
	if !ok || bulk.WriteConcernError != nil {
		return nil, err
	}
	for _, refused := range bulk.WriteErrors {
		if !mongo.IsDuplicateKeyError(refused.WriteError) {
			return nil, err
		}
		taken = append(taken, refused.Index)
	}
	slices.Sort(taken)
	return taken, nil
}
