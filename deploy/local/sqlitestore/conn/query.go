package conn

import (
	"context"
	"database/sql"
)

// Querier is a pool or a transaction.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Row is a row that a scan function reads.
type Row interface{ Scan(columns ...any) error }

// Each runs a query and passes on each row as it is read.
func Each[T any](ctx context.Context, q Querier, scan func(Row) (T, error), do func(T) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return translate(err)
		}
		if err := do(item); err != nil {
			return err
		}
	}
	return translate(rows.Err())
}

// Select runs a query and returns all rows. Its list is never nil.
func Select[T any](ctx context.Context, q Querier, scan func(Row) (T, error), query string, args ...any) ([]T, error) {
	list := []T{}
	err := Each(ctx, q, scan, func(item T) error {
		list = append(list, item)
		return nil
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return list, nil
}

// Get runs a query and returns its only row, or missing if there is none.
func Get[T any](ctx context.Context, q Querier, missing error, scan func(Row) (T, error), query string, args ...any) (item T, err error) {
	err = missing
	failed := Each(ctx, q, scan, func(found T) error {
		item, err = found, nil
		return nil
	}, query, args...)
	if failed != nil {
		err = failed
	}
	return item, err
}

// Int runs a query that returns one number.
func Int(ctx context.Context, q Querier, query string, args ...any) (int, error) {
	return Get(ctx, q, sql.ErrNoRows, scanInt, query, args...)
}

func scanInt(row Row) (int, error) {
	var n sql.NullInt64 // the sum of no rows is NULL
	err := row.Scan(&n)
	return int(n.Int64), err
}

// ScanText scans one column that holds a text.
func ScanText(row Row) (text string, err error) {
	err = row.Scan(&text)
	return text, err
}

// Exec runs a statement and returns how many rows it has changed.
func Exec(ctx context.Context, tx *sql.Tx, query string, args ...any) (int, error) {
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	changed, err := result.RowsAffected()
	return int(changed), err
}
