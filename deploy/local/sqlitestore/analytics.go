package sqlitestore

import (
	"context"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/analytics"
	"officepay.example/shared/office"
)

// Analytics is the store of the analytics service: analytics.Store says what its methods do.
type Analytics struct{ common }

func (db *DB) Analytics() Analytics { return Analytics{common{db.DB}} }

func (s Analytics) Dashboard(ctx context.Context, this analytics.Month) (d analytics.Dashboard, err error) {
	if d.Users, err = s.created(ctx, this, "users"); err != nil {
		return d, err
	}
	if d.Databases, err = s.created(ctx, this, "dbs"); err != nil {
		return d, err
	}
	counts, err := s.tallied(ctx, this, `SELECT month, iif(status = 'deleted', status, ''), sum(n - coalesce((SELECT sum(n) FROM tally
			WHERE tally.month = of_all.month AND tally.status = of_all.status
			AND db_id IN (SELECT db_id FROM deletions) AND db_id NOT IN (SELECT id FROM dbs)), 0))
		FROM tally_of_all AS of_all WHERE month IN (0, ?, ?) GROUP BY 1, 2`,
		monthOf(this.Start()), monthOf(this.Add(-1).Start()))
	d.Personnel, d.DeletedPersonnel = counts[""], counts[deletedStatus]
	return d, err
}

func (s Analytics) DBFigures(ctx context.Context, db office.ID, this analytics.Month) (analytics.DBFigures, error) {
	if err := checkDB(ctx, s.db.Reader, db); err != nil {
		return analytics.DBFigures{}, err
	}
	counts, err := s.tallied(ctx, this, "SELECT month, status, n FROM tally WHERE month IN (0, ?, ?) AND db_id = ?",
		monthOf(this.Start()), monthOf(this.Add(-1).Start()), db[:])
	deleted := counts[deletedStatus]
	delete(counts, deletedStatus)
	return analytics.DBFigures{ByStatus: counts, Deleted: deleted}, err
}

// created counts the rows of a table: all, and those created this month and in the previous one.
func (s Analytics) created(ctx context.Context, this analytics.Month, table string) (analytics.Count, error) {
	scan := conn.Scan(func(c *analytics.Count) []any { return []any{&c.Total, &c.This, &c.Previous} })
	return conn.Get(ctx, s.db.Reader, nil, scan, `SELECT count(*), count(*) FILTER (WHERE created_at >= ?2 AND created_at < ?3),
		count(*) FILTER (WHERE created_at >= ?1 AND created_at < ?2) FROM `+table,
		this.Add(-1).Start().UnixMilli(), this.Start().UnixMilli(), this.Add(1).Start().UnixMilli())
}

// tallied runs a query for rows of a tally, and returns the counts by status.
func (s Analytics) tallied(ctx context.Context, this analytics.Month, query string, args ...any) (map[office.Status]analytics.Count, error) {
	rows, err := conn.Select(ctx, s.db.Reader, scanTallied, query, args...)
	counts := map[office.Status]analytics.Count{}
	for _, row := range rows {
		count := counts[row.status]
		switch row.month {
		case 0:
			count.Total = row.n
		case monthOf(this.Start()):
			count.This = row.n
		default:
			count.Previous = row.n
		}
		counts[row.status] = count
	}
	return counts, err
}

type talliedRow struct {
	month  int
	status office.Status
	n      int
}

var scanTallied = conn.Scan(func(t *talliedRow) []any { return []any{&t.month, &t.status, &t.n} })

// breakdownColumns are the columns of the fields by which records are broken down.
var breakdownColumns = map[analytics.Field]string{
	analytics.ByBank: "bank_name", analytics.ByRank: "rank", analytics.BySubSector: "sub_sector", analytics.ByLocation: "location",
}

// Breakdown implements analytics.Store. It reads all records of the database.
func (s Analytics) Breakdown(ctx context.Context, db office.ID, by analytics.Field, limit int) ([]analytics.Share, error) {
	if err := checkDB(ctx, s.db.Reader, db); err != nil {
		return nil, err
	}
	column := breakdownColumns[by]
	scan := conn.Scan(func(s *analytics.Share) []any { return []any{&s.Value, &s.Total, &s.Active} })
	return conn.Select(ctx, s.db.Reader, scan, "SELECT "+column+", count(*), count(*) FILTER (WHERE status = 'active')"+`
		FROM personnels WHERE deleted_at IS NULL AND db_id = ? GROUP BY `+column+" ORDER BY 2 DESC, 1 LIMIT ?", db[:], limit)
}

// Flow implements analytics.Store. The tally has everything except when the deleted records
// were created. All figures are as of one moment.
func (s Analytics) Flow(ctx context.Context, db office.ID, months []analytics.Month) (analytics.Flow, error) {
	first, last := monthOf(months[0].Start()), monthOf(months[len(months)-1].Start())
	var rows []talliedRow
	err := s.db.ReadTx(ctx, func(ctx context.Context, q *conn.Tx) (err error) {
		if err := checkDB(ctx, q, db); err != nil {
			return err
		}
		// The primary key of the tally begins with the month; see endDeletion.
		rows, err = conn.Select(ctx, q, scanTallied, `SELECT month, status, n FROM tally
			WHERE month IN (SELECT DISTINCT month FROM tally_of_all WHERE month >= ?1 OR month = 0) AND db_id = ?2
				AND (month > 0 OR status <> 'deleted')
			UNION ALL SELECT month, '', count(*) FROM (
				SELECT strftime('%Y', created_at / 1000.0, 'unixepoch') * 12 + strftime('%m', created_at / 1000.0, 'unixepoch') - 1 AS month
				FROM personnels WHERE deleted_at IS NOT NULL AND db_id = ?2)
			WHERE month >= ?1 GROUP BY month`, first, db[:])
		return err
	})
	flow := analytics.Flow{Created: map[analytics.Month]int{}, Deleted: map[analytics.Month]int{}}
	for _, row := range rows {
		switch {
		case row.month == 0:
			flow.Live += row.n
		case row.month > last && row.status == deletedStatus:
			flow.After -= row.n
		case row.month > last:
			flow.After += row.n
		case row.status == deletedStatus:
			flow.Deleted[months[row.month-first]] += row.n
		default:
			flow.Created[months[row.month-first]] += row.n
		}
	}
	return flow, err
}
