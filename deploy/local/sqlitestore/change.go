package sqlitestore

import (
	"context"
	"database/sql"
	"errors"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
	"officepay.example/services/personnel"
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
	return taken, err
}

// insertRecords inserts what it can and returns the indexes of what it cannot.
func insertRecords(ctx context.Context, tx *sql.Tx, records []office.Personnel, edit office.Edit) (taken []int, err error) {
	unwatched := context.WithoutCancel(ctx) // making a statement cancellable takes longer than running it
	err = load(unwatched, tx, nil, func(l *Loader) error {
		for i, record := range records {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			err := l.insertRecord(record, edit.Create(record))
			switch {
			case errors.Is(err, office.ErrArmyNumberTaken):
				taken = append(taken, i) // SQLite has rolled back only this statement
			case err != nil:
				return err
			}
		}
		return nil
	})
	return taken, err
}

// insertRecord inserts a record with its history, counts it and, unless it is deleted,
// indexes it. It returns office.ErrArmyNumberTaken.
func (l *Loader) insertRecord(record office.Personnel, history ...office.Entry) error {
	result, err := l.tx.ExecContext(l.ctx, `INSERT INTO personnels (`+rowColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, rowValues(record)...)
	if err != nil {
		return orTaken(err, office.ErrArmyNumberTaken)
	}
	seq, err := result.LastInsertId()
	for _, entry := range history {
		if err == nil {
			err = addEntry(l.ctx, l.tx, seq, entry)
		}
	}
	if err != nil {
		return err
	}
	l.counts.add(record, 1)
	if record.IsDeleted {
		return nil
	}
	return l.index.Add(l.ctx, search.Entry{Seq: seq, DB: record.DBID, Text: record.SearchText()})
}

// Update implements personnel.Store.
func (s Personnel) Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, edit office.Edit) (record office.Personnel, entry office.Entry, err error) {
	err = s.db.GroupWriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		before, err := liveRecord(ctx, tx, scope, id)
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

// liveRecord reads a record that is to be changed.
func liveRecord(ctx context.Context, tx *sql.Tx, scope office.Scope, id office.ID) (office.Personnel, error) {
	found, err := storedRecord(ctx, tx, scope, id)
	if err == nil && found.record.IsDeleted {
		err = office.ErrNotFound
	}
	return found.record, err
}

// UpdateAll implements personnel.Store.
func (s Personnel) UpdateAll(ctx context.Context, db office.ID, changes []personnel.RecordPatch, edit office.Edit) (missing []int, err error) {
	err = s.db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		r := replacer{tx: tx, counts: tally{}}
		unwatched := context.WithoutCancel(ctx) // as in insertRecords
		for i, change := range changes {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			before, err := liveRecord(unwatched, tx, office.ScopeOf(db), change.ID)
			if errors.Is(err, office.ErrNotFound) {
				missing = append(missing, i)
				continue
			}
			if err != nil {
				return err
			}
			after, entry := edit.Patch(before, change.Patch)
			if entry.Revision == 0 {
				continue
			}
			if err := r.write(unwatched, before, after, entry); err != nil {
				return err
			}
		}
		return r.save(ctx)
	})
	return missing, err
}

// replace replaces a record by a changed one, which is live.
func replace(ctx context.Context, tx *sql.Tx, before, after office.Personnel, entry office.Entry) error {
	r := replacer{tx: tx, counts: tally{}}
	if err := r.write(ctx, before, after, entry); err != nil {
		return err
	}
	return r.save(ctx)
}

// replacer replaces records in a transaction. What is derived from them is right once
// save has returned.
type replacer struct {
	tx     *sql.Tx
	counts tally
	texts  []search.Entry // to be indexed
	freed  bool           // an army number was given up, and another record may have had it too
}

