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

// Page implements personnel.Store.
func (s Personnel) Page(ctx context.Context, query personnel.Query) ([]office.Personnel, int, error) {
	w := live(query.Scope)
	if query.Status != "" {
		w.add("status = ?", query.Status)
	}
	w.words(query.Words)
	total, err := s.total(ctx, query, w)
	if err != nil {
		return nil, 0, err
	}
	records, err := selectAll(ctx, s.db.reader, scanPersonnel, "SELECT "+personnelColumns+" FROM personnels"+w.String()+
		" ORDER BY db_id, created_at, id LIMIT ? OFFSET ?", append(w.args, query.Limit, query.Offset)...)
	return records, total, err
}

// total is how many records match. Only a search has to count them.
func (s Personnel) total(ctx context.Context, query personnel.Query, w where) (int, error) {
	if len(query.Words) == 0 {
		return liveTotal(ctx, s.db.reader, query.Scope, query.Status)
	}
	return selectInt(ctx, s.db.reader, "SELECT count(*) FROM personnels"+w.String(), w.args...)
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
	return selectAll(ctx, s.db.reader, scanPersonnel, "SELECT "+personnelColumns+" FROM personnels"+w.String()+
		" ORDER BY db_id, created_at, id LIMIT ?", append(w.args, limit)...)
}

// Get implements personnel.Store.
func (s Personnel) Get(ctx context.Context, scope office.Scope, id office.ID) (office.Personnel, error) {
	return selectPersonnel(ctx, s.db.reader, scope, id)
}

func selectPersonnel(ctx context.Context, q querier, scope office.Scope, id office.ID) (office.Personnel, error) {
	w := live(scope)
	w.add("id = ?", id[:])
	record, err := scanPersonnel(q.QueryRowContext(ctx, "SELECT "+personnelColumns+" FROM personnels"+w.String(), w.args...))
	return record, translate(orMissing(err, office.ErrNotFound))
}
