package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
)

// derived is derived from the records: a query for what is kept, and one that computes it.
type derived struct{ name, kept, computed string }

var (
	// totals are checked at a start, since they can be read from indexes.
	totals = []derived{
		{"totals of databases", "SELECT db_id, status, n FROM tally WHERE month = 0 AND n <> 0", `
			SELECT db_id, status, count(*) FROM personnels WHERE deleted_at IS NULL GROUP BY db_id, status
			UNION ALL SELECT db_id, 'deleted', count(*) FROM personnels WHERE deleted_at IS NOT NULL GROUP BY db_id`},
		{"totals over all databases", "SELECT month, status, n FROM tally_of_all WHERE n <> 0",
			"SELECT month, status, sum(n) FROM tally GROUP BY month, status HAVING sum(n) <> 0"},
		{"number of records that can be searched for",
			"SELECT (SELECT count(*) FROM search_docsize) + (SELECT count(*) FROM search_waiting)",
			"SELECT count(*) FROM personnels WHERE deleted_at IS NULL"},
	}
	tallies = derived{"tallies", "SELECT month, db_id, status, n FROM tally WHERE n <> 0", computedTally}
)

const computedTally = `
	WITH records AS (
		SELECT db_id, iif(deleted_at IS NULL, status, 'deleted') AS status,
			strftime('%Y %m', coalesce(deleted_at, created_at) / 1000.0, 'unixepoch') AS since
		FROM personnels),
	months AS (
		SELECT coalesce(substr(since, 1, 4) * 12 + substr(since, 6) - 1, -1) AS month, db_id, status FROM records
		UNION ALL SELECT 0, db_id, status FROM records)
	SELECT month, db_id, status, count(*) AS n FROM months GROUP BY month, db_id, status`

// differing says in words which of the derived differ from the records.
func differing(ctx context.Context, q conn.Querier, all ...derived) (faults []string, err error) {
	for _, d := range all {
		rows, err := conn.Differing(ctx, q, d.kept, d.computed)
		if err != nil {
			return nil, err
		}
		if rows > 0 {
			faults = append(faults, fmt.Sprintf("%s: %d rows differ", d.name, rows))
		}
	}
	return faults, nil
}

// Verify checks the whole file, the rows, and everything that is derived from the records,
// and says in words what is wrong. Others can read and write meanwhile.
func (db *DB) Verify(ctx context.Context) (faults []string, err error) {
	err = db.ScratchTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := conn.CheckWhole(ctx, tx); err != nil {
			return err
		}
		if faults, err = differing(ctx, tx, append(totals, tallies)...); err != nil {
			return err
		}
		odd, err := faultsOf(ctx, tx, tables...)
		if err != nil {
			return err
		}
		faults = append(faults, odd...)
		wrong, err := search.Verify(ctx, tx)
		if wrong > 0 {
			faults = append(faults, fmt.Sprintf("search index: %d entries differ", wrong))
		}
		return err
	})
	return faults, err
}

// Repair rebuilds what Verify checks, and sets aside the rows that cannot be served. Nobody
// else can write meanwhile.
func (db *DB) Repair(ctx context.Context) error {
	return db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := adopt(ctx, tx); err != nil {
			return err
		}
		return search.Rebuild(ctx, tx)
	})
}

// repairTotals checks the totals, and repairs everything if they are wrong.
func (db *DB) repairTotals(ctx context.Context) error {
	faults, err := differing(ctx, db.Reader, totals...)
	if err != nil || len(faults) == 0 {
		return err
	}
	slog.WarnContext(ctx, "what is derived from the records differs from them: repairing it", "faults", faults)
	return db.Repair(ctx)
}
