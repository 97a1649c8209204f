package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"officepay.example/shared/office"
)

// Every column that SQLite hands over costs as much as finding the row, so
// lists take the ids of a record as one column and its texts as another. No
// text that the API takes has the separator in it.
const (
	packedColumns = `id || db_id, concat_ws(char(31), first_name, last_name, middle_name, army_number, phone_number, rank,
	bank_name, bank_sort_code, acct_number, sub_sector, location, remark, status), created_at, updated_at`
	separator = "\x1f"
)

// maxRoom is for how many records room is made before they are there.
const maxRoom = 1000

// selectLive returns live records, likely so many. What follows the table's
// name in the query must leave out deleted ones.
func selectLive(ctx context.Context, q querier, likely int, rest string, args ...any) ([]office.Personnel, error) {
	unpackable := false
	room := make([]office.Personnel, 0, min(likely, maxRoom))
	records, err := selectInto(ctx, q, room, func(r row) (office.Personnel, error) {
		p, ok, err := scanPacked(r)
		unpackable = unpackable || !ok
		return p, err
	}, "SELECT "+packedColumns+" FROM personnels"+rest, args...)
	if err == nil && unpackable { // a text from elsewhere has the separator in it
		return selectAll(ctx, q, scanPersonnel, "SELECT "+personnelColumns+" FROM personnels"+rest, args...)
	}
	return records, err
}

// scanPacked tells whether the texts could be told apart.
func scanPacked(r row) (p office.Personnel, ok bool, err error) {
	var ids sql.RawBytes
	var packed string
	var created, updated any // what database/sql need not convert
	if err := r.Scan(&ids, &packed, &created, &updated); err != nil {
		return p, false, err
	}
	if len(ids) != len(p.ID)+len(p.DBID) {
		return p, false, fmt.Errorf("the ids of a record have %d bytes", len(ids))
	}
	copy(p.ID[:], ids)
	copy(p.DBID[:], ids[len(p.ID):])
	p.CreatedAt, p.UpdatedAt = instant(created), instant(updated)
	texts := [...]*string{&p.FirstName, &p.LastName, &p.MiddleName, &p.ArmyNumber, &p.PhoneNumber, &p.Rank,
		&p.Bank.Name, &p.Bank.SortCode, &p.AcctNumber, &p.SubSector, &p.Location, &p.Remark, (*string)(&p.Status)}
	for _, text := range texts[:len(texts)-1] {
		if *text, packed, ok = strings.Cut(packed, separator); !ok {
			return p, false, nil
		}
	}
	p.Status = office.Status(packed)
	return p, !strings.Contains(packed, separator), nil
}

// instant is a column of milliseconds as SQLite gives it; NULL is the zero time.
func instant(column any) time.Time {
	ms, ok := column.(int64)
	return timeOf(sql.NullInt64{Int64: ms, Valid: ok})
}
