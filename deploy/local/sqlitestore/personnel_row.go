package sqlitestore

import (
	"context"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
)

const personnelColumns = `id, db_id, first_name, last_name, middle_name, army_number, phone_number, rank,
	bank_name, bank_sort_code, acct_number, sub_sector, location, remark, status, created_at, updated_at, deleted_at,
	revision, bank_changed_at`

func scanPersonnel(row conn.Row) (office.Personnel, error) { return scanRecord(row) }

// scanRecord scans a record, and what comes after it.
func scanRecord(row conn.Row, after ...any) (p office.Personnel, err error) {
	err = row.Scan(append([]any{conn.ID{To: &p.ID}, conn.ID{To: &p.DBID}, &p.FirstName, &p.LastName, &p.MiddleName, &p.ArmyNumber,
		&p.PhoneNumber, &p.Rank, &p.Bank.Name, &p.Bank.SortCode, &p.AcctNumber, &p.SubSector, &p.Location, &p.Remark,
		&p.Status, conn.Time{To: &p.CreatedAt}, conn.Time{To: &p.UpdatedAt}, conn.Time{To: &p.DeletedAt},
		&p.Revision, conn.Time{To: &p.BankChangedAt}}, after...)...)
	p.IsDeleted = !p.DeletedAt.IsZero()
	return p, err
}

// recordRow is a record, or the fields of it that are needed, and the number of its row.
type recordRow struct {
	seq    int64
	record office.Personnel
}

// scanRecordRow scans personnelColumns, and seq.
func scanRecordRow(row conn.Row) (r recordRow, err error) {
	r.record, err = scanRecord(row, &r.seq)
	return r, err
}

// scanDeleted scans, of a record before its deletion, the fields by which it is counted, and its revision.
func scanDeleted(row conn.Row) (r recordRow, err error) {
	err = row.Scan(&r.seq, conn.ID{To: &r.record.ID}, conn.ID{To: &r.record.DBID}, &r.record.Status,
		conn.Time{To: &r.record.CreatedAt}, conn.Time{To: &r.record.DeletedAt}, &r.record.Revision)
	r.record.IsDeleted = !r.record.DeletedAt.IsZero()
	return r, err
}

// storedRecord reads a record of a scope, live or deleted.
func storedRecord(ctx context.Context, q conn.Querier, scope office.Scope, id office.ID) (recordRow, error) {
	found, err := conn.Get(ctx, q, office.ErrNotFound, scanRecordRow, "SELECT "+personnelColumns+", seq FROM personnels WHERE id = ?"+notBeingDeleted, id[:])
	if err == nil && !scope.Allows(found.record.DBID) {
		err = office.ErrNotFound
	}
	return found, err
}

// rowColumns are those of a record, and what is derived from it. A live record is also kept
// as it is answered: every column that SQLite hands over costs as much as finding the row.
const rowColumns = personnelColumns + ", search_text, checks, answer"

func rowValues(p office.Personnel) []any {
	return []any{p.ID[:], p.DBID[:], p.FirstName, p.LastName, p.MiddleName, p.ArmyNumber, p.PhoneNumber, p.Rank,
		p.Bank.Name, p.Bank.SortCode, p.AcctNumber, p.SubSector, p.Location, p.Remark, p.Status,
		conn.Millis(p.CreatedAt), conn.Millis(p.UpdatedAt), conn.Millis(p.DeletedAt), p.Revision,
		conn.Millis(p.BankChangedAt), p.SearchText(), failedChecks(p), string(p.JSON())}
}

// derivedText is all that is derived from a record in its row.
func derivedText(r office.RecordWithHistory) string {
	text := r.SearchText() + failedChecks(r.Personnel)
	if !r.IsDeleted {
		text += string(r.JSON())
	}
	return text
}

// failedChecks are the checks that find something in the record, in one text.
func failedChecks(p office.Personnel) string { return office.Join(p.FailedChecks(), " ") }

// refreshDerived derives the checks and the answer of each record anew.
func refreshDerived(ctx context.Context, tx *conn.Tx) error {
	unwatched := context.WithoutCancel(ctx) // watching a context takes longer than a statement
	for last := int64(0); ; {
		rows, err := conn.Select(ctx, tx, scanRecordRow, "SELECT "+personnelColumns+", seq FROM personnels WHERE seq > ? ORDER BY seq LIMIT 1000", last)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			err := conn.Exec(unwatched, tx, "UPDATE personnels SET (checks, answer) = (?1, ?2) WHERE seq = ?3 AND (checks, answer) <> (?1, ?2)",
				failedChecks(row.record), string(row.record.JSON()), row.seq)
			if err != nil {
				return err
			}
			last = row.seq
		}
	}
}
