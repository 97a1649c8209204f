package sqlitestore

import (
	"context"
	"database/sql"

	"officepay.example/shared/office"
)

const dbColumns = "id, name, short_code, description, created_at"

func scanDB(r row) (office.DB, error) {
	var d office.DB
	var created sql.NullInt64
	err := r.Scan(scannedID{&d.ID}, &d.Name, &d.ShortCode, &d.Description, &created)
	d.CreatedAt = timeOf(created)
	return d, err
}

// DBsByID implements auth.Store and admin.Store.
func (s common) DBsByID(ctx context.Context, ids []office.ID) ([]office.DB, error) {
	var w where
	w.in("id", ids)
	return selectAll(ctx, s.db.reader, scanDB, "SELECT "+dbColumns+" FROM dbs"+w.String(), w.args...)
}

// checkDB returns office.ErrDBNotFound when there is no such database.
func checkDB(ctx context.Context, q querier, id office.ID) error {
	n, err := selectInt(ctx, q, "SELECT count(*) FROM dbs WHERE id = ?", id[:])
	if err == nil && n == 0 {
		return office.ErrDBNotFound
	}
	return err
}

// table is a kind of thing that is listed a page at a time, in order of
// creation.
type table[T any] struct {
	name    string
	columns string
	scan    func(row) (T, error)
}

// page returns a part of the rows that match, and how many match in all.
func (t table[T]) page(ctx context.Context, q querier, w where, offset, limit int) ([]T, int, error) {
	total, err := selectInt(ctx, q, "SELECT count(*) FROM "+t.name+w.String(), w.args...)
	if err != nil {
		return nil, 0, err
	}
	items, err := selectAll(ctx, q, t.scan, "SELECT "+t.columns+" FROM "+t.name+w.String()+
		" ORDER BY created_at, id LIMIT ? OFFSET ?", append(w.args, limit, offset)...)
	return items, total, err
}
