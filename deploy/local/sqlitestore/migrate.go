package sqlitestore

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
)

//go:embed schema.sql
var schema string

// migrations take a database from each version to the next. The first makes
// an empty one; what is here is never edited, only added to.
var migrations = []string{schema}

// applicationID marks a file as one of ours ("OPM1"), so that another
// program's database is never taken for an empty one.
const applicationID = 0x4F504D31

var (
	errForeign = errors.New("it is a database of another program")
	errNewer   = errors.New("it was written by a newer version of this program: use that one, or newer")
)

// migrate brings the schema up to date, all of it or nothing.
func migrate(ctx context.Context, pool *sql.DB) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	version, err := schemaVersion(ctx, tx)
	if err != nil || version == len(migrations) {
		return err
	}
	for _, step := range migrations[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(migrations))
	if _, err := tx.ExecContext(ctx, mark); err != nil {
		return err
	}
	return tx.Commit()
}

// schemaVersion is 0 for an empty file.
func schemaVersion(ctx context.Context, tx *sql.Tx) (int, error) {
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
