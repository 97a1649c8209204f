package sqlitestore

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"time"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
)

// Personnel is the store of the personnel service: personnel.Store says what its methods do.
type Personnel struct{ common }

func (db *DB) Personnel() Personnel { return Personnel{common{db.DB}} }

func (s Personnel) CheckDB(ctx context.Context, id office.ID) error {
	return checkDB(ctx, s.db.Reader, id)
}

// Page implements personnel.Store. The total and the records are those of one moment.
func (s Personnel) Page(ctx context.Context, query personnel.Query) ([]office.RecordJSON, int, error) {
	if len(query.Words) > 0 { // seldom asked again
		return pageOfScope[office.RecordJSON](ctx, s.db, query, "answer")
	}
	type page struct {
		records []office.RecordJSON
		total   int
	}
	key := fmt.Sprint(query)
	found, err := conn.Cached(s.db, key, func() (p page, size int, err error) {
		p.records, p.total, err = pageOfScope[office.RecordJSON](ctx, s.db, query, "answer")
		for _, record := range p.records {
			size += len(record)
		}
		return p, size + len(key), err
	})
	return found.records, found.total, err
}

func (s Personnel) IDs(ctx context.Context, query personnel.Query) ([]office.ID, int, error) {
	texts, total, err := pageOfScope[string](ctx, s.db, query, "hex(id)")
	ids := make([]office.ID, len(texts))
	for i, text := range texts {
		id, _ := hex.DecodeString(text)
		copy(ids[i][:], id) // as conn.ID does
	}
	return ids, total, err
}

// pageOfScope is a column of a page, and how many records of the scope match.
func pageOfScope[T ~string](ctx context.Context, db *conn.DB, query personnel.Query, column string) ([]T, int, error) {
	return pageOfDBs(ctx, db, query.Scope, query.Status, query.Offset, query.Limit,
		func(ctx context.Context, q conn.Querier, in liveCount, offset, limit int) ([]T, int, error) {
			if len(query.Words) > 0 {
				return search.Find[T](ctx, q, search.Query{
					DB: in.id, Words: query.Words, Status: query.Status, Listed: in.n, Offset: offset, Limit: limit,
				}, column)
			}
			part, err := pageOfList[T](ctx, q, in, query.Status, offset, limit, column)
			return part, in.n, err
		})
}

// pageOfDBs is a page over the databases of a scope as of one moment, and how many items match
// in all. One database comes after the other, and page returns the part of one.
func pageOfDBs[T any](ctx context.Context, db *conn.DB, scope office.Scope, status office.Status, offset, limit int,
	page func(ctx context.Context, q conn.Querier, in liveCount, offset, limit int) ([]T, int, error)) (part []T, total int, err error) {
	part = []T{}
	err = db.ReadTx(ctx, func(ctx context.Context, q *conn.Tx) error {
		dbs, err := liveCounts(context.WithoutCancel(ctx), q, scope, status)
		if err != nil {
			return err
		}
		for _, in := range dbs {
			found, count, err := page(ctx, q, in, max(offset-total, 0), limit-len(part))
			if err != nil {
				return err
			}
			part, total = append(part, found...), total+count
		}
		return nil
	})
	return part, total, err
}

// quickRecords is how many records a query may skip and read and still be quick, as in conn.Get.
const quickRecords = 1000

// pageOfList is a column of a page of one database. It is read from the end of the list if
// that is nearer.
func pageOfList[T ~string](ctx context.Context, q conn.Querier, in liveCount, status office.Status, before, limit int, column string) ([]T, error) {
	if limit = min(limit, in.n-before); limit <= 0 {
		return []T{}, nil
	}
	where, args := "deleted_at IS NULL AND db_id = ?", []any{in.id[:]}
	if status != "" {
		where, args = where+" AND status = ?", append(args, status)
	}
	order, after := "created_at, id", in.n-limit-before
	if after < before {
		order = "created_at DESC, id DESC"
	}
	skipped := min(before, after)
	if skipped+limit <= quickRecords {
		ctx = context.WithoutCancel(ctx)
	}
	part, err := conn.Texts[T](ctx, q, "SELECT group_concat(text, char(30)) FROM (SELECT "+column+" AS text FROM personnels WHERE "+where+
		" ORDER BY "+order+" LIMIT ? OFFSET ?)", append(args, limit, skipped)...)
	if after < before {
		slices.Reverse(part)
	}
	return part, err
}

// After implements personnel.Store. It reads one database after the other: each query
// begins at its first record in the index, however many there are before it.
func (s Personnel) After(ctx context.Context, scope office.Scope, last office.Personnel, limit int) ([]office.RecordJSON, office.Personnel, error) {
	records := []office.RecordJSON{}
	dbs := slices.Compact(slices.SortedFunc(slices.Values(scope.DBs), office.CompareIDs))
	if scope.All {
		dbs = []office.ID{lastID} // a single query, up to this one
	}
	for _, db := range dbs {
		if len(records) == limit || office.CompareIDs(db, last.DBID) < 0 {
			continue
		}
		if db != last.DBID && !scope.All {
			last = office.Personnel{DBID: db, CreatedAt: time.UnixMilli(math.MinInt64)}
		}
		more, err := conn.Select(ctx, s.db.Reader, conn.Scan(func(record *office.RecordJSON) []any {
			return []any{record, conn.ID{To: &last.DBID}, conn.Time{To: &last.CreatedAt}, conn.ID{To: &last.ID}}
		}), `SELECT answer, db_id, created_at, id FROM personnels
			WHERE deleted_at IS NULL AND (db_id, created_at, id) > (?, ?, ?) AND db_id <= ?`+notBeingDeleted+`
			ORDER BY db_id, created_at, id LIMIT ?`,
			last.DBID[:], last.CreatedAt.UnixMilli(), last.ID[:], db[:], limit-len(records))
		if err != nil {
			return nil, last, err
		}
		records = append(records, more...)
	}
	return records, last, nil
}

// lastID sorts after every other id.
var lastID = office.ID(bytes.Repeat([]byte{0xff}, len(office.ID{})))

func (s Personnel) Get(ctx context.Context, scope office.Scope, id office.ID) (office.RecordJSON, error) {
	var db office.ID
	scan := conn.Scan(func(record *office.RecordJSON) []any { return []any{record, conn.ID{To: &db}} })
	record, err := conn.Get(ctx, s.db.Reader, office.ErrNotFound, scan, "SELECT answer, db_id FROM personnels WHERE id = ? AND deleted_at IS NULL"+notBeingDeleted, id[:])
	if err == nil && !scope.Allows(db) {
		return "", office.ErrNotFound
	}
	return record, err
}

func (s Personnel) WithNumbers(ctx context.Context, db office.ID, numbers []string) ([]office.Personnel, error) {
	return conn.Select(ctx, s.db.Reader, scanPersonnel, "SELECT "+personnelColumns+` FROM personnels
		WHERE deleted_at IS NULL AND db_id = ? AND army_number IN (SELECT value FROM json_each(?))`, db[:], conn.List(numbers))
}

func (s Personnel) WithIDs(ctx context.Context, scope office.Scope, ids []office.ID) ([]office.RecordJSON, error) {
	return conn.Texts[office.RecordJSON](ctx, s.db.Reader, `SELECT group_concat(answer, char(30) ORDER BY key)
		FROM json_each(?) CROSS JOIN personnels ON personnels.id = unhex(value)
		WHERE deleted_at IS NULL AND (? OR +db_id IN (SELECT unhex(value) FROM json_each(?)))`+notBeingDeleted,
		conn.List(ids), scope.All, conn.List(scope.DBs))
}
