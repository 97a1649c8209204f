package conn

import (
	"database/sql"
	"encoding/json"
	"time"

	"officepay.example/shared/office"
)

// Millis is a time as a column has it: NULL for the zero time.
func Millis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// Time scans a time that Millis has written.
type Time struct{ To *time.Time }

// Scan implements sql.Scanner.
func (s Time) Scan(value any) error {
	*s.To = time.Time{}
	if ms, ok := value.(int64); ok {
		*s.To = time.UnixMilli(ms).UTC()
	}
	return nil
}

// ID scans an id from its 12 bytes. If somebody else wrote more or fewer bytes, the id is
// cut or padded, so that no list fails because of one row.
type ID struct{ To *office.ID }

// Scan implements sql.Scanner.
func (s ID) Scan(value any) error {
	bytes, _ := value.([]byte)
	*s.To = office.ID{}
	copy(s.To[:], bytes)
	return nil
}

// List encodes values for IN (SELECT value FROM json_each(?)), and ids for
// IN (SELECT unhex(value) FROM json_each(?)). So a statement has the same text for any
// number of values.
func List[T office.ID | int64 | int | string](values []T) string {
	list, _ := json.Marshal(append([]T{}, values...)) // these types can always be encoded
	return string(list)
}

// PackIDs concatenates ids.
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
