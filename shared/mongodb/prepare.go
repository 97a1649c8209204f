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

// preparationTimeout is long enough to repair and index many millions of records.
const preparationTimeout = 4 * time.Hour

// Prepare creates the indexes and repairs an old database. It runs at every start, perhaps of several
// replicas at once, and is cheap if there is nothing to do. Then the collections can be used.
func (c *Client) Prepare(ctx context.Context, logger *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, preparationTimeout)
	defer cancel()
	if err := c.drop(ctx, document.Personnels, isObsolete); err != nil {
		return err
	}
	if err := c.ensure(ctx, logger, []index{schemaIndex}); err != nil {
		return err
	}
	if err := legacy.Repair(ctx, c.db, logger, nil); err != nil {
		return err
	}
	// Only now do all documents have the unique fields, in a form that an index can hold.
	if err := c.ensure(ctx, logger, append(plainIndexes, uniqueIndexes...)); err != nil {
		return err
	}
	if err := legacy.Regain(ctx, c.db); err != nil {
		return err
	}
	c.setPrepared.Do(func() { close(c.prepared) })
	return nil
}

// The pauses between attempts to prepare the database: short, because services must work
// again within 10 seconds of the return of the database.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = time.Second
)

// KeepPreparing prepares the database and then calls start, unless that is nil, until both
// have succeeded: the database may start after the service. Only then is the client ready.
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
		if Pause(ctx, pause) != nil {
			return
		}
	}
}

// maxOdd is how many odd documents of a collection may wait for their repair.
const maxOdd = 1000

// repairLater leaves a document that another program wrote while the service was running to
// keepRepairing or, if too many wait, to the next reader.
func (c *Client) repairLater(collection string, id bson.RawValue) {
	c.oddMu.Lock()
	defer c.oddMu.Unlock()
	if len(c.odd[collection]) < maxOdd {
		c.odd[collection] = append(c.odd[collection], bson.RawValue{Type: id.Type, Value: slices.Clone(id.Value)})
	}
}

// keepRepairing repairs the documents of repairLater, until ctx is done.
func (c *Client) keepRepairing(ctx context.Context, logger *slog.Logger) {
	for Pause(ctx, longestPause) == nil {
		if err := c.repairOdd(ctx, logger); err != nil && ctx.Err() == nil {
			logger.Warn("odd documents cannot be repaired yet", "error", err.Error())
		}
	}
}

func (c *Client) repairOdd(ctx context.Context, logger *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, preparationTimeout)
	defer cancel()
	c.oddMu.Lock()
	ids := c.odd
	c.odd = map[string]bson.A{}
	c.oddMu.Unlock()
	return legacy.Repair(ctx, c.db, logger, ids)
}
