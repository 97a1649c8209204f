package sqlitestore

import (
	"context"
	"database/sql"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/office"
)

const personnelColumns = `id, db_id, first_name, last_name, middle_name, army_number, phone_number, rank,
	bank_name, bank_sort_code, acct_number, sub_sector, location, remark, status, created_at, updated_at, deleted_at,
	revision, bank_changed_at`

func scanPersonnel(row conn.Row) (office.Personnel, error) { return scanRecord(row) }

// scanRecord scans a record, and what comes after it.
func scanRecord(row conn.Row, after ...any) (office.Personnel, error) {
	var p office.Personnel
	var created, updated, deleted, bankChanged sql.NullInt64
	err := row.Scan(append([]any{conn.ID{To: &p.ID}, conn.ID{To: &p.DBID}, &p.FirstName, &p.LastName, &p.MiddleName, &p.ArmyNumber,
		&p.PhoneNumber, &p.Rank, &p.Bank.Name, &p.Bank.SortCode, &p.AcctNumber, &p.SubSector, &p.Location, &p.Remark,
		&p.Status, &created, &updated, &deleted, &p.Revision, &bankChanged}, after...)...)
	p.CreatedAt, p.UpdatedAt, p.DeletedAt = conn.Time(created), conn.Time(updated), conn.Time(deleted)
	p.IsDeleted, p.BankChangedAt = deleted.Valid, conn.Time(bankChanged)
	return p, err
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

// answerSchema has room for the records as they are answered.
const answerSchema = "ALTER TABLE personnels ADD COLUMN answer TEXT NOT NULL DEFAULT '{}'"

// refreshDerived derives anew what the row of each record has beside the record.
func refreshDerived(ctx context.Context, tx *sql.Tx) error {
	unwatched := context.WithoutCancel(ctx) // to watch over a context takes longer than a statement
	for last := int64(0); ; {
		rows, err := conn.Select(ctx, tx, func(row conn.Row) (m recordRow, err error) {
			m.record, err = scanRecord(row, &m.seq)
			return m, err
		}, "SELECT "+personnelColumns+", seq FROM personnels WHERE seq > ? ORDER BY seq LIMIT 1000", last)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, m := range rows {
			_, err := tx.ExecContext(unwatched, "UPDATE personnels SET (checks, answer) = (?1, ?2) WHERE seq = ?3 AND (checks, answer) <> (?1, ?2)",
				failedChecks(m.record), string(m.record.JSON()), m.seq)
			if err != nil {
				return err
			}
			last = m.seq
		}
	}
}
