package sqlitestore

import (
	"context"
	"time"

	"officepay.example/services/analytics"
	"officepay.example/shared/office"
)

// Analytics is the store of the analytics service.
type Analytics struct{ common }

var _ analytics.Store = Analytics{}

// Analytics is the store of the analytics service in this database.
func (db *DB) Analytics() Analytics { return Analytics{common{db}} }

// Dashboard implements analytics.Store.
func (s Analytics) Dashboard(ctx context.Context, months analytics.Months) (d analytics.Dashboard, err error) {
	if d.Users, err = s.created(ctx, "users", months); err != nil {
		return d, err
	}
	if d.Databases, err = s.created(ctx, "dbs", months); err != nil {
		return d, err
	}
	counts, err := s.tallied(ctx, "tally_of_all", where{}, months)
	for status, count := range counts {
		if status == deletedStatus {
			d.DeletedPersonnel = count
			continue
		}
		d.Personnel.Total += count.Total
		d.Personnel.This += count.This
		d.Personnel.Previous += count.Previous
	}
	return d, err
}

// DBFigures implements analytics.Store.
func (s Analytics) DBFigures(ctx context.Context, db office.ID, months analytics.Months) (analytics.DBFigures, error) {
	if err := checkDB(ctx, s.db.reader, db); err != nil {
		return analytics.DBFigures{}, err
	}
	var w where
	w.add("db_id = ?", db[:])
	counts, err := s.tallied(ctx, "tally", w, months)
	deleted := counts[deletedStatus]
	delete(counts, deletedStatus)
	return analytics.DBFigures{ByStatus: counts, Deleted: deleted}, err
}

// created counts the rows of a table by their creation.
func (s Analytics) created(ctx context.Context, table string, months analytics.Months) (c analytics.Count, err error) {
	this := []any{months.This.UnixMilli(), months.Next.UnixMilli()}
	previous := []any{months.Previous.UnixMilli(), months.This.UnixMilli()}
	const inMonth = "count(*) FILTER (WHERE created_at >= ? AND created_at < ?)"
	err = s.db.reader.QueryRowContext(ctx, "SELECT count(*), "+inMonth+", "+inMonth+" FROM "+table,
		append(this, previous...)...).Scan(&c.Total, &c.This, &c.Previous)
	return c, translate(err)
}

// tallied reads the counts by status of what the conditions leave of a tally.
func (s Analytics) tallied(ctx context.Context, tally string, w where, months analytics.Months) (map[office.Status]analytics.Count, error) {
	w.add("month IN (0, ?, ?)", monthOf(months.This), monthOf(months.Previous))
	rows, err := selectAll(ctx, s.db.reader, scanTallied,
		"SELECT month, status, n FROM "+tally+w.String(), w.args...)
	counts := map[office.Status]analytics.Count{}
	for _, row := range rows {
		count := counts[row.status]
		*pick(&count, row.month, months.This) = row.n
		counts[row.status] = count
	}
	return counts, err
}

type talliedRow struct {
	month  int
	status office.Status
	n      int
}

func scanTallied(r row) (t talliedRow, err error) {
	err = r.Scan(&t.month, &t.status, &t.n)
	return t, err
}

// pick is the part of a count that a month of the tally belongs to.
func pick(c *analytics.Count, month int, this time.Time) *int {
	switch month {
	case 0:
		return &c.Total
	case monthOf(this):
		return &c.This
	}
	return &c.Previous
}
