package document

import (
	"time"

	"officepay.example/shared/office"
)

// HexIDs are the ids as the documents name them. The list is never nil.
func HexIDs(ids []office.ID) []string {
	hex := make([]string, len(ids))
	for i, id := range ids {
		hex[i] = id.Hex()
	}
	return hex
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// TimeOrNull is the time as the documents keep it: the zero time is null.
func TimeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// TimeOrZero is TimeOrNull undone, in UTC.
func TimeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
