package sqlitestore

import (
	"context"
	"slices"
	"time"

	"officepay.example/shared/office"
)

const insertPersonnel = `INSERT INTO personnels (` + personnelColumns + `, search_text)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// Create implements personnel.Store.
func (s Personnel) Create(ctx context.Context, records []office.Personnel) (taken []int, err error) {
	create := func(ctx context.Context, tx *transaction) error {
		if err := checkDB(ctx, tx, records[0].DBID); err != nil {
			return err
		}
		taken, err = insertRecords(ctx, tx, records)
		return err
	}
	if len(records) == 1 {
		err = s.db.changeOne(ctx, create)
	} else {
		err = s.db.change(ctx, func(tx *transaction) error { return create(ctx, tx) })
	}
	if err != nil {
		return nil, err
	}
	return taken, nil
}

// insertRecords inserts what it can and returns the places of what it cannot.
func insertRecords(ctx context.Context, tx *transaction, records []office.Personnel) (taken []int, err error) {
	counts, index := tally{}, newIndexer(tx)
	// To watch over a context takes longer than a statement.
	unwatched := context.WithoutCancel(ctx)
	for i, record := range records {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err := insertRecord(unwatched, tx, index, record)
		switch {
		case isUniqueViolation(err):
			taken = append(taken, i) // SQLite undoes the one statement
		case err != nil:
			return nil, err
		default:
			counts.add(record, 1)
		}
	}
	if err := index.save(ctx); err != nil {
		return nil, err
	}
	return taken, counts.save(ctx, tx)
}

// insertRecord inserts a record and makes it findable.
func insertRecord(ctx context.Context, tx *transaction, index *indexer, record office.Personnel) error {
	result, err := tx.ExecContext(ctx, insertPersonnel, personnelValues(record)...)
	if err != nil {
		return err
	}
	seq, err := result.LastInsertId()
	if err != nil || record.IsDeleted {
		return err
	}
	return index.add(ctx, entry{seq, record.DBID, record.SearchText()})
}

// Update implements personnel.Store.
func (s Personnel) Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, now time.Time) (record office.Personnel, err error) {
	err = s.db.changeOne(ctx, func(ctx context.Context, tx *transaction) error {
		record, err = selectPersonnel(ctx, tx, scope, id)
		if err != nil {
			return err
		}
		if patch.DBID != nil {
			if err := checkDB(ctx, tx, *patch.DBID); err != nil {
				return err
			}
		}
		before := record
		patch.Apply(&record)
		record.UpdatedAt = now
		return replace(ctx, tx, before, record)
	})
	return record, err
}

// replace writes a changed record in the place of the former.
func replace(ctx context.Context, tx *transaction, before, after office.Personnel) error {
	_, err := tx.ExecContext(ctx, `UPDATE personnels SET (`+personnelColumns+`, search_text)
		= (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?`,
		append(personnelValues(after), before.ID[:])...)
	if isUniqueViolation(err) {
		return office.ErrArmyNumberTaken
	}
	if err != nil {
		return err
	}
	counts := tally{}
	counts.add(before, -1)
	counts.add(after, 1)
	if err := counts.save(ctx, tx); err != nil {
		return err
	}
	return newIndexer(tx).change(ctx, before, after)
}

// deleteStep is how many ids one statement names: SQLite allows 32766
// parameters, and the scope has its own.
const deleteStep = 1000

// Delete implements personnel.Store.
func (s Personnel) Delete(ctx context.Context, scope office.Scope, ids []office.ID, now time.Time) ([]office.ID, error) {
	deleted := []office.ID{}
	err := s.db.change(ctx, func(tx *transaction) error {
		counts := tally{}
		for step := range slices.Chunk(ids, deleteStep) {
			records, err := deleteRecords(ctx, tx, scope, step, now)
			if err != nil {
				return err
			}
			for _, record := range records {
				counts.add(record, 1)
				record.IsDeleted = false
				counts.add(record, -1)
				deleted = append(deleted, record.ID)
			}
		}
		return counts.save(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return deleted, nil
}

// deleteRecords marks the records as deleted and returns them as they are
// then.
func deleteRecords(ctx context.Context, tx *transaction, scope office.Scope, ids []office.ID, now time.Time) ([]office.Personnel, error) {
	w := liveAmong(scope, ids)
	if err := newIndexer(tx).remove(ctx, w); err != nil {
		return nil, err
	}
	return selectAll(ctx, tx, scanPersonnel, "UPDATE personnels SET deleted_at = ?"+w.String()+" RETURNING "+personnelColumns,
		append([]any{millis(now)}, w.args...)...)
}

// liveAmong are the conditions of being one of the records and seen in a scope.
// The plus keeps SQLite from the indexes of db_id: for as few as five ids it
// would read the whole database instead of looking for each.
func liveAmong(scope office.Scope, ids []office.ID) where {
	var w where
	w.add("deleted_at IS NULL")
	w.in("id", ids)
	w.scope("+db_id", scope)
	return w
}
