package mongodb

import (
	"context"
	"log/slog"
	"time"

	"officepay.example/shared/mongodb/legacy"
)

// Prepare makes the indexes and migrates what an old database holds. It may run
// on every start, in several services and replicas at once: what is done already
// takes a few cheap questions. Afterwards the collections can be used.
func (c *Client) Prepare(ctx context.Context, logger *slog.Logger) error {
	if err := c.drop(ctx, personnelsName, legacy.IsObsolete); err != nil {
		return err
	}
	if err := c.ensure(ctx, logger, plainIndexes); err != nil {
		return err
	}
	if err := legacy.Migrate(ctx, c.db, logger); err != nil {
		return err
	}
	// Only now is nothing missing that must be unique.
	if err := c.ensure(ctx, logger, uniqueIndexes); err != nil {
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
