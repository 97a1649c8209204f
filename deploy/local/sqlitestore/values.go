package sqlitestore

import (
	"database/sql"
	"fmt"
	"strings"
	"time"

	"officepay.example/shared/office"
)

// millis is a time as a column holds it; the zero time is NULL.
func millis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// timeOf is millis undone.
func timeOf(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

// packIDs writes ids one after the other.
func packIDs(ids []office.ID) []byte {
	packed := make([]byte, 0, len(ids)*len(office.ID{}))
	for _, id := range ids {
		packed = append(packed, id[:]...)
	}
	return packed
}

// unpackIDs is packIDs undone. Its list is never nil.
func unpackIDs(packed []byte) []office.ID {
	const size = len(office.ID{})
	ids := make([]office.ID, 0, len(packed)/size)
	for ; len(packed) >= size; packed = packed[size:] {
		ids = append(ids, office.ID(packed))
	}
	return ids
}

// scannedID lets an id be scanned from its 12 bytes.
type scannedID struct{ id *office.ID }

func (s scannedID) Scan(value any) error {
	bytes, ok := value.([]byte)
	if !ok || len(bytes) != len(s.id) {
		return fmt.Errorf("an id column holds %T instead of 12 bytes", value)
	}
	copy(s.id[:], bytes)
	return nil
}

// where collects conditions that are joined by AND.
type where struct {
	conditions []string
	args       []any
}

func (w *where) add(condition string, args ...any) {
	w.conditions = append(w.conditions, condition)
	w.args = append(w.args, args...)
}

// What conditions have for each id but the first, and for each word. Nothing
// else is written so: isFrequent counts them.
const (
	furtherID = ",?"
	hasWord   = "instr(search_text, ?) > 0"
)

// in adds that the column is one of the ids.
func (w *where) in(column string, ids []office.ID) {
	marks := strings.TrimPrefix(strings.Repeat(furtherID, len(ids)), ",")
	w.conditions = append(w.conditions, column+" IN ("+marks+")")
	for _, id := range ids {
		w.args = append(w.args, id[:])
	}
}

// scope adds that the column is a database of the scope.
func (w *where) scope(column string, scope office.Scope) {
	if !scope.All {
		w.in(column, scope.DBs)
	}
}

// words adds that each of the words is somewhere in search_text. instr takes
// them as they are: no character means anything but itself.
func (w *where) words(words []string) {
	for _, word := range words {
		w.add(hasWord, word)
	}
}

// String is the whole clause, or nothing where there is no condition.
func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}
