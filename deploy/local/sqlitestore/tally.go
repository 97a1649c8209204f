package sqlitestore

import (
	"context"
	"time"

	"officepay.example/shared/office"
)

// tallyKey is one row of the table tally.
type tallyKey struct {
	month  int // 0 for all
	db     office.ID
	status office.Status
}

// deletedStatus is how the tally calls deleted records, whatever they were.
const deletedStatus office.Status = "deleted"

// tally collects what a transaction changes about the number of records.
type tally map[tallyKey]int

// add counts n records like this one more, or, below 0, less.
func (t tally) add(p office.Personnel, n int) {
	status, since := p.Status, p.CreatedAt
	if p.IsDeleted {
		status, since = deletedStatus, p.DeletedAt
	}
	for _, month := range [...]int{0, monthOf(since)} {
		t[tallyKey{month, p.DBID, status}] += n
	}
}

// monthOf numbers the months.
func monthOf(t time.Time) int {
	year, month, _ := t.UTC().Date()
	return year*12 + int(month) - 1
}

// save writes the changes. It must run in the transaction that made them.
func (t tally) save(ctx context.Context, tx *transaction) error {
	ofAll := map[tallyKey]int{} // without the database
	for key, n := range t {
		if n == 0 {
			continue
		}
		ofAll[tallyKey{month: key.month, status: key.status}] += n
		_, err := tx.ExecContext(ctx, `INSERT INTO tally (month, db_id, status, n) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET n = n + excluded.n`, key.month, key.db[:], key.status, n)
		if err != nil {
			return err
		}
	}
	for key, n := range ofAll {
		_, err := tx.ExecContext(ctx, `INSERT INTO tally_of_all (month, status, n) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET n = n + excluded.n`, key.month, key.status, n)
		if err != nil {
			return err
		}
	}
	return nil
}

// forgetTally removes what is counted of a database.
func forgetTally(ctx context.Context, tx *transaction, db office.ID) error {
	// The primary key begins with the month; naming every month lets it serve.
	const ofDB = " WHERE month IN (SELECT DISTINCT month FROM tally_of_all) AND db_id = ?"
	_, err := tx.ExecContext(ctx, `UPDATE tally_of_all SET n = tally_of_all.n - gone.n
		FROM (SELECT month, status, n FROM tally`+ofDB+`) AS gone
		WHERE tally_of_all.month = gone.month AND tally_of_all.status = gone.status`, db[:])
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM tally"+ofDB, db[:])
	return err
}

// liveTotal counts the live records of a scope, of one status or, with none, of
// any.
func liveTotal(ctx context.Context, q querier, scope office.Scope, status office.Status) (int, error) {
	var w where
	w.add("month = 0 AND status <> ?", deletedStatus)
	w.scope("db_id", scope)
	if status != "" {
		w.add("status = ?", status)
	}
	table := "tally"
	if scope.All {
		table = "tally_of_all"
	}
	return selectInt(ctx, q, "SELECT sum(n) FROM "+table+w.String(), w.args...)
}
