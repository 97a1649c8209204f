package conn

import (
	"context"
	"database/sql/driver"
	"errors"
	"log/slog"

	"modernc.org/sqlite"
)

// preparingConnector makes connections that prepare each statement only once: preparing most of them
// takes longer than running them. A prepared statement is kept as long as the connection,
// so its text must never depend on data, or on the number of values; see List.
type preparingConnector struct {
	driver.Connector
	damage *damage
}

func (p preparingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &connection{opened.(sqliteConn), p.damage, map[string]statement{}}, nil
}

// sqliteConn is what a connection of the driver implements.
type sqliteConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.SessionResetter
	driver.Validator
	sqlite.DBStatus
}

type statement interface {
	driver.Stmt
	driver.StmtQueryContext
	driver.StmtExecContext
}

// connection is used by one goroutine at a time, which database/sql guarantees. The rows of
// a query must be closed before the same query runs again.
type connection struct {
	sqliteConn
	damage   *damage
	prepared map[string]statement
}

func (c *connection) query(ctx context.Context, query string, args []any) (driver.Rows, error) {
	statement, named, err := c.prepare(ctx, query, args)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(ctx, named)
	return rows, c.damage.note(err)
}

func (c *connection) exec(ctx context.Context, query string, args ...any) (driver.Result, error) {
	statement, named, err := c.prepare(ctx, query, args)
	if err != nil {
		return nil, err
	}
	result, err := statement.ExecContext(ctx, named)
	return result, c.damage.note(err)
}

// prepare returns a prepared statement, and its arguments as the driver takes them.
func (c *connection) prepare(ctx context.Context, query string, args []any) (statement, []driver.NamedValue, error) {
	named := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return nil, nil, err
		}
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: value}
	}
	if known, ok := c.prepared[query]; ok {
		return known, named, nil
	}
	slog.DebugContext(ctx, "preparing a statement", "sql", query)
	prepared, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, nil, c.damage.note(err)
	}
	c.prepared[query] = prepared.(statement)
	return c.prepared[query], named, nil
}

func (c *connection) Close() error {
	var errs []error
	for _, statement := range c.prepared {
		errs = append(errs, statement.Close())
	}
	return errors.Join(append(errs, c.sqliteConn.Close())...)
}
