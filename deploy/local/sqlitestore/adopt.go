package sqlitestore

import (
	"context"
	"fmt"
	"log/slog"

	"go.mongodb.org/mongo-driver/v2/bson"

	"officepay.example/deploy/local/sqlitestore/conn"
	"officepay.example/shared/document"
	"officepay.example/shared/office"
)

// table is a table whose rows are checked by the rules for imported documents: an older
// version, or a person, may have written what the API would refuse.
type table[T document.Content] struct {
	name, columns string
	derived       string         // SQL for what a row has that is derived from it, and for the length of its ids
	derive        func(T) string // the same, as it would be written now
	scan          func(conn.Row) (T, error)
	add           func(*Loader, T) (Outcome, error)
	forget        func(*Loader, T, int64) error // removes what is derived from a row
}

var (
	usersTable = table[office.User]{
		name: "users", columns: userColumns, scan: scanUser, add: (*Loader).AddUser, derived: "search_text || army_number_folded || length(id)",
		derive: func(u office.User) string { return u.SearchText() + office.Fold(u.ArmyNumber) + "12" },
	}
	dbsTable = table[office.DB]{
		name: "dbs", columns: dbColumns, scan: scanDB, add: (*Loader).AddDB, derived: "search_text || length(id)",
		derive: func(d office.DB) string { return d.SearchText() + "12" },
	}
	personnelsTable = table[office.RecordWithHistory]{
		name: "personnels", columns: columnsWithHistory, scan: scanWithHistory, forget: (*Loader).forgetRecord,
		add:     func(l *Loader, r office.RecordWithHistory) (Outcome, error) { return l.AddPersonnel(r, office.Now()) },
		derived: "search_text || checks || iif(deleted_at IS NULL, answer, '') || length(id) || length(db_id)",
		derive:  func(r office.RecordWithHistory) string { return derivedText(r) + "1212" },
	}
)

// oddRow is a row that would now be written in another form, or not at all.
type oddRow[T document.Content] struct {
	seq      int64
	was, is  T
	isStale  bool     // what is derived from it
	document bson.Raw // of was
	document.Findings
}

func (t table[T]) oddRows(ctx context.Context, q conn.Querier) (odd []oddRow[T], err error) {
	scan := func(row conn.Row) (r oddRow[T], err error) {
		var derived string
		if r.was, err = t.scan(longerRow{row, []any{&derived, &r.seq}}); err != nil {
			return r, err
		}
		r.document, err = bson.Marshal(document.Of(r.was))
		r.is, r.Findings = document.Read[T](r.document, nil)
		r.isStale = derived != t.derive(r.is)
		return r, err
	}
	err = conn.Each(ctx, q, scan, func(r oddRow[T]) error {
		if r.isStale || r.IsOdd() {
			odd = append(odd, r)
		}
		return nil
	}, "SELECT "+t.columns+", "+t.derived+", seq FROM "+t.name)
	return odd, err
}

// longerRow is a row with more columns than the scan function asks for.
type longerRow struct {
	conn.Row
	more []any
}

// Scan implements conn.Row.
func (l longerRow) Scan(columns ...any) error { return l.Row.Scan(append(columns, l.more...)...) }

// adopt rewrites the odd rows of a table, or sets aside and logs those that cannot be served.
func (t table[T]) adopt(l *Loader) error {
	odd, err := t.oddRows(l.ctx, l.tx)
	if err != nil || len(odd) == 0 {
		return err
	}
	for _, row := range odd {
		if err := t.adoptRow(l, row); err != nil {
			return err
		}
	}
	slog.InfoContext(l.ctx, "odd rows were rewritten or set aside", "table", t.name, "rows", len(odd))
	return nil
}

// adoptRow writes a row anew, or sets it aside as it was.
func (t table[T]) adoptRow(l *Loader, row oddRow[T]) error {
	err := conn.Exec(l.ctx, l.tx, "DELETE FROM "+t.name+" WHERE seq = ?", row.seq)
	if err == nil && t.forget != nil {
		err = t.forget(l, row.was, row.seq)
	}
	if err != nil {
		return err
	}
	id := row.document.Lookup("_id").ObjectID().Hex()
	if row.Err() == nil {
		outcome, err := t.add(l, row.is)
		if outcome == Duplicate {
			slog.WarnContext(l.ctx, "two rows have the same number or code; both are served, and one should be corrected or deleted",
				"table", t.name, "id", id)
		}
		return err
	}
	for _, problem := range row.Problems {
		slog.WarnContext(l.ctx, "a row cannot be served and is set aside; the command export writes it to a file",
			"table", t.name, "id", id, "field", problem.Field, "reason", problem.What)
	}
	return conn.Exec(l.ctx, l.tx, "INSERT INTO set_aside (collection, document) VALUES (?, ?)", t.name, []byte(row.document))
}

func (l *Loader) forgetRecord(was office.RecordWithHistory, seq int64) error {
	l.remove(recordRow{seq, was.Personnel})
	return conn.Exec(l.ctx, l.tx, "DELETE FROM history WHERE seq = ?", seq)
}

// tables are all that hold documents. One that refers to another comes after it.
var tables = []interface{ adopt(*Loader) error }{dbsTable, usersTable, personnelsTable}

// adopt adopts the odd rows of all tables, and counts all records anew: an edit by hand does not.
func adopt(ctx context.Context, tx *conn.Tx) error {
	if err := refreshDerived(ctx, tx); err != nil {
		return err
	}
	err := writeRecords(ctx, tx, func(w *recordWriter) error {
		for _, table := range tables {
			if err := table.adopt(&Loader{recordWriter: w}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return conn.Exec(ctx, tx, `DELETE FROM tally; INSERT INTO tally (month, db_id, status, n) `+computedTally+`;
		DELETE FROM tally_of_all; INSERT INTO tally_of_all SELECT month, status, sum(n) FROM tally GROUP BY month, status`)
}

// faults implements check.
func (t table[T]) faults(ctx context.Context, q conn.Querier) (faults []string, err error) {
	odd, err := t.oddRows(ctx, q)
	if len(odd) > 0 {
		faults = []string{fmt.Sprintf("%s: %d rows must be rewritten or set aside", t.name, len(odd))}
	}
	return faults, err
}

// Two rows with the same number or code stay marked until one of them gives it up. After every
// change that may have done that, these statements make the other one's unique again.
const (
	regainNumbers = "UPDATE OR IGNORE personnels SET is_unique = 1 WHERE is_unique IS NULL"
	regainCodes   = `UPDATE OR IGNORE dbs SET short_code_folded = substr(short_code_folded, 1, instr(short_code_folded, char(10)) - 1)
		WHERE instr(short_code_folded, char(10)) > 0`
)
