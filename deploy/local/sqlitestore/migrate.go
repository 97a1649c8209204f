package sqlitestore

import (
	_ "embed"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
)

var (
	//go:embed schema.sql
	schema string
	//go:embed schema_search.sql
	searchSchema string
	//go:embed schema_history.sql
	historySchema string
	//go:embed schema_checks.sql
	checksSchema string
)

// migrations take a database from each version to the next. No schema is ever edited, only
// added to. An earlier migration leaves alone what a later one derives anew in any case.
var migrations = []conn.Migration{
	{Schema: schema},
	{Schema: searchSchema},
	// A login finds a user in any letter case.
	{Schema: `ALTER TABLE users ADD COLUMN army_number_folded TEXT NOT NULL DEFAULT '';
		CREATE INDEX users_by_army_number ON users (army_number_folded)`},
	{Schema: adoptSchema, Rows: adopt},
	{Schema: "ALTER TABLE users ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0"},
	{Schema: historySchema},
	{Schema: checksSchema},
	{Schema: deletionSchema},
	// How long the owner of an account is known at an address, and the session of failures.
	{Schema: `ALTER TABLE attempts ADD COLUMN session INTEGER NOT NULL DEFAULT 0;
		ALTER TABLE attempts ADD COLUMN count_until INTEGER;
		ALTER TABLE attempts ADD COLUMN known_until INTEGER`},
	// The records as they are answered.
	{Schema: "ALTER TABLE personnels ADD COLUMN answer TEXT NOT NULL DEFAULT '{}'", Rows: refreshDerived},
	{Rows: search.Rebuild}, // with grams of up to eight letters
}

// adoptSchema has room for documents that cannot be served, and for live records that share an army
// number: no two NULLs are equal in an index (https://sqlite.org/lang_createindex.html#unique_indexes).
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
