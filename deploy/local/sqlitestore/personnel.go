package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
)

// Personnel is the store of the personnel service.
type Personnel struct{ common }

var _ personnel.Store = Personnel{}

// Personnel is the store of the personnel service in this database.
func (db *DB) Personnel() Personnel { return Personnel{common{db.DB}} }

// CheckDB implements personnel.Store.
func (s Personnel) CheckDB(ctx context.Context, id office.ID) error {
	return checkDB(ctx, s.db.Reader, id)
}

// Page implements personnel.Store. The total and the records are those of one
// moment.
func (s Personnel) Page(ctx context.Context, query personnel.Query) (records []office.Personnel, total int, err error) {
	records = []office.Personnel{}
	err = s.db.ReadTx(ctx, func(ctx context.Context, q conn.Querier) error {
		dbs, err := liveCounts(ctx, q, query.Scope, query.Status)
		if err != nil {
			return err
		}
		for _, db := range dbs {
			part := query
			part.Offset, part.Limit = max(query.Offset-total, 0), query.Limit-len(records)
			found, count, err := pageOfDB(ctx, q, db, part)
			if err != nil {
				return err
			}
			if total += count; len(records) == 0 {
				records = found
			} else {
				records = append(records, found...)
			}
		}
		return nil
	})
	return records, total, err
}

// pageOfDB is a page of one database, and how many records of it match.
func pageOfDB(ctx context.Context, q conn.Querier, db liveCount, query personnel.Query) ([]office.Personnel, int, error) {
	if len(query.Words) == 0 {
		records, err := listDB(ctx, q, db, query)
		return records, db.n, err
	}
	texts, total, err := search.Find(ctx, q, search.Query{
		DB: db.id, Words: query.Words, Status: query.Status, Listed: db.n, Offset: query.Offset, Limit: query.Limit,
	}, joinedRecord)
	if err != nil {
		return nil, 0, err
	}
	records, err := splitRecords(ctx, q, texts)
	return records, total, err
}

// listDB is a page of a database without a search. A page that is nearer to
// the end is read from there.
func listDB(ctx context.Context, q conn.Querier, db liveCount, query personnel.Query) ([]office.Personnel, error) {
	before, limit := query.Offset, min(query.Limit, db.n-query.Offset)
	if limit <= 0 {
		return []office.Personnel{}, nil
	}
	where, args := "deleted_at IS NULL AND db_id = ?", []any{db.id[:]}
	if query.Status != "" {
		where, args = where+" AND status = ?", append(args, query.Status)
	}
	if after := db.n - limit - before; after < before {
		records, err := selectRecords(ctx, q, "SELECT "+joinedRecord+" FROM personnels WHERE "+where+
			" ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?", append(args, limit, after)...)
		slices.Reverse(records)
		return records, err
	}
	return selectRecords(ctx, q, "SELECT "+joinedRecord+" FROM personnels WHERE "+where+
		" ORDER BY created_at, id LIMIT ? OFFSET ?", append(args, limit, before)...)
}

// After implements personnel.Store. It reads one database after the other:
// each query begins at its first record in the index, however many there are
// before it.
func (s Personnel) After(ctx context.Context, scope office.Scope, last office.Personnel, limit int) ([]office.Personnel, error) {
	if scope.All {
		return s.between(ctx, last, lastID, limit)
	}
	records := []office.Personnel{}
	for _, db := range slices.Compact(slices.SortedFunc(slices.Values(scope.DBs), compareIDs)) {
		if len(records) == limit || compareIDs(db, last.DBID) < 0 {
			continue
		}
		if db != last.DBID {
			last = office.Personnel{DBID: db, CreatedAt: time.UnixMilli(math.MinInt64)}
		}
		more, err := s.between(ctx, last, db, limit-len(records))
		if err != nil {
			return nil, err
		}
		records = append(records, more...)
	}
	return records, nil
}

// between returns the first records after the given one, up to the given database.
func (s Personnel) between(ctx context.Context, last office.Personnel, lastDB office.ID, limit int) ([]office.Personnel, error) {
	return selectRecords(ctx, s.db.Reader, "SELECT "+joinedRecord+` FROM personnels
		WHERE deleted_at IS NULL AND (db_id, created_at, id) > (?, ?, ?) AND db_id <= ?
		ORDER BY db_id, created_at, id LIMIT ?`,
		last.DBID[:], last.CreatedAt.UnixMilli(), last.ID[:], lastDB[:], limit)
}

// lastID sorts after every other id.
var lastID = office.ID(bytes.Repeat([]byte{0xff}, len(office.ID{})))

func compareIDs(a, b office.ID) int { return bytes.Compare(a[:], b[:]) }

// Get implements personnel.Store.
func (s Personnel) Get(ctx context.Context, scope office.Scope, id office.ID) (office.Personnel, error) {
	return getRecord(ctx, s.db.Reader, scope, id)
}

func getRecord(ctx context.Context, q conn.Querier, scope office.Scope, id office.ID) (office.Personnel, error) {
	records, err := selectRecords(ctx, q, "SELECT "+joinedRecord+" FROM personnels WHERE id = ? AND deleted_at IS NULL", id[:])
	switch {
	case err != nil:
		return office.Personnel{}, err
	case len(records) == 0 || !scope.Allows(records[0].DBID):
		return office.Personnel{}, office.ErrNotFound
	}
	return records[0], nil
}

