package sqlitestore

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"officepay.example/shared/office"
)

const insertPersonnel = `INSERT INTO personnels (` + personnelColumns + `, search_text)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// Create implements personnel.Store.
func (s Personnel) Create(ctx context.Context, records []office.Personnel) (taken []int, err error) {
	err = s.db.change(ctx, func(tx *sql.Tx) error {
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

// insertRecords inserts what it can and returns the places of what it cannot.
func insertRecords(ctx context.Context, tx *sql.Tx, records []office.Personnel) (taken []int, err error) {
	insert, err := tx.PrepareContext(ctx, insertPersonnel)
	if err != nil {
		return nil, err
	}
	defer insert.Close()
	counts := tally{}
	for i, record := range records {
		_, err := insert.ExecContext(ctx, personnelValues(record)...)
		switch {
		case isUniqueViolation(err):
			taken = append(taken, i) // SQLite undoes the one statement
		case err != nil:
			return nil, err
		default:
			counts.add(record, 1)
		}
	}
	return taken, counts.save(ctx, tx)
}

// Update implements personnel.Store.
func (s Personnel) Update(ctx context.Context, scope office.Scope, id office.ID, patch office.PersonnelPatch, now time.Time) (record office.Personnel, err error) {
	err = s.db.change(ctx, func(tx *sql.Tx) error {
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
func replace(ctx context.Context, tx *sql.Tx, before, after office.Personnel) error {
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
	return counts.save(ctx, tx)
}

// deleteStep is how many ids one statement names: SQLite allows 32766
// parameters, and the scope has its own.
const deleteStep = 1000

// Delete implements personnel.Store.
func (s Personnel) Delete(ctx context.Context, scope office.Scope, ids []office.ID, now time.Time) ([]office.ID, error) {
	deleted := []office.ID{}
	err := s.db.change(ctx, func(tx *sql.Tx) error {
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
func deleteRecords(ctx context.Context, tx *sql.Tx, scope office.Scope, ids []office.ID, now time.Time) ([]office.Personnel, error) {
	w := live(scope)
	w.in("id", ids)
	return selectAll(ctx, tx, scanPersonnel, "UPDATE personnels SET deleted_at = ?"+w.String()+" RETURNING "+personnelColumns,
		append([]any{millis(now)}, w.args...)...)
}
