package mongodb

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/shared/document"
	"officepay.example/shared/mongodb/legacy"
)

// Prepare makes the indexes and repairs what an old database holds. It may run
// on every start, in several services and replicas at once: what is done already
// takes a few cheap questions. Afterwards the collections can be used.
func (c *Client) Prepare(ctx context.Context, logger *slog.Logger) error {
	if err := c.drop(ctx, document.Personnels, isObsolete); err != nil {
		return err
	}
	if err := c.ensure(ctx, logger, []index{schemaIndex}); err != nil {
		return err
	}
	if err := legacy.Repair(ctx, c.db, logger, nil); err != nil {
		return err
	}
	// Only now is nothing missing that must be unique, and nothing there that
	// an index cannot hold.
	if err := c.ensure(ctx, logger, append(plainIndexes, uniqueIndexes...)); err != nil {
		return err
	}
	if err := legacy.Regain(ctx, c.db); err != nil {
		return err
	}
	c.setPrepared()
	return nil
}

// The pauses between attempts to prepare the database. The longest is part of
// the 10 seconds in which all must be well after the database has come.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = time.Second
)

// KeepPreparing prepares the database, and then does what the service does at its
// start, again and again until both have succeeded: the database may be started
// after the service. Only then is the client ready. Start may be nil.
func (c *Client) KeepPreparing(ctx context.Context, logger *slog.Logger, start func(context.Context) error) {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := c.Prepare(ctx, logger)
		if err == nil && start != nil {
			err = start(ctx)
		}
		if err == nil {
			c.ready.Store(true)
			logger.Info("ready", "database", c.db.Name())
			c.keepRepairing(ctx, logger)
			return
		}
		logger.Warn("the database cannot be prepared yet; trying again", "error", err.Error())
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// oddDocument is one that somebody else wrote while the service runs.
type oddDocument struct {
	collection string
	id         bson.RawValue
}

// maxOdd is how many odd documents may wait for their repair.
const maxOdd = 1000

// suspect has a document repaired that was met. Where too many wait, it is met
// again.
func (c *Client) suspect(collection string, id bson.RawValue) {
	id.Value = slices.Clone(id.Value)
	select {
	case c.odd <- oddDocument{collection, id}:
	default:
	}
}

// keepRepairing repairs what is met of odd documents.
func (c *Client) keepRepairing(ctx context.Context, logger *slog.Logger) {
	for {
		if err := c.repairOdd(ctx, logger); err != nil && ctx.Err() == nil {
			logger.Warn("odd documents cannot be repaired yet", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(longestPause):
		}
	}
}

// repairOdd waits for odd documents and repairs them.
func (c *Client) repairOdd(ctx context.Context, logger *slog.Logger) error {
	ids := map[string]bson.A{}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case doc := <-c.odd:
		for {
			ids[doc.collection] = append(ids[doc.collection], doc.id)
			if len(c.odd) == 0 {
				return legacy.Repair(ctx, c.db, logger, ids)
			}
			doc = <-c.odd
		}
	}
}
