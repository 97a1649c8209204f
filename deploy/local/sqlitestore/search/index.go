// Package search finds the live records of a database whose texts contain the words
// that somebody typed. It keeps an index of all short runs of characters
// in tables of its own (search.sql) beside the table of the records.
package search

import (
	"context"
	"database/sql"
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

// Indexer adds records to the index in a transaction. Searches find them once
// Save has returned.
type Indexer struct {
	tx      *sql.Tx
	numbers map[office.ID]int64
	added   []Entry
}

// maxWaiting is how many records wait to be indexed together. Looking at that many costs
// a search half a millisecond at most; indexing each by itself took 600 µs of a create in
// an office of a million, and together it takes 10 (measured with deploy/bench).
const maxWaiting = 256

// NewIndexer is for one transaction.
func NewIndexer(tx *sql.Tx) *Indexer { return &Indexer{tx: tx, numbers: map[office.ID]int64{}} }

// Add adds a record.
func (x *Indexer) Add(ctx context.Context, e Entry) error {
	x.added = append(x.added, e)
	if len(x.added) < maxWaiting {
		return nil
	}
	return x.flush(ctx)
}

// flush writes what was added to the index.
func (x *Indexer) flush(ctx context.Context) error {
	for _, e := range x.added {
		number, err := x.number(ctx, e.DB)
		if err != nil {
			return err
		}
		_, err = x.tx.ExecContext(ctx, "INSERT INTO search (rowid, grams) VALUES (?, ?)", e.Seq, grams(number, e.Text))
		if err != nil {
			return err
		}
	}
	x.added = x.added[:0]
	return nil
}

// Save lets the rest wait, or indexes it with everything that waits.
func (x *Indexer) Save(ctx context.Context) error {
	if len(x.added) == 0 {
		return nil
	}
	waiting, err := conn.Int(ctx, x.tx, "SELECT count(*) FROM search_waiting")
	if err != nil {
		return err
	}
	if waiting+len(x.added) >= maxWaiting {
		return x.saveAll(ctx)
	}
	for _, e := range x.added {
		if _, err := x.tx.ExecContext(ctx, "INSERT INTO search_waiting (seq, db_id) VALUES (?, ?)", e.Seq, e.DB[:]); err != nil {
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
	if _, err := x.tx.ExecContext(ctx, "DELETE FROM search_waiting"); err != nil {
		return err
	}
	x.added = append(waiting, x.added...)
	return x.flush(ctx)
}

func scanEntry(row conn.Row) (e Entry, err error) {
	err = row.Scan(&e.Seq, conn.ID{To: &e.DB}, &e.Text)
	return e, err
}

// number is the one that a database has in the index.
func (x *Indexer) number(ctx context.Context, db office.ID) (int64, error) {
	if number, ok := x.numbers[db]; ok {
		return number, nil
	}
	number, err := numberOf(ctx, x.tx, db)
	if err == nil && number == 0 {
		number, err = conn.Get(ctx, x.tx, nil, conn.ScanOne[int64], "INSERT INTO search_dbs (db_id) VALUES (?) RETURNING number", db[:])
	}
	if err == nil {
		x.numbers[db] = number
	}
	return number, err
}

// numberOf returns 0 for a database of which nothing is indexed.
func numberOf(ctx context.Context, q conn.Querier, db office.ID) (int64, error) {
	return conn.Get(ctx, q, nil, conn.ScanOne[int64], "SELECT number FROM search_dbs WHERE db_id = ?", db[:])
}

// Reindex replaces changed records in the index.
func Reindex(ctx context.Context, tx *sql.Tx, changed []Entry) error {
	index, seqs := NewIndexer(tx), make([]int64, len(changed))
	for i, e := range changed {
		seqs[i] = e.Seq
	}
	if err := Remove(ctx, tx, seqs); err != nil {
		return err
	}
	for _, e := range changed {
		if err := index.Add(ctx, e); err != nil {
			return err
		}
	}
	return index.Save(ctx)
}

// Remove takes records out of the index.
func Remove(ctx context.Context, tx *sql.Tx, seqs []int64) error {
	list := conn.List(seqs)
	_, err := tx.ExecContext(ctx, "DELETE FROM search_waiting WHERE seq IN (SELECT value FROM json_each(?))", list)
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM search WHERE rowid IN (SELECT value FROM json_each(?))", list)
	}
	return err
}

// ForgetDB takes a database out of the index once its records have been removed.
func ForgetDB(ctx context.Context, tx *sql.Tx, db office.ID) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM search_dbs WHERE db_id = ?", db[:])
	return err
}

// logEvery is how many records are indexed between two lines of the log.
const logEvery = 100_000

// Rebuild indexes all records anew.
func Rebuild(ctx context.Context, tx *sql.Tx) error {
	err := conn.Script(`INSERT INTO search (search) VALUES ('delete-all'); DELETE FROM search_waiting;
		DELETE FROM search_dbs`)(ctx, tx)
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
