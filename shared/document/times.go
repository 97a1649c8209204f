package document

import (
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// timeForms are the forms of times in text. Without a zone they are in UTC, as in the old backend.
var timeForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
	time.DateOnly, time.RFC1123, time.RFC1123Z,
}

// time reads a time in whole milliseconds; zero if it is missing.
func (r *reader) time(field string) time.Time {
	v := r.value(field)
	at, ok := readTime(v)
	at = at.UTC().Truncate(time.Millisecond)
	switch year := at.Year(); {
	case isMissing(v) || isBlank(v):
		return time.Time{}
	case !ok:
		r.problem(field, "is not a date or time")
	case year < 1 || year > 9999:
		r.problem(field, "is outside the years 1 to 9999")
	case v.Type != bson.TypeDateTime:
		r.note(field, "is a time kept as a number or a text: taken as a time")
	}
	return at
}

func readTime(v bson.RawValue) (time.Time, bool) {
	switch v.Type {
	case bson.TypeDateTime:
		ms, ok := v.DateTimeOK()
		return time.UnixMilli(ms), ok
	case bson.TypeTimestamp:
		seconds, _, ok := v.TimestampOK()
		return time.Unix(int64(seconds), 0), ok
	case bson.TypeString:
		text, _ := v.StringValueOK()
		for _, form := range timeForms {
			if at, err := time.Parse(form, strings.TrimSpace(text)); err == nil {
				return at, true
			}
		}
		return time.Time{}, false
	}
	n, _ := wholeNumber(v)
	return sinceEpoch(n)
}

// sinceEpoch takes a number of seconds, milliseconds, microseconds or nanoseconds since
// 1970: whichever of them makes a time between 1980 and 2100. At most one does.
func sinceEpoch(n int64) (time.Time, bool) {
	for perSecond := int64(1); perSecond <= int64(time.Second); perSecond *= 1000 {
		at := time.Unix(n/perSecond, n%perSecond*(int64(time.Second)/perSecond)).UTC()
		if 1980 <= at.Year() && at.Year() < 2100 {
			return at, true
		}
	}
	return time.Time{}, false
}
