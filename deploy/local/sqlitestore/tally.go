package sqlitestore

import (
	"context"
	"time"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
)

// tallyKey is one row of the table tally.
type tallyKey struct {
	month  int // 0 for all months
	db     office.ID
	status office.Status
}

// deletedStatus is the status of deleted records in the tally.
const deletedStatus office.Status = "deleted"

// tally collects how a transaction changes the numbers of records.
type tally map[tallyKey]int

// add counts n more records like this one; fewer if n is negative.
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

// save writes the changes, in the transaction that made them.
func (t tally) save(ctx context.Context, tx *conn.Tx) error {
	for key, n := range t {
		if n == 0 {
			continue
		}
		err := conn.Exec(ctx, tx, `INSERT INTO tally (month, db_id, status, n) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET n = n + excluded.n`, key.month, key.db[:], key.status, n)
		if err == nil {
			err = conn.Exec(ctx, tx, `INSERT INTO tally_of_all (month, status, n) VALUES (?, ?, ?)
				ON CONFLICT DO UPDATE SET n = n + excluded.n`, key.month, key.status, n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// liveCount is how many live records a database has.
type liveCount struct {
	id office.ID
	n  int
}

var scanLiveCount = conn.Scan(func(c *liveCount) []any { return []any{conn.ID{To: &c.id}, &c.n} })

// liveCounts counts the live records, of a status or of all, of each database of a scope, in order of ids.
func liveCounts(ctx context.Context, q conn.Querier, scope office.Scope, status office.Status) ([]liveCount, error) {
	const counts, inOrder = `SELECT db_id, sum(n) FROM tally WHERE month = 0 AND status <> 'deleted' AND ?1 IN ('', status)`, " GROUP BY db_id ORDER BY db_id"
	switch {
	case scope.All:
		return conn.Select(ctx, q, scanLiveCount, counts+notBeingDeleted+inOrder, status)
	case len(scope.DBs) == 1: // as for most pages: reading a list takes longer than counting
		return conn.Select(ctx, q, scanLiveCount, counts+" AND db_id = ?2"+inOrder, status, scope.DBs[0][:])
	}
	return conn.Select(ctx, q, scanLiveCount, counts+" AND db_id IN (SELECT unhex(value) FROM json_each(?2))"+inOrder, status, conn.List(scope.DBs))
}
