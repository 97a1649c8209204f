package sqlitestore

import (
	"context"
	"database/sql"
	_ "embed"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
	"officepay.example/shared/office"
)

var (
	//go:embed schema.sql
	schema string
	//go:embed search.sql
	searchSchema string
)

// migrations take a database from each version to the next. The first creates
// the tables; what is here is never edited, only added to.
var migrations = []conn.Migration{conn.Script(schema), addSearch, foldArmyNumbers}

// foldArmyNumbers lets a login find a user in any letter case.
func foldArmyNumbers(ctx context.Context, tx *sql.Tx) error {
	err := conn.Script(`ALTER TABLE users ADD COLUMN army_number_folded TEXT NOT NULL DEFAULT '';
		CREATE INDEX users_by_army_number ON users (army_number_folded)`)(ctx, tx)
	if err != nil {
		return err
	}
	numbers, err := conn.Select(ctx, tx, conn.ScanText, "SELECT army_number FROM users")
	for _, number := range numbers {
		if err == nil {
			_, err = tx.ExecContext(ctx, "UPDATE users SET army_number_folded = ? WHERE army_number = ?", office.Fold(number), number)
		}
	}
	return err
}

// addSearch creates the index of searches, also for the records of a database
// that has none yet.
func addSearch(ctx context.Context, tx *sql.Tx) error {
	if err := conn.Script(searchSchema)(ctx, tx); err != nil {
		return err
	}
	return search.Build(ctx, tx)
}
