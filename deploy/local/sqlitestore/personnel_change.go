package sqlitestore

import (
	"context"
	"errors"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/deploy/local/sqlitestore/search"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
)

func (s Personnel) Create(ctx context.Context, records []office.Personnel, edit office.Edit) (taken []int, err error) {
	writeTx := s.db.WriteTx
	if len(records) == 1 {
		writeTx = s.db.GroupWriteTx
	}
	err = writeTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
		if err := checkDB(ctx, tx, records[0].DBID); err != nil {
			return err
		}
		taken = nil // of an attempt that was rolled back
		return writeRecords(ctx, tx, func(w *recordWriter) error {
			for i, record := range records {
				err := w.insert(record, edit.Create(record))
				switch {
				case errors.Is(err, office.ErrArmyNumberTaken):
					taken = append(taken, i) // SQLite has rolled back only this statement
				case err != nil:
					return err
				}
			}
			return nil
		})
	})
	return taken, err
}

// recordWriter writes records in a transaction.
type recordWriter struct {
	ctx   context.Context
	tx    *conn.Tx
	index *search.Indexer
	tally tally
	freed bool // an army number was given up, and another record may have had it too
}

// writeRecords lets do write records, and then what is derived from them: when it returns
// nil, the tally and the search index are right. The transaction ends with its context, but
// no statement watches that context: watching takes longer than running one.
func writeRecords(ctx context.Context, tx *conn.Tx, do func(*recordWriter) error) error {
	ctx = context.WithoutCancel(ctx)
	w := &recordWriter{ctx: ctx, tx: tx, index: search.NewIndexer(tx), tally: tally{}}
	if err := do(w); err != nil {
		return err
	}
	if w.freed {
		if err := conn.Exec(ctx, tx, regainNumbers); err != nil {
			return err
		}
	}
	if err := w.index.Save(ctx); err != nil {
		return err
	}
	return w.tally.save(ctx, tx)
}

// insert inserts a record with its history. It returns office.ErrArmyNumberTaken.
func (w *recordWriter) insert(record office.Personnel, history ...office.Entry) error {
	seq, err := conn.Insert(w.ctx, w.tx, `INSERT INTO personnels (`+rowColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, rowValues(record)...)
	if err != nil {
		return orTaken(err, office.ErrArmyNumberTaken)
	}
	for _, entry := range history {
		if err = w.addEntry(seq, entry); err != nil {
			return err
		}
	}
	w.tally.add(record, 1)
	if record.IsDeleted {
		return nil
	}
	return w.index.Add(w.ctx, search.Entry{Seq: seq, DB: record.DBID, Text: record.SearchText()})
}

func (s Personnel) Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, edit office.Edit) (record office.Personnel, entry office.Entry, err error) {
	err = s.db.GroupWriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
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
		return writeRecords(ctx, tx, func(w *recordWriter) error { return w.replace(before, record, entry) })
	})
	return record, entry, err
}

// liveRecord is storedRecord for a live record.
func liveRecord(ctx context.Context, tx *conn.Tx, scope office.Scope, id office.ID) (office.Personnel, error) {
	found, err := storedRecord(ctx, tx, scope, id)
	if err == nil && found.record.IsDeleted {
		err = office.ErrNotFound
	}
	return found.record, err
}

