package conn

import (
	"context"
	"errors"
	"fmt"
)

// Migration takes a database from one version to the next. All migrations run in one
// transaction. Schema is SQL that changes the tables. Rows, unless nil, changes what is in
// them, after all Schemas have run.
type Migration struct {
	Schema string
	Rows   Do
}

// applicationID marks a file as ours ("OPM1"), so that another program's database is never
// mistaken for an empty one.
const applicationID = 0x4F504D31

var errForeign = errors.New("it is the database of another program")

// migrate brings the schema up to date, completely or not at all.
func migrate(ctx context.Context, pool *Pool, migrations []Migration) error {
	return pool.tx(ctx, beginWriting, func(ctx context.Context, tx *Tx) error {
		version, err := schemaVersion(ctx, tx)
		if err == nil {
			err = checkVersion(version, len(migrations), true)
		}
		if err != nil || version == len(migrations) {
			return err
		}
		for _, m := range migrations[version:] {
			if err := Exec(ctx, tx, m.Schema); err != nil {
				return err
			}
		}
		for _, m := range migrations[version:] {
			if m.Rows == nil {
				continue
			}
			if err := m.Rows(ctx, tx); err != nil {
				return err
			}
		}
		return Exec(ctx, tx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(migrations)))
	})
}

// schemaVersion returns the version; 0 for an empty file.
func schemaVersion(ctx context.Context, q Querier) (int, error) {
	return Get(ctx, q, nil, func(row Row) (version int, err error) {
		var tables, application int
		err = row.Scan(&tables, &application, &version)
		if err == nil && tables > 0 && application != applicationID {
			err = errForeign
		}
		return version, err
	}, `SELECT (SELECT count(*) FROM sqlite_master),
		(SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version)`)
}

// checkVersion returns an error that says what to do if a file has another version.
func checkVersion(version, current int, mayMigrate bool) error {
	switch {
	case version > current:
		return fmt.Errorf("it has version %d, but this program needs version %d: use a newer version of the program", version, current)
	case version < current && !mayMigrate:
		return fmt.Errorf("it has version %d, but this program needs version %d: the command migrate, or a start of the server, brings it up to date", version, current)
	}
	return nil
}
