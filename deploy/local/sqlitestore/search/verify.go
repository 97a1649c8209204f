package search

import (
	"context"
	"database/sql"

	"officepay.example/deploy/local/sqlitestore/conn"
)

// again is the index a second time, and the entries of both: which records have a gram.
const again = `
	CREATE VIRTUAL TABLE temp.search_again USING fts5(
		grams, tokenize = 'ascii', detail = none, content = '', contentless_delete = 1);
	CREATE VIRTUAL TABLE temp.entry USING fts5vocab(main, search, instance);
	CREATE VIRTUAL TABLE temp.entry_again USING fts5vocab(temp, search_again, instance)`

// Verify makes the index a second time, in temporary tables, and counts the grams for
// which the two differ, and the records that wait for the index but are not live.
func Verify(ctx context.Context, tx *sql.Tx) (wrong int, err error) {
	if err := conn.Script(again)(ctx, tx); err != nil {
		return 0, err
	}
	unwatched := context.WithoutCancel(ctx) // to watch over a context takes longer than a statement
	err = conn.Each(ctx, tx, scanNumbered, func(e numbered) error {
		_, err := tx.ExecContext(unwatched, "INSERT INTO temp.search_again (rowid, grams) VALUES (?, ?)", e.seq, grams(e.number, e.text))
		return err
	}, `SELECT seq, coalesce(number, 0), search_text FROM personnels LEFT JOIN search_dbs USING (db_id)
		WHERE deleted_at IS NULL AND seq NOT IN (SELECT seq FROM search_waiting)`)
	if err != nil {
		return 0, err
	}
	return conn.Int(ctx, tx, `WITH
		kept AS MATERIALIZED (SELECT term, count(*), sum(doc) FROM entry GROUP BY term),
		computed AS MATERIALIZED (SELECT term, count(*), sum(doc) FROM entry_again GROUP BY term)
		SELECT (SELECT count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM computed))
			+ (SELECT count(*) FROM (SELECT * FROM computed EXCEPT SELECT * FROM kept))
			+ (SELECT count(*) FROM search_waiting WHERE NOT EXISTS (
				SELECT 1 FROM personnels
				WHERE personnels.seq = search_waiting.seq AND personnels.db_id = search_waiting.db_id AND deleted_at IS NULL))`)
}

// withNumbers is a record with the number of its database.
type numbered struct {
	seq, number int64
	text        string
}

func scanNumbered(row conn.Row) (n numbered, err error) {
	err = row.Scan(&n.seq, &n.number, &n.text)
	return n, err
}
