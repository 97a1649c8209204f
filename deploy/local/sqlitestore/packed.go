package sqlitestore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"officepay.example/shared/office"
)

// Every column of every row that SQLite hands over costs as much as finding
// the row, so a list is handed over as one row: all ids, and all texts. No text
// that the API takes has one of the separators in it.
const (
	betweenFields  = "\x1f"
	betweenRecords = "\x1e"
	packedFields   = 15
	packedList     = `SELECT count(*), group_concat(ids, ''), group_concat(texts, char(30)) FROM (
	SELECT id || db_id AS ids, concat_ws(char(31), first_name, last_name, middle_name, army_number, phone_number, rank,
		bank_name, bank_sort_code, acct_number, sub_sector, location, remark, status,
		created_at, coalesce(updated_at, '')) AS texts FROM personnels`
)

// selectLive returns live records. What follows the table's name in the query
// must leave out deleted ones, and may order the others as the API does.
func selectLive(ctx context.Context, q querier, rest string, args ...any) ([]office.Personnel, error) {
	var list packed
	var ids, texts sql.NullString // NULL of no rows
	err := q.QueryRowContext(ctx, packedList+rest+")", args...).Scan(&list.count, &ids, &texts)
	if err != nil {
		return nil, translate(err)
	}
	list.ids, list.texts = ids.String, texts.String
	if records, ok := list.unpack(); ok {
		return records, nil
	}
	return selectAll(ctx, q, scanPersonnel, "SELECT "+personnelColumns+" FROM personnels"+rest, args...)
}

// packed is a list as SQLite hands it over.
type packed struct {
	count      int
	ids, texts string
}

// unpack tells whether the records could be told apart, and are in order: a
// text from elsewhere may have a separator in it, and SQLite does not promise to
// keep the order of what it puts together, though it does.
func (p packed) unpack() ([]office.Personnel, bool) {
	records := make([]office.Personnel, p.count)
	if p.count == 0 {
		return records, true
	}
	const size = 2 * len(office.ID{})
	if len(p.ids) != p.count*size || strings.Count(p.texts, betweenRecords) != p.count-1 ||
		strings.Count(p.texts, betweenFields) != p.count*(packedFields-1) {
		return nil, false
	}
	rest := p.texts
	for i := range records {
		var texts string
		texts, rest, _ = strings.Cut(rest, betweenRecords)
		if !unpackRecord(&records[i], p.ids[i*size:(i+1)*size], texts) {
			return nil, false
		}
	}
	backward := func(a, b office.Personnel) int { return compareInOrder(b, a) }
	return records, slices.IsSortedFunc(records, compareInOrder) || slices.IsSortedFunc(records, backward)
}

func unpackRecord(p *office.Personnel, ids, texts string) bool {
	copy(p.ID[:], ids)
	copy(p.DBID[:], ids[len(p.ID):])
	var status, created, updated string
	for _, field := range [packedFields]*string{&p.FirstName, &p.LastName, &p.MiddleName, &p.ArmyNumber, &p.PhoneNumber,
		&p.Rank, &p.Bank.Name, &p.Bank.SortCode, &p.AcctNumber, &p.SubSector, &p.Location, &p.Remark, &status, &created, &updated} {
		*field, texts, _ = strings.Cut(texts, betweenFields)
	}
	p.Status = office.Status(status)
	var good, also bool
	p.CreatedAt, good = instant(created)
	p.UpdatedAt, also = instant(updated)
	return good && also
}

// instant reads a column of milliseconds; an empty one is the zero time.
func instant(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	return time.UnixMilli(ms).UTC(), err == nil
}

// compareInOrder is the order of lists.
func compareInOrder(a, b office.Personnel) int {
	return cmp.Or(compareIDs(a.DBID, b.DBID), a.CreatedAt.Compare(b.CreatedAt), compareIDs(a.ID, b.ID))
}