func (r *replacer) write(ctx context.Context, before, after office.Personnel, entry office.Entry) error {
	isIndexed := before.DBID == after.DBID && !before.IsDeleted
	keepsNumber := before.DBID == after.DBID && before.ArmyNumber == after.ArmyNumber
	// SQLite writes the entries of a row in each index that has a named column, changed or not.
	statement := `UPDATE personnels SET (first_name, last_name, middle_name, phone_number, rank, bank_name, bank_sort_code,
			sub_sector, location, remark, updated_at, revision, search_text, answer)
		= (?3, ?4, ?5, ?7, ?8, ?9, ?10, ?12, ?13, ?14, ?17, ?19, ?21, ?23) WHERE id = ?25 RETURNING seq`
	if !keepsEntries(before, after) {
		statement = `UPDATE personnels SET (` + rowColumns + `)
			= (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23),
			is_unique = iif(?24, is_unique, 1) WHERE id = ?25 RETURNING seq`
	}
	seq, err := conn.Int(ctx, r.tx, statement, append(rowValues(after), keepsNumber, before.ID[:])...)
	if err != nil {
		return orTaken(err, office.ErrArmyNumberTaken)
	}
	if err := addEntry(ctx, r.tx, int64(seq), entry); err != nil {
		return err
	}
	r.counts.add(before, -1)
	r.counts.add(after, 1)
	r.freed = r.freed || !keepsNumber
	if !isIndexed || before.SearchText() != after.SearchText() {
		r.texts = append(r.texts, search.Entry{Seq: int64(seq), DB: after.DBID, Text: after.SearchText()})
	}
	return nil
}

// keepsEntries tells whether a changed record has the entries that it had in all indexes but
// personnels_by_change.
func keepsEntries(before, after office.Personnel) bool {
	return before.DBID == after.DBID && before.ArmyNumber == after.ArmyNumber && before.AcctNumber == after.AcctNumber &&
		before.Status == after.Status && before.IsDeleted == after.IsDeleted &&
		before.BankChangedAt.Equal(after.BankChangedAt) && failedChecks(before) == failedChecks(after)
}

func (r *replacer) save(ctx context.Context) error {
	if err := r.counts.save(ctx, r.tx); err != nil {
		return err
	}
	if r.freed {
		if _, err := r.tx.ExecContext(ctx, regainNumbers); err != nil {
			return err
		}
	}
	if len(r.texts) == 0 {
		return nil
	}
	return search.Reindex(ctx, r.tx, r.texts)
}

// Delete implements personnel.Store. The plus keeps SQLite from using an index of db_id:
// even for only five ids, it would read the whole database instead of looking up each.
func (s Personnel) Delete(ctx context.Context, scope office.Scope, ids []office.ID, edit office.Edit) ([]office.ID, error) {
	deleted := []office.ID{}
	err := s.db.WriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		marked, err := conn.Select(ctx, tx, scanDeleted, `UPDATE personnels SET (deleted_at, updated_at, revision, is_unique) = (?1, ?1, revision + 1, 1)
			WHERE deleted_at IS NULL AND id IN (SELECT unhex(value) FROM json_each(?2))
				AND (?3 OR +db_id IN (SELECT unhex(value) FROM json_each(?4)))`+notBeingDeleted+`
				AND (?5 OR revision IN (SELECT value FROM json_each(?6)))
			RETURNING seq, id, db_id, status, created_at, NULL, revision - 1`,
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
	return deleted, err
}

// scanDeleted scans, of a record as it was before it was deleted, the fields by which it is
// counted, and its revision.
func scanDeleted(row conn.Row) (r recordRow, err error) {
	err = row.Scan(&r.seq, conn.ID{To: &r.record.ID}, conn.ID{To: &r.record.DBID}, &r.record.Status,
		conn.Time{To: &r.record.CreatedAt}, conn.Time{To: &r.record.DeletedAt}, &r.record.Revision)
	r.record.IsDeleted = !r.record.DeletedAt.IsZero()
	return r, err
}

// Restore implements personnel.HistoryStore.
func (s Personnel) Restore(ctx context.Context, scope office.Scope, id office.ID, edit office.Edit) (record office.Personnel, entry office.Entry, err error) {
	err = s.db.GroupWriteTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		before, err := storedRecord(ctx, tx, scope, id)
		if err != nil {
			return err
		}
		switch record = before.record; {
		case !edit.Matches(record.Revision):
			return office.ErrStale
		case !record.IsDeleted:
			return nil
		}
		record, entry = edit.Restore(before.record)
		return replace(ctx, tx, before.record, record, entry)
	})
	return record, entry, err
}
