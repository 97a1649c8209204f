// Package search finds the live records of a database whose texts contain all of some words. It
// keeps an index of all short runs of characters in tables of its own (../schema_search.sql).
package search

import (
	"context"
	"log/slog"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
)

// Entry is a live record as the index knows it.
type Entry struct {
	Seq  int64
	DB   office.ID
	Text string
}

// Indexer removes records from the index in a transaction, and adds others, or the same
// ones anew. The index is up to date once Save has returned.
type Indexer struct {
	tx      *conn.Tx
	numbers map[office.ID]int64
	removed []int64
	added   []Entry // once those are removed
}

// maxWaiting is how many records wait to be indexed together. Looking at that many costs
// a search half a millisecond at most; indexing each by itself took 600 µs of a create in
// an office of a million, and together it takes 10 (measured with deploy/bench).
const maxWaiting = 256

// NewIndexer is for one transaction.
func NewIndexer(tx *conn.Tx) *Indexer { return &Indexer{tx: tx, numbers: map[office.ID]int64{}} }

// Add adds a record.
func (x *Indexer) Add(ctx context.Context, e Entry) error {
	x.added = append(x.added, e)
	if len(x.added) < maxWaiting {
		return nil
	}
	return x.flush(ctx)
}

// Remove removes a record.
func (x *Indexer) Remove(seq int64) { x.removed = append(x.removed, seq) }

// saveRemoved takes what was removed out of the index.
func (x *Indexer) saveRemoved(ctx context.Context) error {
	if len(x.removed) == 0 {
		return nil
	}
	list := conn.List(x.removed)
	x.removed = x.removed[:0]
	err := conn.Exec(ctx, x.tx, "DELETE FROM search_waiting WHERE seq IN (SELECT value FROM json_each(?))", list)
	if err == nil {
		err = conn.Exec(ctx, x.tx, "DELETE FROM search WHERE rowid IN (SELECT value FROM json_each(?))", list)
	}
	return err
}

// flush removes from the index and adds to it what has been collected.
func (x *Indexer) flush(ctx context.Context) error {
	if err := x.saveRemoved(ctx); err != nil {
		return err
	}
	for _, e := range x.added {
		number, err := x.number(ctx, e.DB)
		if err != nil {
			return err
		}
		if err := conn.Exec(ctx, x.tx, "INSERT INTO search (rowid, grams) VALUES (?, ?)", e.Seq, grams(number, e.Text)); err != nil {
			return err
		}
	}
	x.added = x.added[:0]
	return nil
}

// Save lets the rest wait, or indexes it together with all that waits.
func (x *Indexer) Save(ctx context.Context) error {
	if err := x.saveRemoved(ctx); err != nil || len(x.added) == 0 {
		return err
	}
	waiting, err := conn.Int(ctx, x.tx, "SELECT count(*) FROM search_waiting")
	if err != nil {
		return err
	}
	if waiting+len(x.added) >= maxWaiting {
		return x.saveAll(ctx)
	}
	for _, e := range x.added {
		if err := conn.Exec(ctx, x.tx, "INSERT INTO search_waiting (seq, db_id) VALUES (?, ?)", e.Seq, e.DB[:]); err != nil {
			return err
		}
	}
	return nil
}

func (x *Indexer) saveAll(ctx context.Context) error {
	waiting, err := conn.Select(ctx, x.tx, scanEntry, `SELECT seq, personnels.db_id, search_text
		FROM search_waiting JOIN personnels USING (seq) ORDER BY seq`)
	if err != nil {
		return err
	}
	if err := conn.Exec(ctx, x.tx, "DELETE FROM search_waiting"); err != nil {
		return err
	}
	x.added = append(waiting, x.added...)
	return x.flush(ctx)
}

var scanEntry = conn.Scan(func(e *Entry) []any { return []any{&e.Seq, conn.ID{To: &e.DB}, &e.Text} })

// number returns the number of a database in the index, and gives it one if it has none.
func (x *Indexer) number(ctx context.Context, db office.ID) (int64, error) {
	if number, ok := x.numbers[db]; ok {
		return number, nil
	}
	number, err := conn.Get(ctx, x.tx, nil, conn.ScanOne[int64], `INSERT INTO search_dbs (db_id) VALUES (?)
		ON CONFLICT DO UPDATE SET db_id = excluded.db_id RETURNING number`, db[:])
	x.numbers[db] = number
	return number, err
}

// numberOf returns 0 for a database of which nothing is indexed.
func numberOf(ctx context.Context, q conn.Querier, db office.ID) (int64, error) {
	return conn.Get(ctx, q, nil, conn.ScanOne[int64], "SELECT number FROM search_dbs WHERE db_id = ?", db[:])
}

// ForgetDB takes a database out of the index once its records have been removed.
func ForgetDB(ctx context.Context, tx *conn.Tx, db office.ID) error {
	return conn.Exec(ctx, tx, "DELETE FROM search_dbs WHERE db_id = ?", db[:])
}

// logEvery is how many records are indexed between two lines of the log.
const logEvery = 100_000

// Rebuild indexes all records anew.
func Rebuild(ctx context.Context, tx *conn.Tx) error {
	err := conn.Exec(ctx, tx, `INSERT INTO search (search) VALUES ('delete-all'); DELETE FROM search_waiting;
		DELETE FROM search_dbs`)
	if err != nil {
		return err
	}
	index, done := NewIndexer(tx), 0
	err = conn.Each(ctx, tx, scanEntry, func(e Entry) error {
		if done++; done%logEvery == 0 {
			slog.InfoContext(ctx, "building the search index", "records", done)
		}
		return index.Add(ctx, e)
	}, "SELECT seq, db_id, search_text FROM personnels WHERE deleted_at IS NULL ORDER BY seq")
	if err != nil {
		return err
	}
	return index.Save(ctx)
}

// secondIndex creates a second index, and tables of the entries of both: which records have a gram.
const secondIndex = `
	CREATE VIRTUAL TABLE temp.search_again USING fts5(
		grams, tokenize = 'ascii', detail = none, content = '', contentless_delete = 1);
	CREATE VIRTUAL TABLE temp.entry USING fts5vocab(main, search, instance);
	CREATE VIRTUAL TABLE temp.entry_again USING fts5vocab(temp, search_again, instance)`

// Verify makes the index a second time, in temporary tables, and counts the grams for
// which the two differ, and the records that wait for the index but are not live.
func Verify(ctx context.Context, tx *conn.Tx) (wrong int, err error) {
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
