package sqlitestore

import (
	"context"
	"database/sql"
	_ "embed"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
)

var (
	//go:embed schema.sql
	schema string
	//go:embed search.sql
	searchSchema string
)

// migrations take a database from each version to the next. The first creates
// the tables; what is here is never edited, only added to.
var migrations = []conn.Migration{conn.Script(schema), addSearch}

// addSearch creates the index of searches, also for the records of a database
// that has none yet.
func addSearch(ctx context.Context, tx *sql.Tx) error {
	if err := conn.Script(searchSchema)(ctx, tx); err != nil {
		return err
	}
	return search.Build(ctx, tx)
}
