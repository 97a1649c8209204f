package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

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

// personnelValues are the columns of a record, its search text and checks.
func personnelValues(p office.Personnel) []any {
	return []any{p.ID[:], p.DBID[:], p.FirstName, p.LastName, p.MiddleName, p.ArmyNumber, p.PhoneNumber, p.Rank,
		p.Bank.Name, p.Bank.SortCode, p.AcctNumber, p.SubSector, p.Location, p.Remark, p.Status,
		conn.Millis(p.CreatedAt), conn.Millis(p.UpdatedAt), conn.Millis(p.DeletedAt), p.Revision,
		conn.Millis(p.BankChangedAt), p.SearchText(), keptChecks(p)}
}

// Every column that SQLite hands over costs as much as finding the row, so
// lists take a live record as one text: its ids as they are, and its fields. No
// text that the API takes has the separator in it.
const (
	separator    = "\x1f"
	joinedFields = 18
	joinedRecord = `concat_ws(char(31), id || db_id, first_name, last_name, middle_name, army_number, phone_number, rank,
	bank_name, bank_sort_code, acct_number, sub_sector, location, remark, status, created_at, coalesce(updated_at, ''),
	revision, coalesce(bank_changed_at, ''))`
)

// selectRecords runs a query for the joinedRecord of live records.
func selectRecords(ctx context.Context, q conn.Querier, query string, args ...any) ([]office.Personnel, error) {
	texts, err := conn.Select(ctx, q, conn.ScanText, query, args...)
	if err != nil {
		return nil, err
	}
	return splitRecords(ctx, q, texts)
}

func splitRecords(ctx context.Context, q conn.Querier, texts []string) (records []office.Personnel, err error) {
	records = make([]office.Personnel, 0, len(texts))
	for _, text := range texts {
		var record office.Personnel
		if !splitRecord(&record, text) {
			record, err = conn.Get(ctx, q, office.ErrNotFound, scanPersonnel, "SELECT "+personnelColumns+" FROM personnels WHERE id = ?", record.ID[:])
			if errors.Is(err, office.ErrNotFound) { // its id is none
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		records = append(records, record)
	}
	return records, nil
}

// splitRecord tells whether the fields of a record could be told apart: a text
// that came from elsewhere may have the separator in it.
func splitRecord(p *office.Personnel, joined string) bool {
	const ids = 2 * len(office.ID{})
	copy(p.ID[:], joined)
	if len(joined) < ids {
		return false
	}
	copy(p.DBID[:], joined[len(p.ID):])
	if strings.Count(joined[ids:], separator) != joinedFields-1 {
		return false
	}
	var status, created, updated, revision, bankChanged string
	rest := joined[ids+len(separator):]
	for _, field := range [joinedFields - 1]*string{&p.FirstName, &p.LastName, &p.MiddleName, &p.ArmyNumber, &p.PhoneNumber,
		&p.Rank, &p.Bank.Name, &p.Bank.SortCode, &p.AcctNumber, &p.SubSector, &p.Location, &p.Remark, &status, &created, &updated,
		&revision, &bankChanged} {
		*field, rest, _ = strings.Cut(rest, separator)
	}
	p.Status, p.CreatedAt, p.UpdatedAt = office.Status(status), timeOf(created), timeOf(updated)
	p.BankChangedAt = timeOf(bankChanged)
	p.Revision, _ = strconv.Atoi(revision) // which is a number in every row
	return true
}

// timeOf reads the digits of a column of milliseconds; none are the zero time.
func timeOf(digits string) time.Time {
	ms, err := strconv.ParseInt(digits, 10, 64)
	return conn.Time(sql.NullInt64{Int64: ms, Valid: err == nil})
}
