package conn

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// Querier is a Pool or a Tx.
type Querier interface {
	use(context.Context, func(*connection) error) error
}

// Row is a row that a scan function reads.
type Row interface{ Scan(columns ...any) error }

// Each runs a query, and calls do with each row as it is read. It asks the driver itself:
// sql.Rows would cost as much again as reading a row.
func Each[T any](ctx context.Context, q Querier, scan func(Row) (T, error), do func(T) error, query string, args ...any) error {
	return q.use(ctx, func(c *connection) error { return eachRow(ctx, c, scan, do, query, args) })
}

func eachRow[T any](ctx context.Context, c *connection, scan func(Row) (T, error), do func(T) error, query string, args []any) error {
	rows, err := c.query(ctx, query, args)
	if err != nil {
		return translate(err)
	}
	defer rows.Close()
	columns := make(values, len(rows.Columns()))
	row := Row(columns) // converted once for all rows
	for {
		err := c.damage.note(rows.Next(columns))
		if err == io.EOF {
			return nil
		}
		if err := cmp.Or(ctx.Err(), err); err != nil {
			return translate(err)
		}
		item, err := scan(row)
		if err != nil {
			return translate(err)
		}
		if err := do(item); err != nil {
			return err
		}
	}
}

// values are a row as the driver hands it over.
type values []driver.Value

// Scan implements Row.
func (v values) Scan(columns ...any) error {
	if len(columns) != len(v) {
		return fmt.Errorf("the row has %d columns, and %d are scanned", len(v), len(columns))
	}
	for i, column := range columns {
		var err error
		if to, ok := column.(sql.Scanner); ok {
			err = to.Scan(v[i])
		} else if !set(reflect.ValueOf(column).Elem(), v[i]) {
			err = fmt.Errorf("cannot scan a %T into a %T", v[i], column)
		}
		if err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}

// set sets a variable to the value of a column, and tells whether it could.
func set(to reflect.Value, value driver.Value) bool {
	number, isNumber := value.(int64)
	text, isText := value.(string)
	bytes, isBytes := value.([]byte)
	switch kind := to.Kind(); {
	case isNumber && to.CanInt():
		to.SetInt(number)
	case isNumber && kind == reflect.Bool:
		to.SetBool(number != 0)
	case isNumber && kind == reflect.String: // of a pragma
		to.SetString(strconv.FormatInt(number, 10))
	case isText && kind == reflect.String:
		to.SetString(text)
	case isBytes && kind == reflect.String:
		to.SetString(string(bytes))
	case isBytes && kind == reflect.Slice:
		to.SetBytes(bytes)
	default:
		return false
	}
	return true
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

// Texts runs a query for the group_concat(text, char(30)) of texts without control characters,
// such as JSON, and returns the texts: SQLite takes longer to hand a row over than to find it.
func Texts[T ~string](ctx context.Context, q Querier, query string, args ...any) ([]T, error) {
	const separator = "\x1e" // char(30)
	joined, err := Select(ctx, q, ScanOne[sql.NullString], query, args...)
	if err != nil || !joined[0].Valid { // no texts are concatenated to NULL
		return []T{}, err
	}
	texts := make([]T, 0, 1+strings.Count(joined[0].String, separator))
	for text := range strings.SplitSeq(joined[0].String, separator) {
		texts = append(texts, T(text))
	}
	return texts, nil
}

// Get runs a query and returns its only row, or the error missing if there is none. The query
// must be quick: once it runs, it cannot be cancelled, since watching for that takes as long.
func Get[T any](ctx context.Context, q Querier, missing error, scan func(Row) (T, error), query string, args ...any) (item T, err error) {
	err = missing
	keep := func(found T) error {
		item, err = found, nil
		return nil
	}
	failed := q.use(ctx, func(c *connection) error { return eachRow(context.WithoutCancel(ctx), c, scan, keep, query, args) })
	return item, cmp.Or(failed, err)
}

// Int runs a query that returns one number, and may take long.
func Int(ctx context.Context, q Querier, query string, args ...any) (int, error) {
	number, err := Select(ctx, q, ScanOne[sql.NullInt64], query, args...)
	if err != nil {
		return 0, err
	}
	return int(number[0].Int64), nil // 0 for NULL, which is the sum of no rows
}

// Differing counts the rows that only one of two queries returns.
func Differing(ctx context.Context, q Querier, one, other string) (int, error) {
	return Int(ctx, q, "WITH one AS MATERIALIZED ("+one+"), other AS MATERIALIZED ("+other+`)
		SELECT (SELECT count(*) FROM (SELECT * FROM one EXCEPT SELECT * FROM other))
			+ (SELECT count(*) FROM (SELECT * FROM other EXCEPT SELECT * FROM one))`)
}

// Scan returns a scan function that scans the columns into the parts of a T.
func Scan[T any](parts func(*T) []any) func(Row) (T, error) {
	return func(row Row) (item T, err error) {
		err = row.Scan(parts(&item)...)
		return item, err
	}
}

// ScanOne scans the only column.
func ScanOne[T any](row Row) (value T, err error) {
	err = row.Scan(&value)
	return value, err
}