func (s Personnel) UpdateAll(ctx context.Context, db office.ID, changes []personnel.RecordPatch, edit office.Edit) (missing []int, err error) {
	err = s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
		missing = nil // as in Create
		return writeRecords(ctx, tx, func(w *recordWriter) error {
			for i, change := range changes {
				before, err := liveRecord(w.ctx, tx, office.ScopeOf(db), change.ID)
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
				if err := w.replace(before, after, entry); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return missing, err
}

// replace replaces a record by a changed one, which is live.
func (w *recordWriter) replace(before, after office.Personnel, entry office.Entry) error {
	isIndexed := before.DBID == after.DBID && !before.IsDeleted
	keepsNumber := before.DBID == after.DBID && before.ArmyNumber == after.ArmyNumber
	// SQLite rewrites the entry of a row in each index that has a named column, changed or not.
	statement := `UPDATE personnels SET (first_name, last_name, middle_name, phone_number, rank, bank_name, bank_sort_code,
			sub_sector, location, remark, updated_at, revision, search_text, answer)
		= (?3, ?4, ?5, ?7, ?8, ?9, ?10, ?12, ?13, ?14, ?17, ?19, ?21, ?23) WHERE id = ?25 RETURNING seq`
	if !keepsIndexEntries(before, after) {
		statement = `UPDATE personnels SET (` + rowColumns + `)
			= (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23),
			is_unique = iif(?24, is_unique, 1) WHERE id = ?25 RETURNING seq`
	}
	seq, err := conn.Get(w.ctx, w.tx, office.ErrNotFound, conn.ScanOne[int64], statement, append(rowValues(after), keepsNumber, before.ID[:])...)
	if err != nil {
		return orTaken(err, office.ErrArmyNumberTaken)
	}
	if err := w.addEntry(seq, entry); err != nil {
		return err
	}
	w.tally.add(before, -1)
	w.tally.add(after, 1)
	w.freed = w.freed || !keepsNumber
	if isIndexed && before.SearchText() == after.SearchText() {
		return nil
	}
	w.index.Remove(seq)
	return w.index.Add(w.ctx, search.Entry{Seq: seq, DB: after.DBID, Text: after.SearchText()})
}

// keepsIndexEntries tells whether a change leaves the entries in all indexes but personnels_by_change.
func keepsIndexEntries(before, after office.Personnel) bool {
	return before.DBID == after.DBID && before.ArmyNumber == after.ArmyNumber && before.AcctNumber == after.AcctNumber &&
		before.Status == after.Status && before.IsDeleted == after.IsDeleted &&
		before.BankChangedAt.Equal(after.BankChangedAt) && failedChecks(before) == failedChecks(after)
}

// remove takes a record out of the tally and the search index.
func (w *recordWriter) remove(was recordRow) {
	w.tally.add(was.record, -1)
	w.index.Remove(was.seq)
}

// Delete implements personnel.Store. The plus keeps SQLite from using an index of db_id: even
// for only five ids, it would read whole databases instead of looking up each id.
func (s Personnel) Delete(ctx context.Context, scope office.Scope, ids []office.ID, edit office.Edit) (deleted []office.ID, err error) {
	err = s.db.WriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
		marked, err := conn.Select(ctx, tx, scanDeleted, `UPDATE personnels SET (deleted_at, updated_at, revision, is_unique) = (?1, ?1, revision + 1, 1)
			WHERE deleted_at IS NULL AND id IN (SELECT unhex(value) FROM json_each(?2))
				AND (?3 OR +db_id IN (SELECT unhex(value) FROM json_each(?4)))`+notBeingDeleted+`
				AND (?5 OR revision IN (SELECT value FROM json_each(?6)))
			RETURNING seq, id, db_id, status, created_at, NULL, revision - 1`,
			conn.Millis(edit.At), conn.List(ids), scope.All, conn.List(scope.DBs), edit.IfMatch == nil, conn.List(edit.IfMatch))
		if err != nil {
			return err
		}
		deleted = office.Convert(marked, func(m recordRow) office.ID { return m.record.ID })
		return writeRecords(ctx, tx, func(w *recordWriter) error {
			w.freed = true
			for _, m := range marked {
				after, entry := edit.Delete(m.record)
				if err := w.addEntry(m.seq, entry); err != nil {
					return err
				}
				w.remove(m)
				w.tally.add(after, 1)
			}
			return nil
		})
	})
	return deleted, err
}

func (s Personnel) Restore(ctx context.Context, scope office.Scope, id office.ID, edit office.Edit) (record office.Personnel, entry office.Entry, err error) {
	err = s.db.GroupWriteTx(ctx, func(ctx context.Context, tx *conn.Tx) error {
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
		return writeRecords(ctx, tx, func(w *recordWriter) error { return w.replace(before.record, record, entry) })
	})
	return record, entry, err
}
