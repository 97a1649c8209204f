package office

import (
	"strings"
	"testing"
	"time"
)

func TestParseID(t *testing.T) {
	const digits = "0123456789abcdef01234567"
	cases := map[string]struct {
		text string
		ok   bool
	}{
		"24 digits":               {digits, true},
		"capitals":                {strings.ToUpper(digits), true},
		"zero":                    {strings.Repeat("0", 24), true},
		"empty":                   {"", false},
		"23 digits":               {digits[1:], false},
		"25 digits":               {digits + "0", false},
		"26 digits":               {digits + "00", false},
		"not a digit":             {"g" + digits[1:], false},
		"blank in front":          {" " + digits[1:], false},
		"the 12 bytes themselves": {"abcdefghijkl", false},
		"digits of another width": {strings.Repeat("０", 8), false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			id, err := ParseID(test.text)
			if !test.ok {
				if err == nil || err.Error() != "must be an id of 24 hex digits" || !id.IsZero() {
					t.Errorf("ParseID(%q) = %v, %v", test.text, id, err)
				}
				return
			}
			if err != nil || id.Hex() != strings.ToLower(test.text) {
				t.Errorf("ParseID(%q) = %v, %v", test.text, id, err)
			}
		})
	}
}

func TestNewIDsAscend(t *testing.T) {
	last := NewID()
	for range 10 {
		id := NewID()
		if id.Hex() <= last.Hex() {
			t.Fatalf("%v was made after %v", id, last)
		}
		last = id
	}
}

// The stores keep milliseconds, so what a create answers must not have more.
func TestNowIsWhatTheStoresKeep(t *testing.T) {
	now := Now()
	if now.Location() != time.UTC || !now.Equal(now.Truncate(time.Millisecond)) {
		t.Errorf("%v has another zone or more than milliseconds", now)
	}
	if age := time.Since(now); age < 0 || age > time.Minute {
		t.Errorf("%v is not now", now)
	}
}
