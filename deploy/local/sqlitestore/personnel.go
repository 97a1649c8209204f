package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"math"
	"slices"
	"time"

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

// After implements personnel.Store. It asks for one database after the other:
// each query begins at its first record in the index, however many there are
// before it.
func (s Personnel) After(ctx context.Context, scope office.Scope, last office.Personnel, limit int) ([]office.Personnel, error) {
	if scope.All {
		return s.between(ctx, last, lastID, limit)
	}
	records := []office.Personnel{}
	for _, db := range slices.Compact(slices.SortedFunc(slices.Values(scope.DBs), compareIDs)) {
		if len(records) == limit || compareIDs(db, last.DBID) < 0 {
			continue
		}
		if db != last.DBID {
			last = office.Personnel{DBID: db, CreatedAt: time.UnixMilli(math.MinInt64)}
		}
		more, err := s.between(ctx, last, db, limit-len(records))
		if err != nil {
			return nil, err
		}
		records = append(records, more...)
	}
	return records, nil
}

// between returns the first records after the given one, of no database after
// the given one.
func (s Personnel) between(ctx context.Context, last office.Personnel, lastDB office.ID, limit int) ([]office.Personnel, error) {
	return selectLive(ctx, s.db.reader, " WHERE deleted_at IS NULL AND (db_id, created_at, id) > (?, ?, ?) AND db_id <= ?"+inOrder+" LIMIT ?",
		last.DBID[:], last.CreatedAt.UnixMilli(), last.ID[:], lastDB[:], limit)
}

// lastID is the last of all that are possible.
var lastID = office.ID(bytes.Repeat([]byte{0xff}, len(office.ID{})))

func compareIDs(a, b office.ID) int { return bytes.Compare(a[:], b[:]) }

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
