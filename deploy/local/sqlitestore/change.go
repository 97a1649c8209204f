package sqlitestore

import (
	"context"
	"database/sql"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
	"officepay.example/shared/office"
)

// Create implements personnel.Store.
func (s Personnel) Create(ctx context.Context, records []office.Personnel, edit office.Edit) (taken []int, err error) {
	writeTx := s.db.WriteTx
	if len(records) == 1 {
		writeTx = s.db.GroupWriteTx
	}
	err = writeTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := checkDB(ctx, tx, records[0].DBID); err != nil {
			return err
		}
		taken, err = insertRecords(ctx, tx, records, edit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// insertRecords inserts what it can and returns the indexes of what it cannot.
func insertRecords(ctx context.Context, tx *sql.Tx, records []office.Personnel, edit office.Edit) (taken []int, err error) {
	counts, index := tally{}, search.NewIndexer(tx)
	// Watching a context takes longer than running a statement.
	unwatched := context.WithoutCancel(ctx)
	for i, record := range records {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err := insertRecord(unwatched, tx, index, record, edit.Create(record))
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

// insertRecord inserts a record with its history and, unless it is deleted, indexes
// it.
func insertRecord(ctx context.Context, tx *sql.Tx, index *search.Indexer, record office.Personnel, history ...office.Entry) error {
	result, err := tx.ExecContext(ctx, `INSERT INTO personnels (`+keptColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, keptValues(record)...)
	if err != nil {
		return err
	}
	seq, err := result.LastInsertId()
	for _, entry := range history {
		if err == nil {
			err = addEntry(ctx, tx, seq, entry)
		}
	}
	if err != nil || record.IsDeleted {
		return err
	}
	return index.Add(ctx, search.Entry{Seq: seq, DB: record.DBID, Text: record.SearchText()})
}

// Update implements personnel.Store.
func (s Personnel) Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, edit office.Edit) (record office.Personnel, entry office.Entry, err error) {
	err = s.db.GroupWriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		before, err := conn.Get(ctx, tx, office.ErrNotFound, scanPersonnel, "SELECT "+personnelColumns+" FROM personnels WHERE id = ? AND deleted_at IS NULL", id[:])
		if err == nil && !scope.Allows(before.DBID) {
			err = office.ErrNotFound
		}
		if err != nil {
			return err
		}
		if patch.DBID != nil {
			if err := checkDB(ctx, tx, *patch.DBID); err != nil {
				return err
			}
		}
		if record = before; !edit.Matches(before.Revision) {
			return office.ErrStale
		}
		if record, entry = edit.Patch(before, patch); entry.Revision == 0 {
			return nil
		}
		return replace(ctx, tx, before, record, entry)
	})
	return record, entry, err
}

// replace writes a changed record, which is live, in the place of the one before.
func replace(ctx context.Context, tx *sql.Tx, before, after office.Personnel, entry office.Entry) error {
	seq, err := conn.Int(ctx, tx, `UPDATE personnels SET (`+keptColumns+`)
		= (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?),
		is_unique = iif(?, is_unique, 1) WHERE id = ? RETURNING seq`,
		append(keptValues(after), before.DBID == after.DBID && before.ArmyNumber == after.ArmyNumber, before.ID[:])...)
	if err != nil {
		return orTaken(err, office.ErrArmyNumberTaken)
	}
	if err := addEntry(ctx, tx, int64(seq), entry); err != nil {
		return err
	}
	counts := tally{}
	counts.add(before, -1)
	counts.add(after, 1)
	if err := counts.save(ctx, tx); err != nil {
		return err
	}
	if before.DBID == after.DBID && before.SearchText() == after.SearchText() && !before.IsDeleted {
		return nil
	}
	if _, err := tx.ExecContext(ctx, regainNumbers); err != nil {
		return err
	}
	return search.Reindex(ctx, tx, search.Entry{Seq: int64(seq), DB: after.DBID, Text: after.SearchText()})
}

// Delete implements personnel.Store. The plus keeps SQLite from using an index of
// db_id: for as few as five ids it would read the whole database instead of looking
// up each.
func (s Personnel) Delete(ctx context.Context, scope office.Scope, ids []office.ID, edit office.Edit) ([]office.ID, error) {
	deleted := []office.ID{}
	err := s.db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		marked, err := conn.Select(ctx, tx, scanMarked, `UPDATE personnels SET (deleted_at, updated_at, revision, is_unique) = (?1, ?1, revision + 1, 1)
			WHERE deleted_at IS NULL AND id IN (SELECT unhex(value) FROM json_each(?2))
				AND (?3 OR +db_id IN (SELECT unhex(value) FROM json_each(?4)))
				AND (?5 OR revision IN (SELECT value FROM json_each(?6)))
			RETURNING seq, id, db_id, status, created_at, revision - 1`,
			conn.Millis(edit.At), conn.List(ids), scope.All, conn.List(scope.DBs), edit.IfMatch == nil, conn.List(edit.IfMatch))
		if err != nil {
			return err
		}
		counts, seqs := tally{}, make([]int64, len(marked))
		for i, m := range marked {
			after, entry := edit.Delete(m.record)
			if err := addEntry(ctx, tx, m.seq, entry); err != nil {
				return err
			}
			counts.add(m.record, -1)
			counts.add(after, 1)
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

// marked is a record that was marked as deleted: what is counted of it, and its
// revision before.
type marked struct {
	seq    int64
	record office.Personnel
}

func scanMarked(row conn.Row) (m marked, err error) {
	var created sql.NullInt64
	err = row.Scan(&m.seq, conn.ID{To: &m.record.ID}, conn.ID{To: &m.record.DBID}, &m.record.Status, &created, &m.record.Revision)
	m.record.CreatedAt = conn.Time(created)
	return m, err
}

// Restore implements personnel.HistoryStore.
func (s Personnel) Restore(ctx context.Context, scope office.Scope, id office.ID, edit office.Edit) (record office.Personnel, entry office.Entry, err error) {
	err = s.db.GroupWriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		before, err := getRecorded(ctx, tx, scope, id)
		if err != nil {
			return err
		}
		switch record = before.Personnel; {
		case !edit.Matches(record.Revision):
			return office.ErrStale
		case !record.IsDeleted:
			return nil
		}
		record, entry = edit.Restore(before.Personnel)
		return replace(ctx, tx, before.Personnel, record, entry)
	})
	return record, entry, err
}
