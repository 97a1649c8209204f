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
	//go:embed history.sql
	historySchema string
	//go:embed checks.sql
	checksSchema string
)

// migrations take a database from each version to the next. The first creates the tables.
// No schema is ever edited, only added to. What a later migration derives anew in any case,
// an earlier one leaves alone.
var migrations = []conn.Migration{
	{Schema: schema},
	{Schema: searchSchema},
	{Schema: foldedSchema, Rows: foldArmyNumbers},
	{Schema: adoptSchema, Rows: adopt},
	{Schema: readOnlySchema},
	{Schema: historySchema},
	{Schema: checksSchema},
	{Schema: deletionSchema},
	{Schema: attemptsSchema},
	{Schema: answerSchema, Rows: refreshDerived},
	{Rows: search.Rebuild}, // with grams of up to eight letters
}

// foldedSchema lets a login find a user in any letter case.
const foldedSchema = `
	ALTER TABLE users ADD COLUMN army_number_folded TEXT NOT NULL DEFAULT '';
	CREATE INDEX users_by_army_number ON users (army_number_folded)`

func foldArmyNumbers(ctx context.Context, tx *sql.Tx) error {
	numbers, err := conn.Select(ctx, tx, conn.ScanOne[string], "SELECT army_number FROM users")
	if err != nil {
		return err
	}
	for _, number := range numbers {
		if err := conn.Exec(ctx, tx, "UPDATE users SET army_number_folded = ? WHERE army_number = ?", office.Fold(number), number); err != nil {
			return err
		}
	}
	return nil
}

// adoptSchema has room for what cannot be served, as a document in BSON, and for live
// records that share an army number: an index treats no two NULLs as equal
// (https://sqlite.org/lang_createindex.html#unique_indexes).
const adoptSchema = `
	CREATE TABLE set_aside (
		seq        INTEGER PRIMARY KEY,
		collection TEXT NOT NULL, -- as on MongoDB: users, dbs or personnels
		document   BLOB NOT NULL
	) STRICT;
	ALTER TABLE personnels ADD COLUMN is_unique INTEGER DEFAULT 1; -- NULL where another has the number
	DROP INDEX personnels_army_number;
	CREATE UNIQUE INDEX personnels_army_number ON personnels (db_id, army_number, is_unique)
		WHERE deleted_at IS NULL;
	CREATE INDEX personnels_apart ON personnels (is_unique) WHERE is_unique IS NULL`

// readOnlySchema lets admins make users read-only.
const readOnlySchema = `ALTER TABLE users ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0`
