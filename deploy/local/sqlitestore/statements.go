package sqlitestore

import (
	"context"
	"database/sql"
	"strings"
	"sync"
)

// pool is a pool of connections that prepares each statement once. To parse
// and plan one takes longer than most of them run.
type pool struct {
	*sql.DB
	check    func() error // asked before each commit; nil for nothing
	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
}

// maxNamed is how many words and further ids a statement that is prepared may
// name. What is prepared is kept for good, and each number of them makes a form
// of its own, which the longer it is, the seldomer is seen again.
const maxNamed = 4

// isFrequent tells whether a statement is worth to be prepared.
func isFrequent(query string) bool {
	return strings.Count(query, furtherID)+strings.Count(query, hasWord) <= maxNamed
}

func newPool(db *sql.DB) *pool { return &pool{DB: db, prepared: map[string]*sql.Stmt{}} }

// known is the prepared statement, or nil.
func (p *pool) known(query string) *sql.Stmt {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.prepared[query]
}

// prepare returns the prepared statement, or nil where it is not worth to be
// one or cannot be: running the query will tell why. It waits for a
// connection, so it must not hold the lock meanwhile.
func (p *pool) prepare(ctx context.Context, query string) *sql.Stmt {
	if statement := p.known(query); statement != nil || !isFrequent(query) {
		return statement
	}
	statement, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if earlier := p.prepared[query]; earlier != nil {
		statement.Close()
		return earlier
	}
	p.prepared[query] = statement
	return statement
}

func (p *pool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if statement := p.prepare(ctx, query); statement != nil {
		return statement.QueryContext(ctx, args...)
	}
	return p.DB.QueryContext(ctx, query, args...)
}

func (p *pool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if statement := p.prepare(ctx, query); statement != nil {
		return statement.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, query, args...)
}

// transaction is one on a pool's connection, which uses what the pool has
// prepared. What it prepares itself is the pool's only after its end: before,
// it may have the pool's only connection.
type transaction struct {
	*sql.Tx
	pool     *pool
	prepared map[string]*sql.Stmt
}

// in runs a transaction. All that do does is kept when it returns nil, and
// nothing otherwise.
func (p *pool) in(ctx context.Context, do func(*transaction) error) error {
	err := p.transact(ctx, do)
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // for which database/sql has many words
	}
	return translate(err)
}

func (p *pool) transact(ctx context.Context, do func(*transaction) error) error {
	tx, err := p.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	t := &transaction{Tx: tx, pool: p, prepared: map[string]*sql.Stmt{}}
	defer t.end(ctx)
	if err := do(t); err != nil {
		return err
	}
	if p.check != nil {
		if err := p.check(); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// end rolls back what was not committed.
func (t *transaction) end(ctx context.Context) {
	_ = t.Rollback() // does nothing after a commit
	for query := range t.prepared {
		t.pool.prepare(ctx, query)
	}
}

// statement is a prepared one within the transaction, or nil.
func (t *transaction) statement(ctx context.Context, query string) *sql.Stmt {
	statement := t.prepared[query]
	if statement != nil {
		return statement
	}
	if known := t.pool.known(query); known != nil {
		statement = t.StmtContext(ctx, known)
	} else {
		var err error
		if statement, err = t.PrepareContext(ctx, query); err != nil {
			return nil
		}
	}
	t.prepared[query] = statement
	return statement
}

func (t *transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if statement := t.statement(ctx, query); statement != nil {
		return statement.ExecContext(ctx, args...)
	}
	return t.Tx.ExecContext(ctx, query, args...)
}

func (t *transaction) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if statement := t.statement(ctx, query); statement != nil {
		return statement.QueryContext(ctx, args...)
	}
	return t.Tx.QueryContext(ctx, query, args...)
}

func (t *transaction) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if statement := t.statement(ctx, query); statement != nil {
		return statement.QueryRowContext(ctx, args...)
	}
	return t.Tx.QueryRowContext(ctx, query, args...)
}
