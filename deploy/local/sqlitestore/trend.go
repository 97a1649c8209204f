package sqlitestore

import (
	"context"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/analytics"
	"officepay.example/shared/office"
)

var columns = map[analytics.Field]string{
	analytics.ByBank: "bank_name", analytics.ByRank: "rank", analytics.BySubSector: "sub_sector", analytics.ByLocation: "location",
}

// Breakdown implements analytics.Store. It reads all records of the database.
func (s Analytics) Breakdown(ctx context.Context, db office.ID, by analytics.Field, limit int) ([]analytics.Share, error) {
	if err := checkDB(ctx, s.db.Reader, db); err != nil {
		return nil, err
	}
	column := columns[by]
	return conn.Select(ctx, s.db.Reader, scanShare, "SELECT "+column+", count(*), count(*) FILTER (WHERE status = 'active')"+`
		FROM personnels WHERE deleted_at IS NULL AND db_id = ? GROUP BY `+column+" ORDER BY 2 DESC, 1 LIMIT ?", db[:], limit)
}

func scanShare(row conn.Row) (s analytics.Share, err error) {
	err = row.Scan(&s.Value, &s.Total, &s.Active)
	return s, err
}

// Flow implements analytics.Store. The tally has everything except when the deleted records
// were created. All figures are as of one moment.
func (s Analytics) Flow(ctx context.Context, db office.ID, months []analytics.Month) (analytics.Flow, error) {
	flow := analytics.Flow{Created: map[analytics.Month]int{}, Deleted: map[analytics.Month]int{}}
	byNumber := map[int]analytics.Month{}
	for _, month := range months {
		byNumber[monthOf(month.Start())] = month
	}
	first, last := monthOf(months[0].Start()), monthOf(months[len(months)-1].Start())
	add := func(row talliedRow) error {
		month := byNumber[row.month]
		switch {
		case row.month == 0:
			flow.Live += row.n
		case row.month > last && row.status == deletedStatus:
			flow.After -= row.n
		case row.month > last:
			flow.After += row.n
		case row.status == deletedStatus:
			flow.Deleted[month] += row.n
		default:
			flow.Created[month] += row.n
		}
		return nil
	}
	err := s.db.ReadTx(ctx, func(ctx context.Context, q conn.Querier) error {
		if err := checkDB(ctx, q, db); err != nil {
			return err
		}
		// The primary key of the tally begins with the month; see removeTally.
		err := conn.Each(ctx, q, scanTallied, add, `SELECT month, status, n FROM tally
			WHERE month IN (SELECT DISTINCT month FROM tally_of_all WHERE month >= ?1 OR month = 0) AND db_id = ?2
				AND (month > 0 OR status <> 'deleted')`, first, db[:])
		if err != nil {
			return err
		}
		return conn.Each(ctx, q, scanTallied, add, `SELECT month, '', count(*) FROM (
				SELECT strftime('%Y', created_at / 1000.0, 'unixepoch') * 12 + strftime('%m', created_at / 1000.0, 'unixepoch') - 1 AS month
				FROM personnels WHERE deleted_at IS NOT NULL AND db_id = ?2)
			WHERE month >= ?1 GROUP BY month`, first, db[:])
	})
	return flow, err
}
