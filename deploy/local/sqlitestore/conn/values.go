package conn

import (
	"database/sql"
	"encoding/json"
	"time"

	"officepay.example/shared/office"
)

// Millis is a time as a column holds it; the zero time is NULL.
func Millis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// Time is the inverse of Millis.
func Time(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

// ID lets an id be scanned from its 12 bytes. What is shorter or longer, which no
// program of ours writes, becomes one all the same: no list fails for one row.
type ID struct{ To *office.ID }

// Scan implements sql.Scanner.
func (s ID) Scan(value any) error {
	bytes, _ := value.([]byte)
	*s.To = office.ID{}
	copy(s.To[:], bytes)
	return nil
}

// List writes values for IN (SELECT value FROM json_each(?)), and ids for
// IN (SELECT unhex(value) FROM json_each(?)): a statement whose text is the
// same however many there are.
func List[T office.ID | int64 | int | string](values []T) string {
	list, _ := json.Marshal(append([]T{}, values...)) // such values can always be written
	return string(list)
}

// PackIDs writes ids one after the other.
func PackIDs(ids []office.ID) []byte {
	packed := make([]byte, 0, len(ids)*len(office.ID{}))
	for _, id := range ids {
		packed = append(packed, id[:]...)
	}
	return packed
}

// UnpackIDs is the inverse of PackIDs. Its list is never nil.
func UnpackIDs(packed []byte) []office.ID {
	const size = len(office.ID{})
	ids := make([]office.ID, 0, len(packed)/size)
	for ; len(packed) >= size; packed = packed[size:] {
		ids = append(ids, office.ID(packed))
	}
	return ids
}
