package sqlitestore

import (
	"context"
	"database/sql"
	"errors"

	"officepay.example/shared/office"
)

// indexer keeps the index of searches in a transaction. What is added is there
// for the next transaction once save has returned.
type indexer struct {
	tx      *transaction
	numbers map[office.ID]int64
	added   []entry
}

// entry is a record on its way into the index.
type entry struct {
	seq  int64
	db   office.ID
	text string
}

// maxWaiting is how many records wait to be indexed together. To look at so
// many costs a search half a millisecond at most; to index each alone took 600
// µs of a create in an office of a million, and among so many it takes 10
// (measured with deploy/bench).
const maxWaiting = 256

func newIndexer(tx *transaction) *indexer { return &indexer{tx: tx, numbers: map[office.ID]int64{}} }

// add makes a record findable. Deleted ones are not.
func (x *indexer) add(ctx context.Context, e entry) error {
	x.added = append(x.added, e)
	if len(x.added) < maxWaiting {
		return nil
	}
	return x.flush(ctx)
}

// flush writes what was added into the index.
func (x *indexer) flush(ctx context.Context) error {
	for _, e := range x.added {
		number, err := x.number(ctx, e.db)
		if err != nil {
			return err
		}
		_, err = x.tx.ExecContext(ctx, "INSERT INTO search (rowid, grams) VALUES (?, ?)", e.seq, grams(number, e.text))
		if err != nil {
			return err
		}
	}
	x.added = x.added[:0]
	return nil
}

// save lets what is left wait, or indexes it with all that waits.
func (x *indexer) save(ctx context.Context) error {
	if len(x.added) == 0 {
		return nil
	}
	waiting, err := selectInt(ctx, x.tx, "SELECT count(*) FROM search_waiting")
	if err != nil {
		return err
	}
	if waiting+len(x.added) >= maxWaiting {
		return x.saveAll(ctx)
	}
	for _, e := range x.added {
		if _, err := x.tx.ExecContext(ctx, "INSERT INTO search_waiting (seq, db_id) VALUES (?, ?)", e.seq, e.db[:]); err != nil {
			return err
		}
	}
	return nil
}

func (x *indexer) saveAll(ctx context.Context) error {
	waiting, err := selectAll(ctx, x.tx, scanEntry,
		"SELECT seq, personnels.db_id, search_text FROM search_waiting JOIN personnels USING (seq) ORDER BY seq")
	if err != nil {
		return err
	}
	if _, err := x.tx.ExecContext(ctx, "DELETE FROM search_waiting"); err != nil {
		return err
	}
	x.added = append(waiting, x.added...)
	return x.flush(ctx)
}

func scanEntry(r row) (e entry, err error) {
	err = r.Scan(&e.seq, scannedID{&e.db}, &e.text)
	return e, err
}

// number is the one that a database has in the index.
func (x *indexer) number(ctx context.Context, db office.ID) (int64, error) {
	if number, ok := x.numbers[db]; ok {
		return number, nil
	}
	number, err := numberOf(ctx, x.tx, db)
	if errors.Is(err, sql.ErrNoRows) {
		err = x.tx.QueryRowContext(ctx, "INSERT INTO search_dbs (db_id) VALUES (?) RETURNING number", db[:]).Scan(&number)
	}
	if err == nil {
		x.numbers[db] = number
	}
	return number, err
}

// numberOf returns sql.ErrNoRows for a database of which nothing is indexed.
func numberOf(ctx context.Context, q querier, db office.ID) (number int64, err error) {
	err = q.QueryRowContext(ctx, "SELECT number FROM search_dbs WHERE db_id = ?", db[:]).Scan(&number)
	return number, err
}

// change follows a change of a live record.
func (x *indexer) change(ctx context.Context, before, after office.Personnel) error {
	if before.DBID == after.DBID && before.SearchText() == after.SearchText() {
		return nil
	}
	var w where
	w.add("id = ?", after.ID[:])
	if err := x.remove(ctx, w); err != nil {
		return err
	}
	e := entry{db: after.DBID, text: after.SearchText()}
	if err := x.tx.QueryRowContext(ctx, "SELECT seq FROM personnels WHERE id = ?", after.ID[:]).Scan(&e.seq); err != nil {
		return err
	}
	if err := x.add(ctx, e); err != nil {
		return err
	}
	return x.save(ctx)
}

// remove makes the records that fit the conditions not findable.
func (x *indexer) remove(ctx context.Context, w where) error {
	these := " IN (SELECT seq FROM personnels" + w.String() + ")"
	if _, err := x.tx.ExecContext(ctx, "DELETE FROM search_waiting WHERE seq"+these, w.args...); err != nil {
		return err
	}
	_, err := x.tx.ExecContext(ctx, "DELETE FROM search WHERE rowid"+these, w.args...)
	return err
}

// forget removes a database, whose records are still there.
func (x *indexer) forget(ctx context.Context, db office.ID) error {
	if err := x.remove(ctx, live(office.ScopeOf(db))); err != nil {
		return err
	}
	_, err := x.tx.ExecContext(ctx, "DELETE FROM search_dbs WHERE db_id = ?", db[:])
	return err
}
