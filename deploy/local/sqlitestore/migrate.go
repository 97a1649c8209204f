package sqlitestore

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
)

var (
	//go:embed schema.sql
	schema string
	//go:embed search.sql
	searchSchema string
)

// migrations take a database from each version to the next. The first makes
// an empty one; what is here is never edited, only added to.
var migrations = []migration{statements(schema), addSearch}

// migration is one step, within the transaction of all.
type migration func(ctx context.Context, tx *transaction) error

// statements is a step that is SQL alone.
func statements(script string) migration {
	return func(ctx context.Context, tx *transaction) error {
		_, err := tx.Tx.ExecContext(ctx, script)
		return err
	}
}

// applicationID marks a file as one of ours ("OPM1"), so that another
// program's database is never taken for an empty one.
const applicationID = 0x4F504D31

var (
	errForeign = errors.New("it is a database of another program")
	errNewer   = errors.New("it was written by a newer version of this program: use that one, or newer")
)

// migrate brings the schema up to date, all of it or nothing.
func migrate(ctx context.Context, pool *pool) error {
	return pool.in(ctx, func(tx *transaction) error {
		version, err := schemaVersion(ctx, tx)
		if err != nil || version == len(migrations) {
			return err
		}
		for _, step := range migrations[version:] {
			if err := step(ctx, tx); err != nil {
				return err
			}
		}
		mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(migrations))
		return statements(mark)(ctx, tx)
	})
}

// indexStep is how many records are indexed between two lines of the log.
const indexStep = 100_000

// addSearch makes the index of searches, also for the records of a database
// that has none yet.
func addSearch(ctx context.Context, tx *transaction) error {
	if err := statements(searchSchema)(ctx, tx); err != nil {
		return err
	}
	index, last, done := newIndexer(tx), int64(0), 0
	for {
		entries, err := selectAll(ctx, tx, scanEntry,
			"SELECT seq, db_id, search_text FROM personnels WHERE seq > ? AND deleted_at IS NULL ORDER BY seq LIMIT 1000", last)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return index.save(ctx)
		}
		for _, e := range entries {
			if err := index.add(ctx, e); err != nil {
				return err
			}
			last = e.seq
		}
		if done += len(entries); done%indexStep == 0 {
			slog.InfoContext(ctx, "making the index of searches", "records", done)
		}
	}
}

// schemaVersion is 0 for an empty file.
func schemaVersion(ctx context.Context, tx *transaction) (int, error) {
	var tables, application, version int
	err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM sqlite_master),
		(SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version)`).
		Scan(&tables, &application, &version)
	switch {
	case err != nil:
		return 0, err
	case tables > 0 && application != applicationID:
		return 0, errForeign
	case version > len(migrations):
		return 0, errNewer
	}
	return version, nil
}
