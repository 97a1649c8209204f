package sqlitestore

import (
	"context"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/services/personnel"
	"officepay.example/shared/office"
)

// Shared implements personnel.CheckStore. An index has all records in order of the value.
// For a small scope, only its records are read, and sorted.
func (s Personnel) Shared(ctx context.Context, scope office.Scope, by personnel.Key, after string, limit int) (values []string, err error) {
	column := string(by)
	err = s.db.ReadTx(ctx, func(ctx context.Context, q *conn.Tx) error {
		inScope, err := countLive(ctx, q, scope)
		if err != nil {
			return err
		}
		all, err := countLive(ctx, q, office.Scope{All: true})
		if err != nil {
			return err
		}
		matching := " AND " + column + " > ?1 AND +db_id IN (SELECT unhex(value) FROM json_each(?3))"
		switch {
		case scope.All:
			matching = " AND " + column + " > ?1" + notBeingDeleted
		case inScope < all/smallPart:
			matching = " AND +" + column + " > ?1 AND db_id IN (SELECT unhex(value) FROM json_each(?3))"
		}
		values, err = conn.Select(ctx, q, conn.ScanOne[string], "SELECT "+column+" FROM personnels WHERE deleted_at IS NULL"+matching+
			" GROUP BY "+column+" HAVING count(*) > 1 ORDER BY "+column+" LIMIT ?2", after, limit, conn.List(scope.DBs))
		return err
	})
	return values, err
}

// smallPart says which scopes are small: those with fewer than 1/smallPart of all records.
const smallPart = 8

func countLive(ctx context.Context, q conn.Querier, scope office.Scope) (int, error) {
	return conn.Int(ctx, q, `SELECT sum(n) FROM tally WHERE month = 0 AND status <> 'deleted'
		AND (? OR db_id IN (SELECT unhex(value) FROM json_each(?)))`, scope.All, conn.List(scope.DBs))
}

var scanPayee = conn.Scan(func(p *office.Payee) []any {
	return []any{conn.ID{To: &p.ID}, conn.ID{To: &p.DBID}, &p.ArmyNumber, &p.FirstName, &p.LastName, &p.Status, &p.AcctNumber,
		&p.Bank.Name, &p.Bank.SortCode}
})

// holderIndexes are the indexes, with their columns, in which the holders of a value are looked up.
var holderIndexes = map[personnel.Key]string{
	personnel.ByAccount:    "personnels_by_account ON r.acct_number",
	personnel.ByArmyNumber: "personnels_by_person ON r.army_number",
}

// Holders implements personnel.CheckStore. Nothing is sorted: the cross join looks up one
// value after the other, and the index has the records of each in order.
func (s Personnel) Holders(ctx context.Context, scope office.Scope, by personnel.Key, values []string, each func(office.Payee) error) error {
	return conn.Each(ctx, s.db.Reader, scanPayee, each, `SELECT r.id, r.db_id, r.army_number, r.first_name, r.last_name, r.status,
			r.acct_number, r.bank_name, r.bank_sort_code
		FROM json_each(?) AS v
		CROSS JOIN personnels AS r INDEXED BY `+holderIndexes[by]+` = v.value
		WHERE r.deleted_at IS NULL AND (? OR r.db_id IN (SELECT unhex(value) FROM json_each(?)))`+notBeingDeleted,
		conn.List(values), scope.All, conn.List(scope.DBs))
}

// Flagged implements personnel.CheckStore. The total and the ids are as of one moment.
func (s Personnel) Flagged(ctx context.Context, query personnel.FlagQuery) ([]office.ID, int, error) {
	matching, arg := "checks <> '' AND instr(checks, ?) > 0", any(query.Check)
	switch query.Check {
	case office.NewPayee:
		matching, arg = "created_at >= ?", query.Since.UnixMilli()
	case office.BankChanged:
		matching, arg = "bank_changed_at >= ?", query.Since.UnixMilli()
	}
	const fromLive = " FROM personnels WHERE deleted_at IS NULL AND db_id = ? AND "
	return pageOfDBs(ctx, s.db, query.Scope, "", query.Offset, query.Limit,
		func(ctx context.Context, q conn.Querier, in liveCount, offset, limit int) ([]office.ID, int, error) {
			count, err := conn.Int(ctx, q, "SELECT count(*)"+fromLive+matching, in.id[:], arg)
			if err != nil || offset >= count || limit == 0 {
				return nil, count, err
			}
			ids, err := conn.Select(ctx, q, scanID, "SELECT id"+fromLive+matching+" ORDER BY created_at, id LIMIT ? OFFSET ?",
				in.id[:], arg, limit, offset)
			return ids, count, err
		})
}
