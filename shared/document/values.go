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

// parseIDs is the inverse of HexIDs; what is not an id is left out. The list is
// never nil.
func parseIDs(hex []string) []office.ID {
	ids := make([]office.ID, 0, len(hex))
	for _, text := range hex {
		if id, err := office.ParseID(text); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// created is the time of creation; where it was not kept, the id has it, to
// the second.
func created(id office.ID, kept time.Time) time.Time {
	if kept.IsZero() {
		return id.Timestamp().UTC()
	}
	return kept.UTC()
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// TimeOrNull is the time as the documents keep it: the zero time is null.
func TimeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// TimeOrZero is the inverse of TimeOrNull, in UTC.
func TimeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
