package sqlitestore

import (
	"context"
	"fmt"
	"log/slog"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
)

// check looks for what is wrong, and says it in words.
type check interface {
	faults(context.Context, conn.Querier) ([]string, error)
}

func faultsOf(ctx context.Context, q conn.Querier, checks ...check) (faults []string, err error) {
	for _, check := range checks {
		found, err := check.faults(ctx, q)
		if err != nil {
			return nil, err
		}
		faults = append(faults, found...)
	}
	return faults, nil
}

// derived is something derived from the records: a query for what is kept, and one that computes it.
type derived struct{ name, kept, computed string }

// faults implements check.
func (d derived) faults(ctx context.Context, q conn.Querier) (faults []string, err error) {
	rows, err := conn.Differing(ctx, q, d.kept, d.computed)
	if rows > 0 {
		faults = []string{fmt.Sprintf("%s: %d rows differ", d.name, rows)}
	}
	return faults, err
}

var (
	// totals are checked at a start, since they can be read from indexes.
	totals = []check{
		derived{"totals of databases", "SELECT db_id, status, n FROM tally WHERE month = 0 AND n <> 0", `
			SELECT db_id, status, count(*) FROM personnels WHERE deleted_at IS NULL GROUP BY db_id, status
			UNION ALL SELECT db_id, 'deleted', count(*) FROM personnels WHERE deleted_at IS NOT NULL GROUP BY db_id`},
		derived{"totals over all databases", "SELECT month, status, n FROM tally_of_all WHERE n <> 0",
			"SELECT month, status, sum(n) FROM tally GROUP BY month, status HAVING sum(n) <> 0"},
		derived{"number of records that can be searched for",
			"SELECT (SELECT count(*) FROM search_docsize) + (SELECT count(*) FROM search_waiting)",
			"SELECT count(*) FROM personnels WHERE deleted_at IS NULL"},
	}
	// times finds databases with live records created outside the years 1 to 9999.
	times = derived{"times of creation", `SELECT count(*) FROM (SELECT DISTINCT db_id FROM tally) AS t WHERE
		EXISTS (SELECT 1 FROM personnels AS p WHERE deleted_at IS NULL AND p.db_id = t.db_id AND created_at < -62135596800000)
		OR EXISTS (SELECT 1 FROM personnels AS p WHERE deleted_at IS NULL AND p.db_id = t.db_id AND created_at > 253402300799999)`, "SELECT 0"}
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

// Verify checks the whole file, the rows, and everything that is derived from the records,
// and says in words what is wrong. Others can read and write meanwhile.
func (db *DB) Verify(ctx context.Context) (faults []string, err error) {
	err = db.ScratchTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
		if err := conn.CheckWhole(ctx, tx); err != nil {
			return err
		}
		if faults, err = faultsOf(ctx, tx, append(totals, tallies, dbsTable, usersTable, personnelsTable)...); err != nil {
			return err
		}
		wrong, err := search.Verify(ctx, tx)
		if wrong > 0 {
			faults = append(faults, fmt.Sprintf("search index: %d entries differ", wrong))
		}
		return err
	})
	return faults, err
}

// Repair rebuilds what Verify checks, and sets aside what cannot be served, while nobody else writes.
func (db *DB) Repair(ctx context.Context) error {
	return db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
		if err := adopt(ctx, tx); err != nil {
			return err
		}
		return search.Rebuild(ctx, tx)
	})
}

// repairAtStart repairs everything if the totals are wrong, and adopts odd rows if there are odd
// users, databases or times: looking at all records would take too long.
func (db *DB) repairAtStart(ctx context.Context) error {
	faults, err := faultsOf(ctx, db.Reader, totals...)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		slog.WarnContext(ctx, "what is derived from the records differs from them: repairing it", "faults", faults)
		return db.Repair(ctx)
	}
	if faults, err = faultsOf(ctx, db.Reader, dbsTable, usersTable, times); err != nil || len(faults) == 0 {
		return err
	}
	return db.WriteTx(ctx, adopt)
}
