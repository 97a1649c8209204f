package search

import (
	"context"
	"database/sql"

	"officepay.example/deploy/local/sqlitestore/conn"
)

// secondIndex is a second index, and the entries of both: which records have a gram.
const secondIndex = `
	CREATE VIRTUAL TABLE temp.search_again USING fts5(
		grams, tokenize = 'ascii', detail = none, content = '', contentless_delete = 1);
	CREATE VIRTUAL TABLE temp.entry USING fts5vocab(main, search, instance);
	CREATE VIRTUAL TABLE temp.entry_again USING fts5vocab(temp, search_again, instance)`

// Verify makes the index a second time, in temporary tables, and counts the grams for
// which the two differ, and the records that wait for the index but are not live.
func Verify(ctx context.Context, tx *sql.Tx) (wrong int, err error) {
	if err := conn.Exec(ctx, tx, secondIndex); err != nil {
		return 0, err
	}
	type record struct {
		seq, number int64
		text        string
	}
	unwatched := context.WithoutCancel(ctx) // watching a context takes longer than a statement
	scan := conn.Scan(func(r *record) []any { return []any{&r.seq, &r.number, &r.text} })
	err = conn.Each(ctx, tx, scan, func(r record) error {
		return conn.Exec(unwatched, tx, "INSERT INTO temp.search_again (rowid, grams) VALUES (?, ?)", r.seq, grams(r.number, r.text))
	}, `SELECT seq, coalesce(number, 0), search_text FROM personnels LEFT JOIN search_dbs USING (db_id)
		WHERE deleted_at IS NULL AND seq NOT IN (SELECT seq FROM search_waiting)`)
	if err != nil {
		return 0, err
	}
	wrong, err = conn.Differing(ctx, tx, "SELECT term, count(*), sum(doc) FROM entry GROUP BY term",
		"SELECT term, count(*), sum(doc) FROM entry_again GROUP BY term")
	if err != nil {
		return 0, err
	}
	waiting, err := conn.Int(ctx, tx, `SELECT count(*) FROM search_waiting AS w WHERE NOT EXISTS (
		SELECT 1 FROM personnels AS p WHERE p.seq = w.seq AND p.db_id = w.db_id AND deleted_at IS NULL)`)
	return wrong + waiting, err
}