// Create implements personnel.Store.
func (s Personnel) Create(ctx context.Context, records []office.Personnel) (taken []int, err error) {
	writeTx := s.db.WriteTx
	if len(records) == 1 {
		writeTx = s.db.GroupWriteTx
	}
	err = writeTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := checkDB(ctx, tx, records[0].DBID); err != nil {
			return err
		}
		taken, err = insertRecords(ctx, tx, records)
		return err
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// insertRecords inserts what it can and returns the indexes of what it cannot.
func insertRecords(ctx context.Context, tx *sql.Tx, records []office.Personnel) (taken []int, err error) {
	counts, index := tally{}, search.NewIndexer(tx)
	// Watching a context takes longer than running a statement.
	unwatched := context.WithoutCancel(ctx)
	for i, record := range records {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err := insertRecord(unwatched, tx, index, record)
		switch {
		case conn.IsUniqueViolation(err):
			taken = append(taken, i) // SQLite rolls back this statement alone
		case err != nil:
			return nil, err
		default:
			counts.add(record, 1)
		}
	}
	if err := index.Save(ctx); err != nil {
		return nil, err
	}
	return taken, counts.save(ctx, tx)
}

// insertRecord inserts a record and, unless it is deleted, indexes it.
func insertRecord(ctx context.Context, tx *sql.Tx, index *search.Indexer, record office.Personnel) error {
	result, err := tx.ExecContext(ctx, `INSERT INTO personnels (`+personnelColumns+`, search_text)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, personnelValues(record)...)
	if err != nil {
		return err
	}
	seq, err := result.LastInsertId()
	if err != nil || record.IsDeleted {
		return err
	}
	return index.Add(ctx, search.Entry{Seq: seq, DB: record.DBID, Text: record.SearchText()})
}

// Update implements personnel.Store.
func (s Personnel) Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, now time.Time) (record office.Personnel, err error) {
	err = s.db.GroupWriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		before, err := getRecord(ctx, tx, scope, id)
		if err != nil {
			return err
		}
		if patch.DBID != nil {
			if err := checkDB(ctx, tx, *patch.DBID); err != nil {
				return err
			}
		}
		record = before
		patch.Apply(&record)
		record.UpdatedAt = now
		return replace(ctx, tx, before, record)
	})
	return record, err
}

// replace writes a changed record in the place of the one before.
func replace(ctx context.Context, tx *sql.Tx, before, after office.Personnel) error {
	_, err := tx.ExecContext(ctx, `UPDATE personnels SET (`+personnelColumns+`, search_text)
		= (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), is_unique = iif(?, is_unique, 1) WHERE id = ?`,
		append(personnelValues(after), before.DBID == after.DBID && before.ArmyNumber == after.ArmyNumber, before.ID[:])...)
	if err != nil {
		return orTaken(err, office.ErrArmyNumberTaken)
	}
	counts := tally{}
	counts.add(before, -1)
	counts.add(after, 1)
	if err := counts.save(ctx, tx); err != nil {
		return err
	}
	if before.DBID == after.DBID && before.SearchText() == after.SearchText() {
		return nil
	}
	if _, err := tx.ExecContext(ctx, regainNumbers); err != nil {
		return err
	}
	seq, err := conn.Int(ctx, tx, "SELECT seq FROM personnels WHERE id = ?", after.ID[:])
	if err != nil {
		return err
	}
	return search.Reindex(ctx, tx, search.Entry{Seq: int64(seq), DB: after.DBID, Text: after.SearchText()})
}

// Delete implements personnel.Store. The plus keeps SQLite from using an index of
// db_id: for as few as five ids it would read the whole database instead of looking
// up each.
func (s Personnel) Delete(ctx context.Context, scope office.Scope, ids []office.ID, now time.Time) ([]office.ID, error) {
	deleted := []office.ID{}
	err := s.db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		marked, err := conn.Select(ctx, tx, scanMarked, `UPDATE personnels SET deleted_at = ?, is_unique = 1
			WHERE deleted_at IS NULL AND id IN (SELECT unhex(value) FROM json_each(?))
				AND (? OR +db_id IN (SELECT unhex(value) FROM json_each(?)))
			RETURNING seq, id, db_id, status, created_at`,
			conn.Millis(now), conn.List(ids), scope.All, conn.List(scope.DBs))
		if err != nil {
			return err
		}
		counts, seqs := tally{}, make([]int64, len(marked))
		for i, m := range marked {
			counts.add(m.record, -1)
			m.record.IsDeleted, m.record.DeletedAt = true, now
			counts.add(m.record, 1)
			seqs[i], deleted = m.seq, append(deleted, m.record.ID)
		}
		if err := search.Remove(ctx, tx, seqs); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, regainNumbers); err != nil {
			return err
		}
		return counts.save(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return deleted, nil
}

// marked is a record that was marked as deleted: what is counted of it.
type marked struct {
	seq    int64
	record office.Personnel
}

func scanMarked(row conn.Row) (m marked, err error) {
	var created sql.NullInt64
	err = row.Scan(&m.seq, conn.ID{To: &m.record.ID}, conn.ID{To: &m.record.DBID}, &m.record.Status, &created)
	m.record.CreatedAt = conn.Time(created)
	return m, err
}
