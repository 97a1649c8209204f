package sqlitestore

import (
	"context"
	"database/sql"

	"officepay.example/services/personnel"
	"officepay.example/shared/office"
)

// Personnel is the store of the personnel service.
type Personnel struct{ common }

var _ personnel.Store = Personnel{}

// Personnel is the store of the personnel service in this database.
func (db *DB) Personnel() Personnel { return Personnel{common{db}} }

const personnelColumns = `id, db_id, first_name, last_name, middle_name, army_number, phone_number, rank,
	bank_name, bank_sort_code, acct_number, sub_sector, location, remark, status, created_at, updated_at, deleted_at`

func scanPersonnel(r row) (office.Personnel, error) {
	var p office.Personnel
	var created, updated, deleted sql.NullInt64
	err := r.Scan(scannedID{&p.ID}, scannedID{&p.DBID}, &p.FirstName, &p.LastName, &p.MiddleName, &p.ArmyNumber,
		&p.PhoneNumber, &p.Rank, &p.Bank.Name, &p.Bank.SortCode, &p.AcctNumber, &p.SubSector, &p.Location, &p.Remark,
		&p.Status, &created, &updated, &deleted)
	p.CreatedAt, p.UpdatedAt, p.DeletedAt = timeOf(created), timeOf(updated), timeOf(deleted)
	p.IsDeleted = deleted.Valid
	return p, err
}

// personnelValues are the columns of a record and its search text.
func personnelValues(p office.Personnel) []any {
	return []any{p.ID[:], p.DBID[:], p.FirstName, p.LastName, p.MiddleName, p.ArmyNumber, p.PhoneNumber, p.Rank,
		p.Bank.Name, p.Bank.SortCode, p.AcctNumber, p.SubSector, p.Location, p.Remark, p.Status,
		millis(p.CreatedAt), millis(p.UpdatedAt), millis(p.DeletedAt), p.SearchText()}
}

// CheckDB implements personnel.Store.
func (s Personnel) CheckDB(ctx context.Context, id office.ID) error {
	return checkDB(ctx, s.db.reader, id)
}

// live are the conditions of being seen in a scope.
func live(scope office.Scope) where {
	var w where
	w.add("deleted_at IS NULL")
	w.scope("db_id", scope)
	return w
}

// After implements personnel.Store.
func (s Personnel) After(ctx context.Context, scope office.Scope, last office.Personnel, limit int) ([]office.Personnel, error) {
	w := live(scope)
	w.add("(db_id, created_at, id) > (?, ?, ?)", last.DBID[:], last.CreatedAt.UnixMilli(), last.ID[:])
	return selectLive(ctx, s.db.reader, w.String()+inOrder+" LIMIT ?", append(w.args, limit)...)
}

// Get implements personnel.Store.
func (s Personnel) Get(ctx context.Context, scope office.Scope, id office.ID) (office.Personnel, error) {
	return selectPersonnel(ctx, s.db.reader, scope, id)
}

func selectPersonnel(ctx context.Context, q querier, scope office.Scope, id office.ID) (office.Personnel, error) {
	w := live(scope)
	w.add("id = ?", id[:])
	records, err := selectLive(ctx, q, w.String(), w.args...)
	if err != nil {
		return office.Personnel{}, err
	}
	if len(records) == 0 {
		return office.Personnel{}, office.ErrNotFound
	}
	return records[0], nil
}
